"""What does not exist, and what is somebody else's: the same answer (W11)."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404


@contextmanager
def or_404() -> Iterator[None]:
    """Turn « no such object for this family » into the page that says so."""
    try:
        yield
    except ObjectDoesNotExist as unknown:
        raise Http404 from unknown
