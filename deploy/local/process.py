import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from deploy.local.failure import Failure
from deploy.local.leash import leashed
from deploy.local.ports import require_free

LAST_WORDS = 5
STOP_SECONDS = 10.0
PAUSE = 0.02  # seconds between two questions to a server that is not ready yet


class Process:
    """A child process in a group of its own; it ends with this process, however that ends."""

    def __init__(
        self,
        name: str,
        *,
        command: Sequence[str],
        log: Path | None = None,
        environment: Mapping[str, str] | None = None,
        ports: Sequence[int] = (),
        what: str = "",
        folder: Path | None = None,
    ) -> None:
        self.name = name
        self.what = what
        self.log = log
        self.command = tuple(command)
        self._environment = dict(environment or {})
        self._ports = tuple(ports)
        self._folder = folder  # in which it runs: ours, unless said otherwise
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The id of the running process."""
        return self._started.pid

    @property
    def ports(self) -> tuple[int, ...]:
        """The loopback ports it listens on."""
        return self._ports

    @property
    def is_alive(self) -> bool:
        """Whether it was started and has not ended."""
        return self._child is not None and self._end() is None

    @property
    def has_failed(self) -> bool:
        """Whether it ended though nobody asked it to."""
        return self._child is not None and self._end() is not None

    @property
    def _started(self) -> subprocess.Popen[bytes]:
        if self._child is None:
            raise RuntimeError(f"{self.name} was not started")
        return self._child

    def start(self) -> None:
        """Start it, without waiting until it is ready."""
        for port in self._ports:
            require_free(self.name, port)
        self.prepare()
        if self.log is None:
            self._child = self._spawn(None)
            return
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as out:
            self._child = self._spawn(out.fileno())

    def prepare(self) -> None:
        """What must stand on the disk before the first start; nothing here."""

    def ready(self) -> bool:
        """Ask once whether it does its work; asked again until it says yes."""
        return self.is_alive

    def ask_to_stop(self) -> None:
        """Send the polite signal; a frozen process is thawed, or it would not hear it."""
        self._signal(signal.SIGTERM)
        self._signal(signal.SIGCONT)

    def stop(self, *, seconds: float = STOP_SECONDS) -> None:
        """End it politely, after the given seconds by force; twice is once."""
        self.ask_to_stop()
        deadline = time.monotonic() + seconds
        while self.is_alive and time.monotonic() < deadline:
            time.sleep(PAUSE)
        self.kill()

    def kill(self) -> None:
        """End it and its whole group at once, as a power cut does."""
        if self._child is None:
            return
        self._signal(signal.SIGKILL)
        self._child.wait()
        self._child = None

    def freeze(self) -> None:
        """Let it stand still, as a stalled machine does."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen process go on."""
        self._signal(signal.SIGCONT)

    def last_words(self) -> str:
        """The end of its log, for a person to read."""
        if self.log is None or not self.log.exists():
            return ""
        lines = self.log.read_text(errors="replace").splitlines()
        return "\n".join(f"  | {line}" for line in lines[-LAST_WORDS:])

    def _spawn(self, out: int | None) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            leashed(list(self.command)),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=None if out is None else subprocess.STDOUT,
            env={**os.environ, **self._environment},
            cwd=self._folder,
            start_new_session=True,  # Ctrl-C reaches the supervisor alone, which ends all in order
        )

    def _end(self) -> os.waitid_result | None:
        # WNOWAIT leaves its entry in the process table, so that its id, which is the id of the
        # group, cannot become another program's before `kill` has ended the rest of the group.
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)

    def _signal(self, number: signal.Signals) -> None:
        if self._child is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._child.pid, number)


class Step(Process):
    """A process that does one thing and ends; ready when it ended well."""

    @property
    def has_failed(self) -> bool:
        """Whether it ended badly."""
        return super().has_failed and not self.ready()

    def ready(self) -> bool:
        """Whether it has ended well."""
        end = self._end()
        return end is not None and (end.si_code, end.si_status) == (os.CLD_EXITED, 0)


def wait_until_ready(process: Process, *, seconds: float) -> None:
    """Ask again and again; raise a sentence when it ended or the time is over."""
    deadline = time.monotonic() + seconds
    while not process.ready():
        raise_if_failed(process)
        if time.monotonic() > deadline:
            raise Failure(too_late(process, seconds))
        time.sleep(PAUSE)


def raise_if_failed(process: Process) -> None:
    """Raise a sentence with the last lines of its log, if it ended unasked."""
    if process.has_failed:
        where = f" (all of it in {process.log})" if process.log else ""
        raise Failure(f"{process.name} ended unexpectedly{where}:\n{process.last_words()}".rstrip())


def too_late(process: Process, seconds: float) -> str:
    """The sentence for a process that did not get ready."""
    return f"{process.name} was not ready within {seconds:g} s; read {process.log} and try again."
