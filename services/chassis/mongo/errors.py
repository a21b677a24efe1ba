"""What the driver's errors mean: `StaleWrite`, `Outage` and others, or themselves: a bug."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from pymongo.errors import (
    BulkWriteError,
    ConfigurationError,
    ConnectionFailure,
    DuplicateKeyError,
    ExecutionTimeout,
    OperationFailure,
    PyMongoError,
    WaitQueueTimeoutError,
    WTimeoutError,
)

from services.chassis.kernel import Broken, Duplicate, Outage, StaleWrite

DUPLICATE: Final = 11000
WRITE_CONFLICT: Final = 112
UNAUTHORIZED: Final = 13
AWAY: Final = frozenset(  # server says: not now (stepping down, shutting down, no disk, timeout)
    {6, 7, 50, 64, 89, 91, 133, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436, 14031}
)
BROKEN_OFF: Final = frozenset({43, 237, 11601})  # a read whose cursor is gone, or that was ended
# A connection that was opened while its node was being rolled back: the driver keeps it, and takes
# the node for one without sessions for as long as the connection lives.
NO_SESSIONS: Final = "Sessions are not supported"
UNREACHED: Final = (ConnectionFailure, ExecutionTimeout, WTimeoutError, WaitQueueTimeoutError)


class NotAllowed(Exception):
    """The database's user may not do this there: another service's user was given."""


@contextmanager
def translated() -> Iterator[None]:
    """Turn the driver's errors into the kernel's words."""
    try:
        yield
    except PyMongoError as error:
        raise meaning(error) from error


def meaning(error: PyMongoError) -> Exception:
    """What a driver's error is to everybody else."""
    if isinstance(error, UNREACHED):
        return Outage()
    if isinstance(error, ConfigurationError) and NO_SESSIONS in str(error):
        return Broken()
    if isinstance(error, BulkWriteError):
        return _of_bulk(error)
    if isinstance(error, DuplicateKeyError):
        return _of_duplicates([error.details or {}])
    if isinstance(error, OperationFailure):
        return _of_code(error)
    return error


def _of_bulk(error: BulkWriteError) -> Exception:
    written = _written(error)
    if are_duplicates(error):
        return _of_duplicates(written)
    if written and all(each["code"] in {DUPLICATE, WRITE_CONFLICT} for each in written):
        return StaleWrite()
    if not written and error.details and error.details.get("writeConcernErrors"):
        return Outage()  # written here, not known on a majority
    return _of_code(error)


def _of_duplicates(errors: Sequence[Mapping[str, Any]]) -> StaleWrite:
    """An id that is there was another writer's; a second unique value may be there for good."""
    is_id = all(list(each.get("keyPattern", {"_id": 1})) == ["_id"] for each in errors)
    return StaleWrite() if is_id else Duplicate()


def _of_code(error: OperationFailure) -> Exception:
    if error.code in AWAY | BROKEN_OFF:
        return Outage()
    if error.code == UNAUTHORIZED:
        return NotAllowed()
    return StaleWrite() if error.has_error_label("TransientTransactionError") else error


def are_duplicates(error: BulkWriteError) -> bool:
    """Whether every write that failed met a value that was there."""
    written = _written(error)
    return bool(written) and all(each["code"] == DUPLICATE for each in written)


def _written(error: BulkWriteError) -> list[dict[str, Any]]:
    return list(error.details.get("writeErrors", [])) if error.details else []
