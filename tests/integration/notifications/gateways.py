"""The stand-in for a gateway, in a thread of the test's own."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from deploy.local.ports import LOOPBACK, free_port
from deploy.local.sms_gateway import Gateway, Rules

TOKEN: Final = "a-token"


class Counting(Gateway):
    """Counts the connections that it is asked for."""

    connections = 0

    def get_request(self) -> Any:
        self.connections += 1
        return super().get_request()


@dataclass(frozen=True, kw_only=True)
class At:
    """Where one listens, and where it keeps what it gets."""

    url: str
    folder: Path
    gateway: Counting
    token: str = TOKEN


@contextmanager
def gateway(folder: Path, *, context: ssl.SSLContext | None = None, **rules: Any) -> Iterator[At]:
    """It runs until the block ends."""
    port = free_port()
    with Counting(folder, port, Rules(token=TOKEN, **rules)) as made:
        if context:
            made.socket = context.wrap_socket(made.socket, server_side=True)
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            scheme = "https" if context else "http"
            url = f"{scheme}://{LOOPBACK}:{port}/texts"
            yield At(url=url, folder=folder, gateway=made)
        finally:
            made.shutdown()
            thread.join()
