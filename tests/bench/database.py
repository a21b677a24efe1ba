"""What a run asked of MongoDB, by the server's own counters."""

from typing import Any, Final

from pymongo import MongoClient

COUNTERS: Final = {
    "inserted": ("metrics", "document", "inserted"),
    "updated": ("metrics", "document", "updated"),
    "deleted": ("metrics", "document", "deleted"),
    "returned": ("metrics", "document", "returned"),
    "requests": ("network", "numRequests"),
    "transactions": ("transactions", "totalCommitted"),
}


def counted(url: str) -> dict[str, int]:
    """The counters as they stand."""
    with MongoClient[dict[str, Any]](url) as client:
        status = client.admin.command("serverStatus")
    return {name: _at(status, path) for name, path in COUNTERS.items()}


def _at(status: Any, path: tuple[str, ...]) -> int:
    for name in path:
        status = status[name]
    return int(status)


def since(before: dict[str, int], now: dict[str, int]) -> dict[str, int]:
    """How much was asked between two looks."""
    return {name: now[name] - before[name] for name in before}
