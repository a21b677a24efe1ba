"""What befalls the network between the services and a server: a small proxy, and its faults."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, Self

from deploy.local.ports import LOOPBACK, free_port
from tests.chaos.scene import Fault, Scene
from tests.chaos.schedule import Strike

CHUNK: Final = 65_536
CUT_SECONDS: Final = (0.5, 6.0)
SLOW_SECONDS: Final = (2.0, 5.0)
DELAYS_SECONDS: Final = (0.02, 0.2)
RESETS: Final = (1, 4)
BETWEEN_RESETS_SECONDS: Final = 0.3


class Proxy:
    """Passes bytes on to a server on loopback, unless it is told to be a bad network."""

    def __init__(self, target: int, port: int | None = None) -> None:
        self.port = port or free_port()
        self.is_cut = False  # nobody gets through
        self.loses_answers = False  # what is asked arrives, what is answered does not
        self.delay = 0.0  # seconds for every piece, both ways
        self._target = target
        self._open: set[asyncio.StreamWriter] = set()
        self._serving: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._come, LOOPBACK, self.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.reset()
        if self._serving:
            await asyncio.wait(self._serving)

    def reset(self) -> None:
        """Break every connection off."""
        for each in tuple(self._open):
            each.transport.abort()

    def _come(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_cut:
            writer.transport.abort()
            return
        try:
            answers, asks = await asyncio.open_connection(LOOPBACK, self._target)
        except OSError:  # the server is away
            writer.transport.abort()
            return
        both = {writer, asks}
        self._open |= both
        try:
            await asyncio.gather(
                self._pass_on(reader, asks), self._pass_on(answers, writer, are_answers=True)
            )
        finally:
            self._open -= both
            for each in both:
                each.transport.abort()

    async def _pass_on(
        self,
        source: asyncio.StreamReader,
        sink: asyncio.StreamWriter,
        *,
        are_answers: bool = False,
    ) -> None:
        with suppress(OSError):
            while data := await source.read(CHUNK):
                await asyncio.sleep(self.delay)
                if not (are_answers and self.loses_answers):
                    sink.write(data)
                    await sink.drain()
        sink.close()


def of_database(befalls: Callable[[Proxy, Strike], Awaitable[None]]) -> Fault:
    """A fault of the way to the database."""

    async def strikes(scene: Scene, strike: Strike) -> None:
        assert scene.network is not None, "a set of nodes is reached directly"
        await befalls(scene.network, strike)

    return strikes


def of_broker(befalls: Callable[[Proxy, Strike], Awaitable[None]]) -> Fault:
    """A fault of the way to the broker."""

    async def strikes(scene: Scene, strike: Strike) -> None:
        await befalls(scene.broker_network, strike)

    return strikes


async def cut(network: Proxy, strike: Strike) -> None:
    """All connections break, and none can be made."""
    network.is_cut = True
    network.reset()
    await asyncio.sleep(strike.dice.uniform(*CUT_SECONDS))
    network.is_cut = False


async def slow(network: Proxy, strike: Strike) -> None:
    """Everything takes its time."""
    network.delay = strike.dice.uniform(*DELAYS_SECONDS)
    await asyncio.sleep(strike.dice.uniform(*SLOW_SECONDS))
    network.delay = 0.0


async def reset(network: Proxy, strike: Strike) -> None:
    """Connections break in the middle of what they carry, and can be made again at once."""
    for _ in range(strike.dice.randint(*RESETS)):
        network.reset()
        await asyncio.sleep(BETWEEN_RESETS_SECONDS)


async def lose_answers(network: Proxy, strike: Strike) -> None:
    """The server does what it is asked, and nobody hears of it: a commit of unknown outcome."""
    network.loses_answers = True
    await asyncio.sleep(strike.dice.uniform(*CUT_SECONDS))
    network.reset()  # what was lost will not come: the connections are of no use
    network.loses_answers = False
