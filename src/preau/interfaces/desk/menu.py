"""Where a page of the desk is."""

from django.urls import reverse


def trail(*above: tuple[str, str], here: str) -> list[tuple[str, str]]:
    """Breadcrumb below « Bureau »: (words, name of a page without argument) pairs, then this page."""
    steps = [("Bureau", "home"), *above]
    return [*((words, reverse(f"desk:{name}")) for words, name in steps), (here, "")]
