"""JSON lines on standard output: what happened and ids, never what somebody typed.

An exception leaves type, code and frames; its text stays out, for it may hold input. Of other
programs' log lines only the template stands here, without what it was filled with.
"""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Final, cast

import orjson
import structlog
from opentelemetry import trace

FRAMES: Final = 12
SELF_LOGGING: Final = ("uvicorn", "uvicorn.error")
"""Loggers that write by themselves, with the texts of exceptions, until they are told not to."""
PER_REQUEST: Final = "uvicorn.access"
"""Makes a line of each request as soon as anything would take it; requests have their metrics."""
Fields = MutableMapping[str, Any]
Failure = tuple[type[BaseException], BaseException, TracebackType | None]


def configure(
    service: str, *, level: int = logging.INFO, out: BinaryIO | None = None, quiet: bool = False
) -> None:
    """Send every line of this process to `out` as JSON; `quiet` keeps warnings and worse only."""
    least = logging.WARNING if quiet else level
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            _with_trace,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            without_text,
            structlog.processors.JSONRenderer(serializer=_json),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.BytesLoggerFactory(out or sys.stdout.buffer),
        cache_logger_on_first_use=False,
    )
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(service=service)
    logging.basicConfig(handlers=[Others(service)], level=max(least, logging.WARNING), force=True)
    for name in SELF_LOGGING:
        other = logging.getLogger(name)
        other.handlers.clear()
        other.propagate = True
    requests = logging.getLogger(PER_REQUEST)
    requests.handlers.clear()
    requests.propagate = False


def log(name: str) -> structlog.typing.FilteringBoundLogger:
    """The lines of one part: `log("relay").info("outbox.relayed", sent=3)`."""
    return cast("structlog.typing.FilteringBoundLogger", structlog.get_logger(part=name))


def without_text(logger: object, method: str, fields: Fields) -> Fields:
    """Put type, code and frames in place of an exception."""
    del logger, method
    given = fields.pop("exc_info", None)
    if given:
        fields.update(described(_failure(given)))
    return fields


def described(failure: BaseException | None) -> dict[str, Any]:
    """What may be told about an exception: never its text."""
    if failure is None:
        return {}
    found: dict[str, Any] = {"error": type(failure).__name__, "frames": _frames(failure)}
    code = getattr(failure, "code", None)
    if isinstance(code, str | int):
        found["code"] = code
    cause = failure.__cause__
    return found | ({"cause": type(cause).__name__} if cause else {})


def _failure(given: object) -> BaseException | None:
    if isinstance(given, BaseException):
        return given
    if isinstance(given, tuple):
        return cast("Failure", given)[1]
    return sys.exc_info()[1]


def _frames(failure: BaseException) -> list[str]:
    frames = traceback.extract_tb(failure.__traceback__)[-FRAMES:]
    return [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]


def _with_trace(logger: object, method: str, fields: Fields) -> Fields:
    del logger, method
    current = trace.get_current_span().get_span_context()
    if current.is_valid:
        fields.setdefault("trace_id", trace.format_trace_id(current.trace_id))
    return fields


def _json(fields: Fields, **_: Any) -> bytes:
    return orjson.dumps(fields, default=lambda value: type(value).__name__)


class Others(logging.Handler):
    """Warnings of libraries and of the server, as lines of ours."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def emit(self, record: logging.LogRecord) -> None:
        """Tell where a line came from, and its template if it was filled in by the logger."""
        said = {"template": str(record.msg)} if record.args else {}
        failure = record.exc_info[1] if record.exc_info else None
        structlog.get_logger(part=record.name).log(
            record.levelno,
            "library.warned",
            service=self._service,
            where=f"{record.filename}:{record.lineno}",
            **said,
            **described(failure),
        )
