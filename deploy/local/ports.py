import random
import socket

from deploy.local.failure import Failure

LOOPBACK = "127.0.0.1"
# Below the range from which Linux picks ports for outgoing connections (32768 and up): a port
# chosen here cannot be taken by a client before the server binds it.
CHOICE = range(20_000, 32_000)
_given: set[int] = set()  # by this process, which may not have bound them yet


def in_use(port: int) -> bool:
    """Whether somebody listens on this loopback port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return True
        return False


def free_port() -> int:
    """A loopback port on which nobody listens now, another one each time."""
    while (port := random.choice(CHOICE)) in _given or in_use(port):
        pass
    _given.add(port)
    return port


def require_free(name: str, port: int) -> None:
    """Raise a sentence naming the port and who wanted it, if somebody listens on it."""
    if in_use(port):
        raise Failure(
            f"Port {port}, which {name} needs, is in use: end the program that listens on it "
            f"(`ss -ltnp 'sport = :{port}'` names it) and run the command again."
        )
