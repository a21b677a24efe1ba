"""Sessions kept on the server: they can be ended, and a stolen database opens none.

The browser holds a random token of 256 bits, the database its SHA-256. Staff sign-ins and the
step-up of family links use the same store under different cookies.
"""

import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from services.chassis.kinds import Document, Index
from services.chassis.mongo import Database

COLLECTION: Final = "sessions"
INDEXES: Final = (
    Index((("expires_at", 1),), expire_after_seconds=0),
    Index((("subject", 1),)),
)
TOKEN_BYTES: Final = 32
TOUCH_EVERY: Final = timedelta(minutes=1)
CACHE_SECONDS: Final = 2.0  # for so long another process may still honour an ended session
CACHED_AT_MOST: Final = 10_000


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """How long a session lasts without use, and at the most."""

    idle: timedelta = timedelta(hours=2)
    absolute: timedelta = timedelta(hours=12)


@dataclass(frozen=True, kw_only=True)
class Cookie:
    """A cookie that holds a token; over plain HTTP browsers take neither `__Host-` nor `Secure`."""

    name: str
    is_plain: bool = False

    @property
    def full_name(self) -> str:
        """The name as the browser has it."""
        return self.name if self.is_plain else f"__Host-{self.name}"

    def read(self, request: Request) -> str | None:
        """The token that a request brings."""
        return request.cookies.get(self.full_name)

    def give(self, response: Response, token: str) -> None:
        """Let the browser keep a token until it is closed."""
        response.set_cookie(
            self.full_name, token, path="/", httponly=True, samesite="lax", secure=not self.is_plain
        )

    def take(self, response: Response) -> None:
        """Let the browser forget its token."""
        response.delete_cookie(
            self.full_name, path="/", httponly=True, samesite="lax", secure=not self.is_plain
        )


@dataclass(frozen=True, kw_only=True)
class Session:
    """An open session: whose, since when, and what was proven in it."""

    subject: str
    opened_at: datetime
    expires_at: datetime
    facts: Mapping[str, Any] = field(default_factory=dict)


class Sessions:
    """The open sessions of one sort, such as `staff` or `family`."""

    def __init__(
        self,
        platform: Database,
        sort: str,
        *,
        real_time: Callable[[], datetime],
        bounds: Bounds | None = None,
    ) -> None:
        # Whoever has just signed in is known at once; one that an election undoes is asked again.
        self._rows = platform.collection(COLLECTION, newest=True)
        self._sort = sort
        self._real_time = real_time
        self._bounds = bounds or Bounds()
        self._cache: dict[bytes, tuple[datetime, Session]] = {}

    async def open(
        self, subject: str, facts: Mapping[str, Any] | None = None, *, instead_of: str | None = None
    ) -> str:
        """Open a session and give its token; the one before it ends, so that none is fixed."""
        if instead_of:
            await self.end(instead_of)
        now = self._real_time()
        token = secrets.token_urlsafe(TOKEN_BYTES)
        row = {
            "_id": _hash(token),
            "sort": self._sort,
            "subject": subject,
            "facts": dict(facts or {}),
            "opened_at": now,
            "touched_at": now,
            "expires_at": now + min(self._bounds.idle, self._bounds.absolute),
        }
        await self._rows.insert_many([row])
        return token

    async def find(self, token: str | None) -> Session | None:
        """The open session of a token; finding it keeps it from running idle."""
        if not token:
            return None
        key, now = _hash(token), self._real_time()
        kept = self._cache.get(key)
        if kept and now - kept[0] < timedelta(seconds=CACHE_SECONDS) and now < kept[1].expires_at:
            return kept[1]
        self._cache.pop(key, None)
        row = await self._rows.find_one(
            {"_id": key, "sort": self._sort, "expires_at": {"$gt": now}}
        )
        return self._keep(key, now, await self._touched(row, now)) if row else None

    async def end(self, token: str) -> None:
        """End one session; twice is once."""
        await self._delete({"_id": _hash(token)})

    async def end_all(self, subject: str) -> int:
        """End every session of a person; gives how many."""
        return await self._delete({"subject": subject, "sort": self._sort})

    async def _delete(self, which: Mapping[str, Any]) -> int:
        self._cache.clear()
        return await self._rows.delete_many(which)

    async def _touched(self, row: Document, now: datetime) -> Document:
        if now - row["touched_at"] < TOUCH_EVERY:
            return row
        until = min(now + self._bounds.idle, row["opened_at"] + self._bounds.absolute)
        change = {"touched_at": now, "expires_at": until}
        await self._rows.update_one({"_id": row["_id"]}, {"$set": change})
        return row | change

    def _keep(self, key: bytes, now: datetime, row: Document) -> Session:
        if len(self._cache) >= CACHED_AT_MOST:
            self._cache.clear()
        session = Session(
            subject=row["subject"],
            opened_at=row["opened_at"],
            expires_at=row["expires_at"],
            facts=row["facts"],
        )
        self._cache[key] = (now, session)
        return session


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
