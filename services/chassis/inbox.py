"""Ids already handled, written in the transaction of their effect; those of events never expire."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from services.chassis.kinds import Index
from services.chassis.messages import Message
from services.chassis.mongo import Database, Session

COLLECTION: Final = "inbox"
COMMANDS_KEPT: Final = timedelta(days=7)
INDEXES: Final = (Index((("expires_at", 1),), expire_after_seconds=0, sparse=True),)


class Inbox:
    """What this service has handled."""

    def __init__(self, database: Database) -> None:
        self._rows = database.collection(COLLECTION)

    async def seen(self, session: Session, ids: Iterable[UUID]) -> dict[UUID, bytes | None]:
        """Those of the ids that were handled, each with its command's fingerprint."""
        wanted = {"_id": {"$in": list(ids)}}
        rows = await self._rows.find(wanted, session=session)
        return {row["_id"]: row.get("fingerprint") for row in rows}

    async def pass_over(self, session: Session, event: UUID) -> None:
        """Remember an event that is never to have an effect, if it had none."""
        if not await self.seen(session, [event]):
            await self._rows.insert_many([{"_id": event}], session=session)

    async def add(self, session: Session, messages: Sequence[Message], now: datetime) -> None:
        """Remember messages; an id that another writer added meanwhile is `StaleWrite`."""
        await self._rows.insert_many(
            [
                {"_id": each.id}
                if each.fingerprint is None
                else {
                    "_id": each.id,
                    "fingerprint": each.fingerprint,
                    "expires_at": now + COMMANDS_KEPT,
                }
                for each in messages
            ],
            session=session,
        )
