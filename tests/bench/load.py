"""Needs written over HTTP, as fast as answered or at a steady rate; lean, so that it costs little.

One connection carries one request at a time, as a browser's does.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from services.plans.usecases import need_id_of

ACCEPTED: Final = b"303"
BUSY: Final = b"503"
CONNECTIONS: Final = 64
CATEGORIES: Final = ("enrich.tutoring", "enrich.after-school", "enrich.sports", "enrich.arts")


@dataclass(frozen=True, kw_only=True)
class Need:
    """One need to be written: its id, and the request that writes it."""

    need_id: str
    request: bytes


@dataclass(frozen=True, kw_only=True)
class Writer:
    """A case manager who is signed in, and a student of theirs."""

    student_id: str
    cookie: str


def need(number: int, key: UUID, writer: Writer) -> Need:
    """The request of a need, as the page's form sends it."""
    form = {
        "key": str(key),
        "category": CATEGORIES[number % len(CATEGORIES)],
        "summary": "Two afternoons a week would help",
    }
    body = urlencode(form).encode()
    head = (
        f"POST /plans/students/{writer.student_id}/needs HTTP/1.1\r\n"
        f"Host: 127.0.0.1\r\nCookie: {writer.cookie}\r\nSec-Fetch-Site: same-origin\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return Need(need_id=need_id_of(key), request=head.encode() + body)


class Refused(Exception):
    """A need was not taken."""


class Site:
    """Connections to one service; `answered` holds when each need was, in wall clock seconds.

    `busy` are needs that were not taken because too much waits, where that `may_be_busy`.
    """

    def __init__(self, port: int, *, may_be_busy: bool = False) -> None:
        self._port = port
        self._may_be_busy = may_be_busy
        self.busy: set[str] = set()
        self._free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]]
        self.answered: dict[str, float] = {}
        self.asked: dict[str, float] = {}

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Site"]:
        """The site with its connections."""
        self._free = asyncio.Queue()
        for _ in range(CONNECTIONS):
            self._free.put_nowait(await self._connected())
        try:
            yield self
        finally:
            while not self._free.empty():
                self._free.get_nowait()[1].close()

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self._port)

    async def flood(self, needs: Sequence[Need]) -> None:
        """Write needs one after the other on every connection."""
        left = iter(needs)

        async def work() -> None:
            for each in left:
                await self._write(each)

        await asyncio.gather(*(work() for _ in range(CONNECTIONS)))

    async def paced(self, needs: Sequence[Need], *, a_second: float) -> None:
        """Write needs at a steady rate, whether or not earlier ones were answered."""
        began = time.monotonic()
        tasks = []
        for number, each in enumerate(needs):
            await asyncio.sleep(began + number / a_second - time.monotonic())
            tasks.append(asyncio.create_task(self._write(each)))
        await asyncio.gather(*tasks)

    async def _write(self, each: Need) -> None:
        """Write one need.

        Raises:
            Refused: the answer was no redirect to the student's page.
        """
        self.asked[each.need_id] = time.time()
        connection = await self._free.get()
        try:
            head = await _answer(connection, each.request)
        except (asyncio.IncompleteReadError, ConnectionError):  # it was idle, and the server left
            connection[1].close()
            connection = await self._connected()
            head = await _answer(connection, each.request)
        finally:
            self._free.put_nowait(connection)
        status = head.split(b" ", 2)[1]
        if status == BUSY and self._may_be_busy:
            self.busy.add(each.need_id)
            return
        if status != ACCEPTED:
            raise Refused(head.split(b"\r\n", 1)[0].decode())
        self.answered[each.need_id] = time.time()


async def _answer(
    connection: tuple[asyncio.StreamReader, asyncio.StreamWriter], request: bytes
) -> bytes:
    """Send a request and read its answer; gives the head."""
    reader, writer = connection
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    await reader.readexactly(_length(head))
    return head


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.split(b":")[1])
    return 0
