"""What a running demo shows to whoever operates it: addresses asked for, traces, metrics."""

import gzip
import threading
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import urlsplit

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

LOOPBACK: Final = "127.0.0.1"
LOOK_SECONDS: Final = 0.5
HOP_BY_HOP: Final = frozenset({"connection", "proxy-connection", "keep-alive", "transfer-encoding"})


@dataclass
class Observed:
    """All that was seen from outside while a story was played."""

    urls: list[str] = field(default_factory=list)
    exports: list[bytes] = field(default_factory=list)  # OTLP, as protobuf
    metrics: dict[int, bytes] = field(default_factory=dict)  # by port, the last seen
    environment: Mapping[str, str] = field(default_factory=dict)  # for whoever is observed


@contextmanager
def observing(ports: range) -> Iterator[Observed]:
    """A proxy that notes addresses, a collector of traces, a look at metrics now and then."""
    seen, ended = Observed(), threading.Event()
    with serving(_proxy(seen)) as proxy, serving(_collector(seen)) as collector:
        seen.environment = {
            "HTTP_PROXY": f"http://{LOOPBACK}:{proxy}",
            "WRAPAROUND_OTLP_ENDPOINT": f"http://{LOOPBACK}:{collector}/v1/traces",
        }
        looking = threading.Thread(target=_look, args=(seen, ports, ended))
        looking.start()
        try:
            yield seen
        finally:
            ended.set()
            looking.join()


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[int]:
    """An HTTP server in a thread; gives its port."""
    server = ThreadingHTTPServer((LOOPBACK, 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Quiet(BaseHTTPRequestHandler):
    """Says nothing of what it does."""

    def log_message(self, format: str, *args: Any) -> None:
        del format, args

    @property
    def body(self) -> bytes:
        """What was sent along."""
        return self.rfile.read(int(self.headers.get("content-length", "0")))


def _proxy(seen: Observed) -> type[Quiet]:
    class Proxy(Quiet):
        def do_GET(self) -> None:
            seen.urls.append(self.path)
            parts = urlsplit(self.path)
            connection = HTTPConnection(parts.hostname or "", parts.port or 80, timeout=60)
            try:
                path = f"{parts.path}?{parts.query}" if parts.query else parts.path
                sent = {k: v for k, v in self.headers.items() if k.lower() not in HOP_BY_HOP}
                connection.request(self.command, path, self.body, sent)
                answer = connection.getresponse()
                content = answer.read()
            except OSError:
                self.send_error(502)
                return
            finally:
                connection.close()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in {*HOP_BY_HOP, "content-length"}:
                    self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET

    return Proxy


def _collector(seen: Observed) -> type[Quiet]:
    class Collector(Quiet):
        def do_POST(self) -> None:
            is_packed = self.headers.get("content-encoding") == "gzip"
            seen.exports.append(gzip.decompress(self.body) if is_packed else self.body)
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

    return Collector


def _look(seen: Observed, ports: range, ended: threading.Event) -> None:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while not ended.wait(LOOK_SECONDS):
        for port in ports:
            try:
                with direct.open(f"http://{LOOPBACK}:{port}/metrics", timeout=5) as answer:
                    seen.metrics[port] = answer.read()
            except OSError:
                continue


@dataclass(frozen=True, kw_only=True)
class Span:
    """One span as it was exported."""

    service: str
    name: str
    trace: bytes
    linked: frozenset[bytes]
    attributes: Mapping[str, str]


def spans_of(exports: list[bytes]) -> list[Span]:
    """Every span that was exported."""
    found = []
    for export in exports:
        for resource in ExportTraceServiceRequest.FromString(export).resource_spans:
            service = _attributes(resource.resource.attributes)["service.name"]
            for scope in resource.scope_spans:
                found += [
                    Span(
                        service=service,
                        name=each.name,
                        trace=each.trace_id,
                        linked=frozenset(link.trace_id for link in each.links),
                        attributes=_attributes(each.attributes),
                    )
                    for each in scope.spans
                ]
    return found


def _attributes(pairs: Any) -> dict[str, str]:
    return {each.key: each.value.string_value for each in pairs}


def leading_to(span: Span, spans: list[Span]) -> list[Span]:
    """The spans of one trace, and of those that its batches are linked to, back to the first."""
    known, wanted = set[bytes](), {span.trace}
    while wanted - known:
        known |= wanted
        wanted = {link for each in spans if each.trace in known for link in each.linked}
    return [each for each in spans if each.trace in known]
