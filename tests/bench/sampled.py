"""The services with a sampler: where in each the processor's time goes.

Each millisecond of the process's processor time the stack of its event loop is noted; where the
loop only waits, that of a thread that works. When the service ends its log holds its stacks. Long
calls of C count once, so shares are of what Python does.
"""

import json
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import FrameType
from typing import Any, Final

from fastapi import FastAPI

from services.chassis.settings import read
from services.notifications import main as notifications
from services.plans import main as plans
from services.referrals import main as referrals

EVERY_SECONDS: Final = 0.001
SAID: Final = "STACKS "  # before the line of the log that holds them
WAITING: Final = (  # the ends of stacks that do nothing
    "selectors.py select",
    "threading.py wait",
    "concurrent/futures/thread.py _worker",
    "pymongo/periodic_executor.py _run",
    "pymongo/network_layer.py recv_into",
    "sampled.py _sample",
)

Stack = tuple[str, ...]  # `file function`, outermost first


class Sampler:
    """Counts the stacks it meets."""

    def __init__(self) -> None:
        self._stacks: Counter[Stack] = Counter()

    @property
    def count(self) -> int:
        """How many samples were taken."""
        return self._stacks.total()

    def start(self) -> None:
        """Sample from now on."""
        signal.signal(signal.SIGPROF, self._sample)
        signal.setitimer(signal.ITIMER_PROF, EVERY_SECONDS, EVERY_SECONDS)

    def stop(self) -> None:
        """Sample no more, and say what was met."""
        signal.setitimer(signal.ITIMER_PROF, 0)
        met = [[list(stack), times] for stack, times in self._stacks.items()]
        sys.stdout.write(SAID + json.dumps(met) + "\n")
        sys.stdout.flush()

    def _sample(self, number: int, frame: FrameType | None) -> None:
        del number
        stack = _stack(frame)
        if _waits(stack):
            threads = (_stack(each) for each in sys._current_frames().values())
            stack = next((each for each in threads if not _waits(each)), ())
        if stack:
            self._stacks[stack] += 1


def _waits(stack: Stack) -> bool:
    return not stack or stack[-1].endswith(WAITING)


def _stack(frame: FrameType | None) -> Stack:
    found = []
    while frame is not None:
        found.append(f"{frame.f_code.co_filename} {frame.f_code.co_name}")
        frame = frame.f_back
    return tuple(reversed(found))


def _sampled(app: FastAPI) -> FastAPI:
    """The application, which is sampled while it runs."""
    inner = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(running: FastAPI) -> AsyncIterator[Any]:
        async with inner(running) as state:
            sampler = Sampler()
            sampler.start()
            try:
                yield state
            finally:
                sampler.stop()

    app.router.lifespan_context = lifespan
    return app


def plans_service() -> FastAPI:
    """The plan service."""
    return _sampled(plans.build(read("plans")))


def referrals_service() -> FastAPI:
    """The referral service."""
    return _sampled(referrals.build(read("referrals")))


def notifications_service() -> FastAPI:
    """The notification service."""
    return _sampled(notifications.build(read("notifications")))
