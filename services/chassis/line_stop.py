"""When a line is to stop: a bug in one decision must not park a whole topic. Pure."""

from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

STOP_KEYS: Final = 20  # different keys parked by one (route, error class) ...
STOP_SHARE: Final = 0.05  # ... and more than this share of the route's records ...
STOP_SECONDS: Final = 600.0  # ... within this time
BUCKET_SECONDS: Final = 10.0


@dataclass
class LineStop:
    """Counts what each route handled and parked.

    A route is the type of an event or the sort of a clock; of what cannot be read, its topic.
    """

    monotonic: Callable[[], float]
    _handled: deque[tuple[float, Counter[str]]] = field(default_factory=deque)
    _parked: deque[tuple[float, str, str, str]] = field(default_factory=deque)

    def note_handled(self, routes: Mapping[str, int]) -> None:
        """So many records of each route went through."""
        now = self.monotonic()
        if not self._handled or self._handled[-1][0] < now - BUCKET_SECONDS:
            self._handled.append((now, Counter()))
        self._handled[-1][1].update(routes)
        self._forget(now)

    def note_parked(self, route: str, error: str, key: str) -> bool:
        """One was parked; True when this route parks too many different keys for one error."""
        now = self.monotonic()
        self._parked.append((now, route, error, key))
        self._forget(now)
        keys = {k for _, r, e, k in self._parked if (r, e) == (route, error)}
        parked = sum(r == route for _, r, _, _ in self._parked)
        handled = sum(counted[route] for _, counted in self._handled)
        return len(keys) >= STOP_KEYS and len(keys) > STOP_SHARE * (handled + parked)

    def start_anew(self) -> None:
        """A person has looked at it."""
        self._parked.clear()

    def _forget(self, now: float) -> None:
        while self._handled and self._handled[0][0] < now - STOP_SECONDS:
            self._handled.popleft()
        while self._parked and self._parked[0][0] < now - STOP_SECONDS:
            self._parked.popleft()
