"""Reading and keeping very many records without Python looking through them again and again."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Hold off the search for cycles while records are made, and pass them over afterwards.

    Records hold no cycles and go by reference counts; the search costs a large import half its
    time. What exists when the block ends is never searched again: for programs that end soon.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
