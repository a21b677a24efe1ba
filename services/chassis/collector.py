"""How often Python looks for cycles of objects that nothing else refers to.

States, events and records hold no cycles and go by reference counts; the search looks through all
that is alive again and again, and costs most where much is kept.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

YOUNG_AT_MOST: Final = 50_000  # new objects between two searches; Python's own choice is 700


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Hold off the search while records are made, and pass them over afterwards.

    It costs a large import half its time. What exists when the block ends is never searched again:
    for programs that end soon.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def collect_seldom() -> None:
    """Search seldom, and never what is alive now: for a server that has just started."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_AT_MOST, 20, 100)
