"""How long to let more messages gather before the next batch. Pure.

Every transaction costs about 3 ms of CPU over all processes, however little it holds. Under load a
few large batches are a third as dear as many small ones; when idle nobody waits for company.
"""

from typing import Final

SECONDS_PER_MESSAGE: Final = 0.001
LONGEST_SECONDS: Final = 0.05
FULL: Final = 250  # so many at once are a backlog: go on


def pause_after(messages: int) -> float:
    """Seconds to rest after a batch of so many: none when idle, none before a backlog."""
    if messages >= FULL:
        return 0.0
    return min(messages * SECONDS_PER_MESSAGE, LONGEST_SECONDS)
