import re

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from services.chassis import telemetry as names
from services.chassis.telemetry import COUNTS, GAUGES, SECONDS, Telemetry

ONE = "00-" + "1" * 32 + "-" + "a" * 16 + "-01"
TWO = "00-" + "2" * 32 + "-" + "b" * 16 + "-01"
UNSAMPLED = "00-" + "3" * 32 + "-" + "c" * 16 + "-00"
PERSONAL = re.compile(r"person|student|contact|user|name|phone|mail|subject|key|id$")


def a_telemetry() -> tuple[Telemetry, InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    return Telemetry("toy", exporter=exporter), exporter


def test_every_name_that_may_be_said_is_declared_and_no_other() -> None:
    assert set(COUNTS) == set(names.CountName.__args__)  # type: ignore[attr-defined]
    assert set(SECONDS) == set(names.SecondsName.__args__)  # type: ignore[attr-defined]
    assert set(GAUGES) == set(names.GaugeName.__args__)  # type: ignore[attr-defined]


def test_no_label_is_about_a_person() -> None:
    labels = {each for table in (COUNTS, SECONDS, GAUGES) for each in sum(table.values(), ())}
    assert not [label for label in labels if PERSONAL.search(label)]


def test_metrics_come_out_by_name_and_label() -> None:
    told, _ = a_telemetry()
    told.count("records_parked_total", 2, topic="plans.needs.v1", code="key_missing")
    told.observe("commit_seconds", 0.02)
    told.gauge("outbox_rows", 7)
    text = told.exposition().decode()
    line = 'wraparound_records_parked_total{code="key_missing",topic="plans.needs.v1"} 2.0'
    assert line in text
    assert "wraparound_commit_seconds_count 1.0" in text
    assert "wraparound_outbox_rows 7.0" in text


def test_a_label_that_is_not_declared_is_refused() -> None:
    told, _ = a_telemetry()
    with pytest.raises(ValueError, match="label"):
        told.count("stale_writes_total", student="s1")


def test_one_message_is_handled_under_its_own_trace() -> None:
    told, exporter = a_telemetry()
    with told.batch("batch", [ONE, None, ONE]):
        assert (told.current_traceparent() or "").startswith("00-" + "1" * 32)
    (span,) = exporter.get_finished_spans()
    assert span.parent is not None
    assert not span.links


def test_several_messages_are_one_span_linked_to_their_traces() -> None:
    told, exporter = a_telemetry()
    with told.span("http"), told.batch("batch", [ONE, TWO, UNSAMPLED]):
        pass
    span = next(each for each in exporter.get_finished_spans() if each.name == "batch")
    linked = {format(link.context.trace_id, "032x") for link in span.links}
    assert linked == {"1" * 32, "2" * 32}
    assert span.parent is None


def test_messages_of_unsampled_traces_make_no_span() -> None:
    told, exporter = a_telemetry()
    with told.batch("batch", [UNSAMPLED, UNSAMPLED.replace("3", "4")]):
        assert (told.current_traceparent() or "").endswith("-00")
    assert not exporter.get_finished_spans()


def test_a_failed_span_says_what_sort_of_failure_but_not_its_text() -> None:
    told, exporter = a_telemetry()
    with pytest.raises(RuntimeError), told.span("http"):
        raise RuntimeError("Maria Marked said no")
    (span,) = exporter.get_finished_spans()
    assert "Maria" not in span.to_json()
    assert span.status.description == "RuntimeError"


def test_a_span_within_another_goes_on_with_its_trace() -> None:
    told, exporter = a_telemetry()
    with told.span("http") as outer, told.span("provider"):
        pass
    inner = next(each for each in exporter.get_finished_spans() if each.name == "provider")
    assert inner.context.trace_id == outer.get_span_context().trace_id


def test_telemetry_that_is_off_does_nothing() -> None:
    off = Telemetry.off()
    off.count("stale_writes_total")
    off.observe("commit_seconds", 1.0)
    off.gauge("outbox_rows", 1)
    with off.batch("batch", [ONE]), off.span("http", ONE):
        assert off.current_traceparent() is None
    off.close()
    assert off.exposition() == b""


def test_work_whose_span_has_ended_before_it_does_ends_it_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    told, exporter = a_telemetry()
    with told.span("http") as span:
        span.end()
    assert len(exporter.get_finished_spans()) == 1
    assert not caplog.records
