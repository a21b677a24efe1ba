"""What processes have spent of the processors, from `/proc`."""

import os
from collections.abc import Mapping
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
USER, SYSTEM = 11, 12  # fields of /proc/PID/stat, counted from the state on as 0


def seconds(pid: int) -> float:
    """Processor seconds of a process since its start, in user and kernel."""
    text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    fields = text.rpartition(")")[2].split()
    return (int(fields[USER]) + int(fields[SYSTEM])) / TICKS


def mebibytes(pid: int) -> float:
    """What a process holds of the memory now."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


class Meter:
    """The processor seconds that named processes spend from now on."""

    def __init__(self, pids: Mapping[str, int]) -> None:
        self._pids = pids
        self._before = {name: seconds(pid) for name, pid in pids.items()}

    def spent(self) -> dict[str, float]:
        """Seconds by name, since the meter was made."""
        return {name: seconds(pid) - self._before[name] for name, pid in self._pids.items()}
