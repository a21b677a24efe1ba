"""The program behind `SmsGateway`: takes texts as a district's gateway does, and tells nobody.

    SMS_GATEWAY_TOKEN=… python -m deploy.local.sms_gateway FOLDER PORT

Each text is kept as a file of JSON. SMS_GATEWAY_REFUSE=503 answers so and keeps nothing;
SMS_GATEWAY_SECONDS=30 keeps what comes and is so long in answering. The contract stands in
docs/how-to/mail-and-texts.md.
"""

import hmac
import json
import os
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingTCPServer
from typing import Any, Final

from deploy.local.ports import LOOPBACK

FIELDS: Final = ("to", "text", "reference")
LARGEST: Final = 10_000  # bytes of a request
ALIVE: Final = "/livez"


@dataclass(frozen=True, kw_only=True)
class Rules:
    """How a gateway answers. `refuse` is a status, or 0."""

    token: str
    refuse: int = 0
    seconds: float = 0.0


class Gateway(ThreadingTCPServer):
    """Listens on loopback."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, folder: Path, port: int, rules: Rules) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.rules = rules
        super().__init__((LOOPBACK, port), Request)


class Request(BaseHTTPRequestHandler):
    """One text, or the question whether all is well."""

    server: Gateway
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or an answer waits 40 ms for its own second half

    def do_GET(self) -> None:
        """Say that it is there."""
        self._answer(HTTPStatus.OK if self.path == ALIVE else HTTPStatus.NOT_FOUND)

    def do_POST(self) -> None:
        """Take a text."""
        length = int(self.headers["Content-Length"] or 0)
        if length > LARGEST:
            self.close_connection = True  # what is left of it is no request
            self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        status = self._status(self.rfile.read(length))
        time.sleep(self.server.rules.seconds)
        self._answer(status)

    def _status(self, body: bytes) -> int:
        rules = self.server.rules
        given = (self.headers["Authorization"] or "").encode()
        if not hmac.compare_digest(given, f"Bearer {rules.token}".encode()):
            return HTTPStatus.UNAUTHORIZED
        if rules.refuse:
            return rules.refuse
        key, text = self.headers["Idempotency-Key"], read(body)
        if not key or text is None:
            return HTTPStatus.BAD_REQUEST
        keep(self.server.folder, key, text)
        return HTTPStatus.ACCEPTED

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: what comes here is about people."""


def read(body: bytes) -> dict[str, str] | None:
    """What is to be sent, if it is whole."""
    try:
        given: Any = json.loads(body)
    except ValueError:
        return None
    is_whole = isinstance(given, dict) and all(isinstance(given.get(n), str) for n in FIELDS)
    return {name: given[name] for name in FIELDS} if is_whole else None


def keep(folder: Path, key: str, text: dict[str, str]) -> None:
    """Keep a text under its key, whole or not at all; a second one with that key is the first."""
    name = sha256(key.encode()).hexdigest()
    written = folder / f"{name}.{threading.get_ident()}.part"
    written.write_text(json.dumps(text), encoding="utf-8")
    try:
        (folder / f"{name}.json").hardlink_to(written)
    except FileExistsError:
        pass
    finally:
        written.unlink()


def rules_from(environment: Mapping[str, str]) -> Rules:
    """As the environment says."""
    return Rules(
        token=environment["SMS_GATEWAY_TOKEN"],
        refuse=int(environment.get("SMS_GATEWAY_REFUSE", "0")),
        seconds=float(environment.get("SMS_GATEWAY_SECONDS", "0")),
    )


if __name__ == "__main__":
    with Gateway(Path(sys.argv[1]), int(sys.argv[2]), rules_from(os.environ)) as gateway:
        gateway.serve_forever()
