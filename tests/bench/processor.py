"""What processes have spent of the processors and hold of the memory, from `/proc`."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

TICKS = os.sysconf("SC_CLK_TCK")
USER, SYSTEM = 11, 12  # fields of /proc/PID/stat, counted from the state on as 0


def seconds(pid: int) -> float:
    """Processor seconds of a process since its start, in user and kernel."""
    text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    fields = text.rpartition(")")[2].split()
    return (int(fields[USER]) + int(fields[SYSTEM])) / TICKS


@dataclass(frozen=True, kw_only=True)
class Held:
    """What a process holds of the memory, in MiB: now, and at its largest moment."""

    now: float
    peak: float


NOW: Final = "VmRSS"
PEAK: Final = "VmHWM"
KIBIBYTES: Final = 1024


def held(pid: int) -> Held:
    """The memory of a process."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines()
    kept = {name: value for name, _, value in (line.partition(":") for line in lines)}
    now, peak = (int(kept[name].split()[0]) / KIBIBYTES for name in (NOW, PEAK))
    return Held(now=now, peak=peak)


def forget_peaks(pids: Iterable[int]) -> None:
    """Let the largest moment of processes be looked for from now on."""
    for pid in pids:
        Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")


class Meter:
    """The processor seconds that named processes spend from now on."""

    def __init__(self, pids: Mapping[str, int]) -> None:
        self._pids = pids
        self._before = {name: seconds(pid) for name, pid in pids.items()}

    def spent(self) -> dict[str, float]:
        """Seconds by name, since the meter was made."""
        return {name: seconds(pid) - self._before[name] for name, pid in self._pids.items()}
