"""What befalls the network between the services and the database: a small proxy, and its faults."""

import asyncio
from contextlib import suppress
from typing import Final, Self

from deploy.local.ports import LOOPBACK, free_port
from tests.chaos.scene import Scene
from tests.chaos.schedule import Strike

CHUNK: Final = 65_536
CUT_SECONDS: Final = (0.5, 6.0)
SLOW_SECONDS: Final = (2.0, 5.0)
DELAYS_SECONDS: Final = (0.02, 0.2)
RESETS: Final = (1, 4)
BETWEEN_RESETS_SECONDS: Final = 0.3


class Proxy:
    """Passes bytes on to a server on loopback, unless it is told to be a bad network."""

    def __init__(self, target: int) -> None:
        self.port = free_port()
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


async def cut(scene: Scene, strike: Strike) -> None:
    """All connections break, and none can be made."""
    scene.network.is_cut = True
    scene.network.reset()
    await asyncio.sleep(strike.dice.uniform(*CUT_SECONDS))
    scene.network.is_cut = False


async def slow(scene: Scene, strike: Strike) -> None:
    """Everything takes its time."""
    scene.network.delay = strike.dice.uniform(*DELAYS_SECONDS)
    await asyncio.sleep(strike.dice.uniform(*SLOW_SECONDS))
    scene.network.delay = 0.0


async def reset(scene: Scene, strike: Strike) -> None:
    """Connections break in the middle of what they carry, and can be made again at once."""
    for _ in range(strike.dice.randint(*RESETS)):
        scene.network.reset()
        await asyncio.sleep(BETWEEN_RESETS_SECONDS)


async def lose_answers(scene: Scene, strike: Strike) -> None:
    """The database does what it is asked, and nobody hears of it: a commit of unknown outcome."""
    scene.network.loses_answers = True
    await asyncio.sleep(strike.dice.uniform(*CUT_SECONDS))
    scene.network.reset()  # what was lost will not come: the connections are of no use
    scene.network.loses_answers = False
