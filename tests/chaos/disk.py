"""A small disk that can be filled to the last byte: for whoever may mount one, and nobody else."""

import asyncio
import ctypes
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from deploy.checker.outside import until
from deploy.local.process import Process
from tests.chaos.scene import Scene
from tests.chaos.schedule import Strike
from tests.chaos.servers import READY_SECONDS

SIZE: Final = "2g"
NEW_NAMESPACE: Final = 0x00020000  # CLONE_NEWNS of Linux: mounts that end with this process
BALLAST: Final = "ballast"
PIECES: Final = (1 << 22, 1 << 12)  # bytes
FULL_SECONDS: Final = (2.0, 6.0)


@dataclass(frozen=True)
class Disk:
    """A file system of its own, in memory."""

    folder: Path

    def fill(self) -> None:
        """Leave nothing."""
        with (self.folder / BALLAST).open("wb", buffering=0) as file:
            for piece in PIECES:
                with suppress(OSError):  # no room for one of this size any more
                    while True:
                        file.write(bytes(piece))

    @property
    def is_full(self) -> bool:
        """Whether nothing more goes on it."""
        return os.statvfs(self.folder).f_bavail == 0

    def free(self) -> None:
        """Give back what `fill` took."""
        (self.folder / BALLAST).unlink(missing_ok=True)


def may_mount() -> bool:
    """Whether this process is one that can have such a disk."""
    return sys.platform == "linux" and os.geteuid() == 0 and _is_allowed()


def _is_allowed() -> bool:
    trial = ["unshare", "--mount", "mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", "/mnt"]
    try:
        done = subprocess.run(trial, capture_output=True, check=False)  # noqa: S603 - our own words
    except OSError:  # no such programs
        return False
    return done.returncode == 0


@contextmanager
def small_disk(folder: Path) -> Iterator[Disk]:
    """A disk in this folder, until the block ends or this process does, however that is.

    Only this process and those it starts see it.

    Raises:
        OSError: it may not be had; ask `may_mount` first.
    """
    folder.mkdir()
    if ctypes.CDLL(None, use_errno=True).unshare(NEW_NAMESPACE):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    _run("mount", "--make-rprivate", "/")
    _run("mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder))
    try:
        yield Disk(folder)
    finally:
        _run("umount", "--lazy", str(folder))


def _run(*command: str) -> None:
    subprocess.run(command, check=True)  # noqa: S603 - our own words


async def fill_disk(scene: Scene, strike: Strike) -> None:
    """No byte is left for Kafka and MongoDB; whoever dies of it comes back when there is room."""
    assert scene.disk is not None, "without a disk this fault is left out"
    scene.disk.fill()
    assert scene.disk.is_full
    await asyncio.sleep(strike.dice.uniform(*FULL_SECONDS))
    scene.disk.free()
    servers: list[Process] = [scene.kafka]
    if isinstance(scene.mongo, Process):
        servers.append(scene.mongo)
    for each in servers:
        await until(partial(_is_back, each), f"{each.name} works again", READY_SECONDS)


async def _is_back(server: Process) -> bool:
    """Whether it works; one that died of the full disk, be it late, is started anew."""
    if not server.is_alive:
        server.kill()
        server.start()
    return await asyncio.to_thread(server.ready)
