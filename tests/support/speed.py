"""What keeps the suite quick without any test knowing."""

import gc


def pytest_collection_finish() -> None:
    """Leave the thousands of tests collected out of every later search for garbage: they live to the end."""
    gc.collect()
    gc.freeze()
