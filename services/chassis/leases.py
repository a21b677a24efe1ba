"""A lease in the database, by the database's own time: one holder at a time, per name."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from services.chassis.kernel import StaleWrite
from services.chassis.mongo import Database

COLLECTION: Final = "leases"
EPOCH: Final = datetime.fromtimestamp(0, tz=UTC)


@dataclass
class Lease:
    """The right of one process to do what only one may do."""

    database: Database
    name: str
    holder: str
    seconds: float = 3.0

    async def hold(self) -> bool:
        """Take or renew it; False while another holds it."""
        rows = self.database.collection(COLLECTION)
        ends: dict[str, Any] = {"$add": ["$$NOW", round(self.seconds * 1000)]}
        is_mine = {"$eq": ["$holder", self.holder]}
        is_over = {"$lt": [{"$ifNull": ["$expires", EPOCH]}, "$$NOW"]}
        may = {"$or": [is_mine, is_over]}
        kept_or_taken = {
            "holder": {"$cond": [may, self.holder, "$holder"]},
            "expires": {"$cond": [may, ends, "$expires"]},
        }
        try:
            found = await rows.find_one_and_update(
                {"_id": self.name}, [{"$set": kept_or_taken}], upsert=True
            )
        except StaleWrite:  # two met at the very first time
            return False
        return found is not None and found["holder"] == self.holder

    async def release(self) -> None:
        """Let the next one have it now."""
        rows = self.database.collection(COLLECTION)
        await rows.delete_many({"_id": self.name, "holder": self.holder})
