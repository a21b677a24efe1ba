"""Ids that changed, told to whoever watches them: no fact, no name.

Fed by commits of this process and, between processes, by the only change stream there is, on the
small collection `changes`; it is open only while somebody watches, for it costs on every write.
"""

import asyncio
import re
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from types import FrameType
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Header, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.exceptions import HTTPException

from services.chassis.hopeless import end_if_hopeless
from services.chassis.kinds import Document, Index
from services.chassis.logs import log
from services.chassis.mongo import Database
from services.chassis.scope import Principal
from services.chassis.telemetry import Telemetry
from services.chassis.waiting import is_told_to_end

COLLECTION: Final = "changes"
KEPT: Final = timedelta(seconds=60)
INDEXES: Final = (Index((("at", 1),), expire_after_seconds=int(KEPT.total_seconds())),)
IDS_AT_MOST: Final = 200  # per watcher
WATCHERS_AT_MOST: Final = 1_000  # per process
OVERLAP: Final = timedelta(seconds=5)  # clocks of two processes differ
BACK_OFF: Final = (0.1, 0.5, 2.0, 5.0)  # seconds
CANCEL_AGAIN: Final = 0.2  # seconds
ID: Final = re.compile(r"[\w:.-]{1,100}", re.ASCII)
Allowed = Callable[[Principal, frozenset[str]], Awaitable[frozenset[str]]]


def change(id: object, ids: Iterable[str], at: datetime) -> Document:
    """The document that tells other processes what a commit changed."""
    return {"_id": id, "ids": sorted(set(ids)), "at": at}


class Watcher:
    """One open page: which ids it shows, and which of them changed. Never more than it shows."""

    def __init__(self, ids: frozenset[str]) -> None:
        self.ids = ids
        self._changed: set[str] = set()
        self._woken = asyncio.Event()
        self._is_over = False

    def tell(self, ids: Iterable[str]) -> None:
        """Some ids changed."""
        self._changed |= self.ids.intersection(ids)
        if self._changed:
            self._woken.set()

    def end(self) -> None:
        """Tell nothing more."""
        self._is_over = True
        self._woken.set()

    async def changes(self) -> AsyncIterator[str]:
        """Ids as they change, each once however often it did meanwhile."""
        while not self._is_over:
            await self._woken.wait()
            self._woken.clear()
            changed, self._changed = self._changed, set()
            for each in sorted(changed):
                yield each


class Live:
    """Who watches what in this process."""

    def __init__(self, database: Database, telemetry: Telemetry) -> None:
        self._rows = database.collection(COLLECTION)
        self._telemetry = telemetry
        self._watchers: set[Watcher] = set()
        self._stream: asyncio.Task[None] | None = None
        self._opened = asyncio.Event()  # or it failed to open: all hear all ids once it does
        self._is_closed = False

    def publish(self, ids: Iterable[str]) -> None:
        """Tell the watchers of this process at once, after a commit."""
        if self._watchers:
            told = frozenset(ids)
            for watcher in self._watchers:
                watcher.tell(told)

    @asynccontextmanager
    async def watch(
        self, ids: Iterable[str], *, since: datetime | None = None, has_slept: bool = False
    ) -> AsyncIterator[Watcher]:
        """A watcher of some ids, told first what changed `since` its page was made.

        That is read once the stream is open, so that nothing falls between the two; or once it
        failed to open, which the driver's timeouts bound. A page that slept looks at all it shows.
        """
        watcher = Watcher(frozenset(ids))
        self._join(watcher)
        if has_slept:
            watcher.tell(watcher.ids)
        try:
            if since:
                await self._opened.wait()
                watcher.tell(await self._changed_since(since))
            yield watcher
        finally:
            await self._leave(watcher)

    @property
    def has_room(self) -> bool:
        """Whether one more may watch."""
        return not self._is_closed and len(self._watchers) < WATCHERS_AT_MOST

    @property
    def is_streaming(self) -> bool:
        """Whether the change stream is wanted now."""
        return self._stream is not None

    def close(self) -> None:
        """End all watching, so that open pages do not keep the process from ending."""
        self._is_closed = True
        for watcher in self._watchers:
            watcher.end()
        self._opened.set()

    def _join(self, watcher: Watcher) -> None:
        self._watchers.add(watcher)
        self._telemetry.gauge("watchers", len(self._watchers))
        if self._is_closed:
            watcher.end()
        elif self._stream is None:
            self._opened = asyncio.Event()
            self._stream = asyncio.create_task(self._follow(self._opened))

    async def _leave(self, watcher: Watcher) -> None:
        self._watchers.discard(watcher)
        self._telemetry.gauge("watchers", len(self._watchers))
        stream = self._stream
        if stream is not None and not self._watchers:
            self._stream = None
            await _cancelled(stream)

    async def _follow(self, opened: asyncio.Event) -> None:
        """Read the change stream; after a gap every watcher hears all its ids."""
        tries = 0
        while not is_told_to_end():
            try:
                async with self._rows.changes() as changes:
                    if tries:
                        self._tell_all()
                    opened.set()
                    async for document in changes:
                        tries = 0
                        self.publish(document["ids"])
            except Exception as error:  # one that cannot be taken up again is opened anew
                end_if_hopeless(error)
                log("live").warning("stream.lost", tries=tries, exc_info=error)
            finally:
                opened.set()
            await asyncio.sleep(BACK_OFF[min(tries, len(BACK_OFF) - 1)])
            tries += 1

    def _tell_all(self) -> None:
        for watcher in self._watchers:
            watcher.tell(watcher.ids)

    async def _changed_since(self, since: datetime) -> set[str]:
        rows = await self._rows.find({"at": {"$gte": since - OVERLAP}}, fields=("ids",))
        return {each for row in rows for each in row["ids"]}


