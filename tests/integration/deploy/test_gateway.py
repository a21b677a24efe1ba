"""What the gateway writes down: never the address of a link, which is its secret."""

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from deploy.local.ports import LOOPBACK, free_port
from deploy.local.servers import Gateway
from tests.servers import running

SECRET = "Zx7q-a-secret-of-a-link"
SECONDS = 20.0
AT_ONCE_GONE = struct.pack("ii", 1, 0)  # SO_LINGER: closing sends a reset
PIECE = b"x" * 65_536
ABORTED = "aborting with incomplete response"


@contextmanager
def service(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    """A service behind the gateway that answers its one request as a test says; its port."""
    with closing(socket.create_server((LOOPBACK, 0))) as listening:

        def serve() -> None:
            with closing(listening.accept()[0]) as connection:
                connection.recv(65_536)
                answer(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        thread.join(SECONDS)


def breaks_off(connection: socket.socket) -> None:
    """End in the middle of a page."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + PIECE)


def never_ends(connection: socket.socket) -> None:
    """Send until the gateway, which has nobody to send it to, lets go."""
    try:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n")
        while True:
            connection.sendall(PIECE)
    except OSError:
        return


def ask(gateway: Gateway, *, reads: bool) -> None:
    """Open a link as a browser does that comes from another page of it."""
    with socket.create_connection((LOOPBACK, gateway.port), SECONDS) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE_GONE)
        lines = (
            f"GET /f/{SECRET} HTTP/1.1",
            f"Host: {LOOPBACK}:{gateway.port}",
            f"Referer: http://{LOOPBACK}/f/{SECRET}/pin",
            f"Cookie: sid={SECRET}",
            "",
            "",
        )
        client.sendall("\r\n".join(lines).encode())
        client.recv(65_536)
        while reads and client.recv(65_536):
            pass


def written(log: Path, what: str) -> str:
    """The gateway's log, once something stands in it."""
    ends = time.monotonic() + SECONDS
    while what not in (text := log.read_text()):
        assert time.monotonic() < ends, f"not within {SECONDS:g} s: {what}"
        time.sleep(0.05)
    return text


@pytest.mark.parametrize(("answer", "reads"), [(breaks_off, True), (never_ends, False)])
def test_a_page_that_is_broken_off_is_logged_without_its_address(
    tmp_path: Path, answer: Callable[[socket.socket], None], *, reads: bool
) -> None:
    log = tmp_path / "gateway.log"
    with service(answer) as port:
        others = {"plans": free_port(), "referrals": free_port()}
        with running(Gateway(tmp_path, services={**others, "notifications": port})) as gateway:
            ask(gateway, reads=reads)
            text = written(log, ABORTED)

    assert SECRET not in text


def test_where_a_service_is_away_no_address_is_logged(tmp_path: Path) -> None:
    away = {name: free_port() for name in ("plans", "referrals", "notifications")}
    with running(Gateway(tmp_path, services=away)) as gateway:
        ask(gateway, reads=False)

    assert SECRET not in (tmp_path / "gateway.log").read_text()
