"""A bucket of tries per subject, shared by all processes: empty means wait.

Whatever is guarded so answers the same for a subject that does not exist.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from services.chassis.kinds import Index
from services.chassis.mongo import Database

COLLECTION: Final = "tries"
INDEXES: Final = (Index((("full_at", 1),), expire_after_seconds=0),)


@dataclass(frozen=True, kw_only=True)
class Tries:
    """`at_once` tries, and one more after every `refill`."""

    platform: Database
    real_time: Callable[[], datetime]
    at_once: int = 5
    refill: timedelta = timedelta(minutes=1)

    async def take(self, subject: bytes) -> bool:
        """Use one try; False when none is left."""
        now = self.real_time()
        row = await self.platform.collection(COLLECTION).find_one_and_update(
            {"_id": subject}, self._one_less(now), upsert=True
        )
        return bool(row and row["taken"])

    async def give_back(self, subject: bytes) -> None:
        """Fill the bucket again, after a success."""
        await self.platform.collection(COLLECTION).delete_many({"_id": subject})

    def _one_less(self, now: datetime) -> list[dict[str, Any]]:
        """One atomic step: `full_at` says how empty the bucket is, and moves one refill on."""
        step = int(self.refill.total_seconds() * 1000)
        latest = now + self.refill * (self.at_once - 1)
        from_when = {"$max": [{"$ifNull": ["$full_at", now]}, now]}
        return [
            {"$set": {"from": from_when}},
            {"$set": {"taken": {"$lte": ["$from", latest]}}},
            {"$set": {"full_at": {"$cond": ["$taken", {"$add": ["$from", step]}, "$from"]}}},
            {"$unset": "from"},
        ]
