import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
import uvicorn

from services.chassis.logs import configure, log
from services.chassis.telemetry import Telemetry

MARK = "Maria Marked"


@pytest.fixture
def out() -> Iterator[io.BytesIO]:
    handlers = logging.getLogger().handlers[:]
    stream = io.BytesIO()
    configure("toy", out=stream)
    yield stream
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
    logging.getLogger().handlers[:] = handlers


def lines(out: io.BytesIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_line_is_json_with_service_part_and_fields(out: io.BytesIO) -> None:
    log("relay").info("outbox.relayed", sent=3)
    (line,) = lines(out)
    assert (line["event"], line["service"], line["part"], line["sent"]) == (
        "outbox.relayed",
        "toy",
        "relay",
        3,
    )


def test_a_line_within_a_span_carries_its_trace(out: io.BytesIO) -> None:
    with Telemetry("toy").span("http") as span:
        log("relay").info("outbox.relayed")
    assert lines(out)[0]["trace_id"] == format(span.get_span_context().trace_id, "032x")


def test_an_exception_leaves_its_type_and_frames_but_no_text(out: io.BytesIO) -> None:
    try:
        raise ValueError(MARK)
    except ValueError:
        log("commit").exception("batch.failed")
    (line,) = lines(out)
    assert line["error"] == "ValueError"
    assert line["frames"][0].startswith("test_logs.py:")
    assert MARK not in out.getvalue().decode()


def test_a_library_is_quoted_by_its_template_alone(out: io.BytesIO) -> None:
    logging.getLogger("aiokafka").error("cannot reach %s", MARK)
    logging.getLogger("aiokafka").error(f"cannot reach {MARK}")  # noqa: G004
    first, second = lines(out)
    assert first["template"] == "cannot reach %s"
    assert second["where"].startswith("test_logs.py:")
    assert MARK not in out.getvalue().decode()


def test_a_server_that_set_up_its_own_log_leaves_no_text_either(out: io.BytesIO) -> None:
    uvicorn.Config("nothing:here").configure_logging()  # as it does before it starts us
    configure("toy", out=out)
    try:
        raise RuntimeError(MARK)
    except RuntimeError:
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application\n")
    assert lines(out)[0]["error"] == "RuntimeError"
    assert MARK not in out.getvalue().decode()


def test_requests_make_no_lines(out: io.BytesIO) -> None:
    uvicorn.Config("nothing:here", access_log=False).configure_logging()
    configure("toy", out=out)
    requests = logging.getLogger("uvicorn.access")
    requests.info("%s", MARK)
    assert not requests.hasHandlers()  # what the server asks before it makes a line
    assert not lines(out)
