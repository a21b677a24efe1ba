"""Asks a Kafka broker whether it serves clients, in fifty bytes and without a client library."""

import socket
import struct

METADATA = 3  # the request that lists the brokers which accept clients
VERSION = 1
NAME = b"probe"
TIMEOUT_SECONDS = 0.5


def has_broker(host: str, port: int) -> bool:
    """Whether it answers, and counts at least one broker (itself) as able to work."""
    try:
        with socket.create_connection((host, port), TIMEOUT_SECONDS) as connection:
            connection.settimeout(TIMEOUT_SECONDS)
            connection.sendall(request())
            return brokers(connection.recv(12)) > 0
    except OSError:  # not listening yet, or silent
        return False


def request() -> bytes:
    """A metadata request for no topic."""
    header = struct.pack(f">hhih{len(NAME)}s", METADATA, VERSION, 0, len(NAME), NAME)
    body = header + struct.pack(">i", 0)
    return struct.pack(">i", len(body)) + body


def brokers(answer: bytes) -> int:
    """The number of brokers in the beginning of an answer: size, correlation, count."""
    if len(answer) < struct.calcsize(">iii"):
        return 0
    _size, _correlation, count = struct.unpack(">iii", answer)
    return int(count)
