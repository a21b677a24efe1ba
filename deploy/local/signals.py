import os
import select
import signal
from types import FrameType, TracebackType
from typing import Self

ENDING = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})


class Signals:
    """The signals that reach this process, to be waited for instead of interrupting it.

    A handler in Python may run while the main thread holds any lock; a byte in a pipe, written by
    the interpreter itself, cannot deadlock and lets one wait for signals without polling.
    """

    def __init__(self) -> None:
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._reader, False)
        os.set_blocking(self._writer, False)
        self._before = {
            number: signal.signal(number, nothing) for number in (*ENDING, signal.SIGCHLD)
        }
        self._before_fd = signal.set_wakeup_fd(self._writer)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        signal.set_wakeup_fd(self._before_fd)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        os.close(self._reader)
        os.close(self._writer)

    def wait(self, seconds: float | None = None) -> frozenset[int]:
        """The signals that came, at the latest after the given seconds none."""
        if not select.select([self._reader], [], [], seconds)[0]:
            return frozenset()
        return frozenset(os.read(self._reader, 4096))


def nothing(number: int, frame: FrameType | None) -> None:
    """Handle a signal by its byte in the pipe alone."""
