import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from deploy.local.failure import Failure
from deploy.local.ports import require_free
from deploy.local.process import PAUSE, Process, raise_if_failed, too_late
from deploy.local.signals import ENDING, Signals

READY_SECONDS = 60.0
GRACE_SECONDS = 10.0


class Ended(Exception):
    """A person, or whoever started this program, asked it to end."""


class Supervisor:
    """Starts parts, tells when each is ready, and ends all of them whatever happens."""

    def __init__(self, *, say: Callable[[str, str, int], None]) -> None:
        self._say = say
        self._parts: list[Process] = []

    def __enter__(self) -> Self:
        self._signals = Signals()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        self._signals.__exit__(kind, error, trace)

    def start(self, parts: Sequence[Process], *, seconds: float = READY_SECONDS) -> None:
        """Start parts side by side and return when all are ready.

        Raises:
            Failure: a part ended, was late, or a port is in use.
            Ended: somebody asked to end.
        """
        require_free_ports(parts)
        began = time.monotonic()
        for part in parts:
            self._parts.append(part)
            part.start()
        waiting = list(parts)
        while waiting:
            self._raise_if_ended(seconds=PAUSE)
            for part in [part for part in waiting if part.ready()]:
                waiting.remove(part)
                self._say(part.name, part.what, milliseconds_since(began))
            if waiting and time.monotonic() - began > seconds:
                raise Failure(too_late(waiting[0], seconds))

    def watch(self, *, done: Callable[[], bool] = lambda: False) -> None:
        """Return when `done` says so after one of our children ended.

        Raises:
            Failure: a part ended unasked.
            Ended: somebody asked to end.
        """
        while not done():
            self._raise_if_ended(seconds=None)

    def look(self) -> None:
        """Say at once whether all goes on.

        Raises:
            Failure: a part ended unasked.
            Ended: somebody asked to end.
        """
        self._raise_if_ended(seconds=0)

    def stop(self) -> None:
        """End all parts, the last started first; a second signal ends the patience."""
        while self._parts:
            part = self._parts.pop()
            part.ask_to_stop()
            self._wait_for_end(part)
            part.kill()

    def _wait_for_end(self, part: Process) -> None:
        deadline = time.monotonic() + GRACE_SECONDS
        while part.is_alive and time.monotonic() < deadline:
            if self._signals.wait(deadline - time.monotonic()) & ENDING:
                return

    def _raise_if_ended(self, *, seconds: float | None) -> None:
        if self._signals.wait(seconds) & ENDING:
            raise Ended
        for part in self._parts:
            raise_if_failed(part)


def require_free_ports(parts: Sequence[Process]) -> None:
    """Raise a sentence before anything is started, if a port is taken."""
    for part in parts:
        for port in part.ports:
            require_free(part.name, port)


def milliseconds_since(began: float) -> int:
    """Whole milliseconds of monotonic time."""
    return round((time.monotonic() - began) * 1000)