async def _cancelled(task: asyncio.Task[None]) -> None:
    """End a task; Python 3.11 can lose a cancellation inside the driver, so it is repeated."""
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=CANCEL_AGAIN)


def routes(
    live: Live,
    may_watch: Allowed,
    who: Callable[..., Awaitable[Principal]],
    *,
    path: str,
    real_time: Callable[[], datetime],
) -> APIRouter:
    """One live address: `<path>?ids=a,b&since=<milliseconds>`; each event is named by its id.

    `may_watch` gives those of the ids that a person may see; none left is 404.
    """
    router = APIRouter(include_in_schema=False)

    async def wanted(
        person: Annotated[Principal, Depends(who)], ids: Annotated[str, Query(max_length=20_000)]
    ) -> frozenset[str]:
        asked = frozenset(each for each in ids.split(",")[:IDS_AT_MOST] if ID.fullmatch(each))
        seen = asked & await may_watch(person, asked)
        if not seen:
            raise HTTPException(404)
        if not live.has_room:
            raise HTTPException(503, headers={"Retry-After": "5"})
        return seen

    @router.get(path, name="live", response_class=EventSourceResponse)
    async def stream(
        ids: Annotated[frozenset[str], Depends(wanted)],
        since: int | None = None,
        last_event_id: Annotated[str | None, Header()] = None,
    ) -> AsyncIterator[ServerSentEvent]:
        seen_until = moment(last_event_id) or moment(since)
        told = live.watch(ids, since=seen_until, has_slept=has_slept(seen_until, real_time()))
        async with told as watcher:
            yield ServerSentEvent(comment="watching", retry=2_000)
            async for each in watcher.changes():
                at = round(real_time().timestamp() * 1000)
                yield ServerSentEvent(event=each, raw_data=each, id=str(at))

    return router


def has_slept(since: datetime | None, now: datetime) -> bool:
    """Whether changes that a page has not seen may be kept no more."""
    return since is not None and now - since > KEPT - OVERLAP


def moment(milliseconds: str | int | None) -> datetime | None:
    """The time that an event's id or an address says, if it says one."""
    try:
        return datetime.fromtimestamp(int(milliseconds or 0) / 1000, UTC) if milliseconds else None
    except (ValueError, OverflowError, OSError):
        return None


@contextmanager
def ending_with_the_process(live: Live) -> Iterator[None]:
    """Close on SIGTERM and SIGINT: a server first waits for open answers, and these never end."""
    loop = asyncio.get_running_loop()
    before: dict[signal.Signals, Any] = {}

    def close(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(live.close)
        if callable(handler := before[signal.Signals(number)]):
            handler(number, frame)

    try:
        for each in (signal.SIGTERM, signal.SIGINT):
            before[each] = signal.signal(each, close)
    except ValueError:  # not the main thread: whoever runs the server there ends it too
        pass
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
