"""Every metric and span by name, once; the only place that knows OpenTelemetry's words.

No label and no attribute is about a person. A batch is one span, not one per message: a span
costs as much unsampled as sampled.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final, Literal, Self

from opentelemetry import context as contexts
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import (
    BatchSpanProcessor,
    SimpleSpanProcessor,
    SpanExporter,
)
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, ParentBased
from opentelemetry.trace import Link, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

CountName = Literal[
    "clocks_run_out_total",
    "commands_total",
    "events_ignored_total",
    "events_handled_total",
    "events_sent_total",
    "http_requests_total",
    "lines_stopped_total",
    "outages_total",
    "provider_sends_total",
    "records_parked_total",
    "sign_ins_total",
    "stale_writes_total",
]
SecondsName = Literal[
    "batch_seconds",
    "clock_late_seconds",
    "commit_seconds",
    "event_age_seconds",
    "http_request_seconds",
    "relay_seconds",
]
GaugeName = Literal[
    "consumer_poll_age_seconds",
    "line_is_stopped",
    "loop_lag_seconds",
    "outbox_oldest_seconds",
    "outbox_rows",
    "parked_rows",
    "watchers",
]
SpanName = Literal["batch", "http", "provider", "rebuild", "relay"]

COUNTS: Final[Mapping[CountName, tuple[str, ...]]] = {
    "clocks_run_out_total": ("clock",),
    "commands_total": ("command", "outcome"),
    "events_ignored_total": ("reason",),
    "events_handled_total": ("type",),
    "events_sent_total": ("topic",),
    "http_requests_total": ("method", "route", "status"),
    "lines_stopped_total": (),
    "outages_total": ("part",),
    "provider_sends_total": ("channel", "outcome"),
    "records_parked_total": ("topic", "code"),
    "sign_ins_total": ("outcome",),
    "stale_writes_total": (),
}
SECONDS: Final[Mapping[SecondsName, tuple[str, ...]]] = {
    "batch_seconds": (),
    "clock_late_seconds": (),
    "commit_seconds": (),
    "event_age_seconds": (),
    "http_request_seconds": ("method", "route"),
    "relay_seconds": (),
}
GAUGES: Final[Mapping[GaugeName, tuple[str, ...]]] = {
    "consumer_poll_age_seconds": (),
    "line_is_stopped": (),
    "loop_lag_seconds": (),
    "outbox_oldest_seconds": (),
    "outbox_rows": (),
    "parked_rows": (),
    "watchers": (),
}
PREFIX: Final = "wraparound_"
BUCKETS: Final = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0)
LINKS_AT_MOST: Final = 128
_W3C: Final = TraceContextTextMapPropagator()


class Telemetry:
    """Metrics of one process and its traces; `off()` is one that costs nothing."""

    def __init__(
        self,
        service: str,
        *,
        otlp_endpoint: str | None = None,
        exporter: SpanExporter | None = None,
    ) -> None:
        self._is_on = True
        self.registry = CollectorRegistry()
        self._counters = {
            name: Counter(PREFIX + name, name, labels, registry=self.registry)
            for name, labels in COUNTS.items()
        }
        self._histograms = {
            name: Histogram(PREFIX + name, name, labels, registry=self.registry, buckets=BUCKETS)
            for name, labels in SECONDS.items()
        }
        self._gauges = {
            name: Gauge(PREFIX + name, name, labels, registry=self.registry)
            for name, labels in GAUGES.items()
        }
        self._provider = TracerProvider(
            resource=Resource.create({"service.name": service}),
            sampler=ParentBased(ALWAYS_ON),
        )
        if otlp_endpoint:
            sender = OTLPSpanExporter(endpoint=otlp_endpoint)
            self._provider.add_span_processor(BatchSpanProcessor(sender))
        if exporter:
            self._provider.add_span_processor(SimpleSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("wraparound")

    @classmethod
    def off(cls) -> Self:
        """Telemetry that does nothing."""
        made = cls.__new__(cls)
        made._is_on = False
        made.registry = CollectorRegistry()
        return made

    def count(self, name: CountName, n: int = 1, **labels: str) -> None:
        """Add to a counter."""
        if self._is_on:
            counter = self._counters[name]
            (counter.labels(**labels) if labels else counter).inc(n)

    def observe(self, name: SecondsName, seconds: float, **labels: str) -> None:
        """Add one duration to a histogram."""
        if self._is_on:
            histogram = self._histograms[name]
            (histogram.labels(**labels) if labels else histogram).observe(seconds)

    def gauge(self, name: GaugeName, value: float, **labels: str) -> None:
        """Set a gauge."""
        if self._is_on:
            gauge = self._gauges[name]
            (gauge.labels(**labels) if labels else gauge).set(value)

    def exposition(self) -> bytes:
        """All metrics in Prometheus' text format."""
        return generate_latest(self.registry)

    @contextmanager
    def span(
        self, name: SpanName, traceparent: str | None = None, **attributes: str | int
    ) -> Iterator[trace.Span]:
        """One piece of work, under the trace given, else under the current one."""
        parent = _remote(traceparent) if traceparent else None
        with self._started(name, parent, (), attributes) as span:
            yield span

    @contextmanager
    def batch(
        self, name: SpanName, traceparents: Sequence[str | None], **attributes: str | int
    ) -> Iterator[trace.Span]:
        """The work on several messages: under the trace of a single one, else linked to theirs."""
        traces = [each for each in dict.fromkeys(traceparents) if each]
        remotes = [_remote(each) for each in traces[:LINKS_AT_MOST]]
        spans = [trace.get_current_span(each).get_span_context() for each in remotes]
        sampled = [span for span in spans if span.is_valid and span.trace_flags.sampled]
        parent, links = next(iter(remotes), None), list[Link]()
        if len(remotes) > 1 and sampled:  # where none is sampled, this is not either
            parent, links = contexts.Context(), [Link(each) for each in sampled]
        with self._started(name, parent, links, attributes | {"messages": len(traceparents)}) as s:
            yield s

    def current_traceparent(self) -> str | None:
        """The current trace as it is stored and sent, if there is one."""
        if not self._is_on:
            return None
        carrier: dict[str, str] = {}
        _W3C.inject(carrier)
        return carrier.get("traceparent")

    def close(self) -> None:
        """Send what waits."""
        if self._is_on:
            self._provider.shutdown()

    @contextmanager
    def _started(
        self,
        name: SpanName,
        parent: contexts.Context | None,
        links: Sequence[Link],
        attributes: Mapping[str, str | int],
    ) -> Iterator[trace.Span]:
        if not self._is_on:
            yield trace.INVALID_SPAN
            return
        # The SDK would record an exception with its text, which may hold what somebody typed.
        with self._tracer.start_as_current_span(
            name,
            parent,
            links=links,
            attributes=attributes,
            record_exception=False,
            set_status_on_exception=False,
            end_on_exit=False,
        ) as span:
            try:
                yield span
            except Exception as error:
                failed(span, type(error).__name__)
                raise
            finally:
                if span.is_recording():  # that of a request has ended where its answer began
                    span.end()


def failed(span: trace.Span, code: str) -> None:
    """Mark a span as failed, with a code and no text."""
    span.set_status(Status(StatusCode.ERROR, code))


def trace_id(span: trace.Span) -> str | None:
    """The id of a span's trace, as logs and people quote it."""
    known = span.get_span_context()
    return trace.format_trace_id(known.trace_id) if known.is_valid else None


def _remote(traceparent: str) -> contexts.Context:
    return _W3C.extract({"traceparent": traceparent}, context=contexts.Context())
