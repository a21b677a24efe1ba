"""Is the process alive, is it ready, what does it count: asked by machines, answered in JSON."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Final, TypeVar

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response

from services.chassis.telemetry import Telemetry

Answer = bool | str
"""True, or False, or the reason why not."""
Check = Callable[[], Answer | Awaitable[Answer]]
Checks = Callable[[], Awaitable[Mapping[str, Answer]]]

CHECK_SECONDS: Final = 2.0
TOO_SLOW: Final = f"no answer within {CHECK_SECONDS:g} s"
T = TypeVar("T")
LAG_EVERY: Final = 0.5  # seconds
LAG_AT_MOST: Final = 5.0  # seconds; a loop that lags longer answers nobody


class Probes:
    """What a process must be able to do, by name."""

    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry
        self._live: dict[str, Check] = {"loop": self._loop_answers}
        self._ready: dict[str, Check] = {}
        self._ready_together: list[Checks] = []
        self._lag = 0.0

    def live(self, name: str, check: Check) -> None:
        """Without this the process should be started anew."""
        self._live[name] = check

    def ready(self, name: str, check: Check) -> None:
        """Without this the process should get no work for now."""
        self._ready[name] = check

    def ready_together(self, checks: Checks) -> None:
        """Several answers by name, asked in one go."""
        self._ready_together.append(checks)

    @asynccontextmanager
    async def measuring(self) -> AsyncIterator[None]:
        """Measure how late the event loop is, all the while."""
        task = asyncio.create_task(self._measure())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    def routes(self) -> APIRouter:
        """`/livez`, `/readyz` and `/metrics`."""
        router = APIRouter(include_in_schema=False)
        router.add_api_route("/livez", self._livez, name="livez")
        router.add_api_route("/readyz", self._readyz, name="readyz")
        router.add_api_route("/metrics", self._metrics, name="metrics")
        return router

    async def _livez(self) -> Response:
        return _told(await _answers(self._live))

    async def _readyz(self) -> Response:
        answers = await _answers(self._ready)
        for checks in self._ready_together:
            answers |= await _in_time(checks(), {"checks": TOO_SLOW})
        return _told(answers)

    async def _metrics(self) -> Response:
        return Response(self._telemetry.exposition(), media_type="text/plain; version=0.0.4")

    async def _measure(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + LAG_EVERY
            await asyncio.sleep(LAG_EVERY)
            self._lag = max(loop.time() - due, 0.0)
            self._telemetry.gauge("loop_lag_seconds", self._lag)

    def _loop_answers(self) -> Answer:
        return self._lag < LAG_AT_MOST or f"the event loop was {self._lag:.1f} s late"


async def _answers(checks: Mapping[str, Check]) -> dict[str, Answer]:
    given = await asyncio.gather(*(_ask(check) for check in checks.values()))
    return dict(zip(checks, given, strict=True))


async def _ask(check: Check) -> Answer:
    given = check()
    return await _in_time(given, TOO_SLOW) if inspect.isawaitable(given) else given


async def _in_time(answer: Awaitable[T], otherwise: T) -> T:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await answer
    except TimeoutError:
        return otherwise


def _told(answers: Mapping[str, Answer]) -> Response:
    is_well = all(answer is True for answer in answers.values())
    return JSONResponse({"ok": is_well, "checks": dict(answers)}, 200 if is_well else 503)
