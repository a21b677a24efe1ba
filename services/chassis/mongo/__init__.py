"""The only package that knows the database driver.

Motor by default; `driver="pymongo"` takes PyMongo Async through the same door. Every driver error
leaves here as `StaleWrite`, `Outage`, `Broken` or `NotAllowed`, or as itself: a bug.
"""

from services.chassis.mongo.collection import (
    Change,
    Collection,
    Filter,
    Insert,
    Session,
    Update,
    Write,
)
from services.chassis.mongo.database import Database, Driver, connect
from services.chassis.mongo.errors import NotAllowed

__all__ = [
    "Change",
    "Collection",
    "Database",
    "Driver",
    "Filter",
    "Insert",
    "NotAllowed",
    "Session",
    "Update",
    "Write",
    "connect",
]
