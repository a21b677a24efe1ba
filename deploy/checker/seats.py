"""An auditor of places: never more promised than there are, at any commit since the beginning."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pymongo import MongoClient

from deploy.checker.outside import Outside

NAMES = ("held", "taken", "occupied_outside", "maximum")
Change = Mapping[str, Any]  # as a change stream gives it


def oversold(changes: Iterable[Change]) -> Iterator[str]:
    """Commits that held one place more than there was.

    A lowered maximum cancels nothing, and a yes by phone to an offer that holds no place any more
    may take one too many: both are a person's decision.
    """
    known: dict[Any, dict[str, Any]] = {}
    for change in changes:
        name = change["documentKey"]["_id"]
        before = known.get(name, {})
        after = known[name] = {**before, **_fields(change)}
        if after.get("held", 0) > before.get("held", 0) and _left(after) < 0:
            places, promised = after["maximum"], _promised(after)
            yield f"{name} had {places} places and promised {promised} in a commit"


def _fields(change: Change) -> dict[str, Any]:
    fields = change.get("fullDocument") or change["updateDescription"]["updatedFields"]
    return {name: fields[name] for name in NAMES if name in fields}


def _promised(row: Mapping[str, int]) -> int:
    return row.get("held", 0) + row.get("taken", 0)


def _left(row: Mapping[str, Any]) -> int:
    maximum = row.get("maximum")
    return 0 if maximum is None else maximum - row.get("occupied_outside", 0) - _promised(row)


def changes_of_seats(outside: Outside) -> Iterator[Change]:
    """Every change of places that the server still knows of, in the order of their commits."""
    settings = outside.settings["referrals"]
    client: MongoClient[dict[str, Any]] = MongoClient(settings.mongo_url.get_secret_value())
    with client:
        oldest = client["local"]["oplog.rs"].find_one(sort=[("$natural", 1)])
        start = oldest["ts"] if oldest else None
        seats = client[settings.own_database]["seats"]
        wanted = [{"$match": {"operationType": {"$in": ["insert", "replace", "update"]}}}]
        now = client.admin.command("hello")["$clusterTime"]["clusterTime"]
        with seats.watch(wanted, start_at_operation_time=start) as changes:
            while (change := changes.try_next()) is not None:
                if change["clusterTime"] > now:
                    return
                yield change
