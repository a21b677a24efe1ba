"""What every request passes: measuring, security headers, and the check of where a form is from."""

import time
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.chassis.telemetry import Telemetry, trace_id

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
QUIET_PATHS: Final = frozenset({"/livez", "/readyz", "/metrics"})
KNOWN_METHODS: Final = SAFE_METHODS | {"POST", "PUT", "PATCH", "DELETE"}
SERVER_ERROR: Final = 500
SECURITY_HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # Not `no-referrer`: with it browsers send `Origin: null` with our own forms.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class SecureHeaders:
    """Adds the security headers; what says nothing else is not stored by anyone."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the application does, with the headers."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                add_headers(MutableHeaders(scope=message))
            await send(message)

        await self._app(scope, receive, with_headers)


def add_headers(headers: MutableHeaders) -> None:
    """Set the security headers, and `no-store` where nothing else is said."""
    headers.update(SECURITY_HEADERS)
    headers.setdefault("Cache-Control", "no-store")


class SameOriginForms:
    """Refuses what changes something unless a page of ours sent it."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        public_url: str,
        refuse: Callable[[Request], Response],
        signed: tuple[str, ...] = (),
    ) -> None:
        """`signed` are path prefixes of machines that prove themselves without a cookie."""
        self._app = app
        self._origin = origin_of(public_url)
        self._refuse = refuse
        self._signed = signed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, or answer with the refusal."""
        if scope["type"] == "http" and not self._passes(scope):
            await self._refuse(Request(scope, receive))(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _passes(self, scope: Scope) -> bool:
        if self._signed and str(scope["path"]).startswith(self._signed):
            return True
        return is_from_us(scope["method"], Headers(scope=scope), self._origin)


def is_from_us(method: str, headers: Mapping[str, str], origin: str) -> bool:
    """Whether a request changes nothing, or comes from a page of this origin."""
    if method in SAFE_METHODS:
        return True
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    return headers.get("origin") == origin


def origin_of(url: str) -> str:
    """Scheme, host and port of an address, as browsers send them."""
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}.get(parts.scheme)
    port = "" if parts.port in {None, default} else f":{parts.port}"
    return f"{parts.scheme}://{parts.hostname}{port}"


class Measured:
    """One span and two metrics per request, by route template: never by address.

    A trace begins here: what a browser claims to continue is not believed. The span ends when
    the answer begins, for a live page is answered for hours.
    """

    def __init__(self, app: ASGIApp, *, telemetry: Telemetry) -> None:
        self._app = app
        self._telemetry = telemetry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the application does, measured."""
        if scope["type"] != "http" or scope["path"] in QUIET_PATHS:
            await self._app(scope, receive, send)
            return
        await self._measured(scope, receive, send)

    async def _measured(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = time.perf_counter()
        method = scope["method"] if scope["method"] in KNOWN_METHODS else "OTHER"
        is_told = False

        def tell(status: int) -> None:
            nonlocal is_told
            if is_told:
                return
            is_told = True
            route, seconds = route_of(scope), time.perf_counter() - begun
            telemetry.count("http_requests_total", method=method, route=route, status=str(status))
            telemetry.observe("http_request_seconds", seconds, method=method, route=route)
            span.set_attributes({"http.route": route, "http.response.status_code": status})
            span.end()

        async def telling(message: Message) -> None:
            if message["type"] == "http.response.start":
                tell(message["status"])
            await send(message)

        telemetry = self._telemetry
        attributes = {"http.request.method": method}
        with (
            telemetry.span("http", **attributes) as span,
            structlog.contextvars.bound_contextvars(trace_id=trace_id(span)),
        ):
            try:
                await self._app(scope, receive, telling)
            except Exception:
                tell(SERVER_ERROR)
                raise


def route_of(scope: Mapping[str, Any]) -> str:
    """The template of the route that answered, such as `/plans/{plan_id}`."""
    route = scope.get("route")
    return str(getattr(route, "path_format", getattr(route, "path", "unmatched")))
