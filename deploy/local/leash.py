"""Runs a command that ends when its parent does: `leash.py PARENT_PID SIGNAL COMMAND...`.

Linux sends a process the signal it has asked for when the thread that started it ends, so that
nothing is left running even if the parent was killed with -9 and could not tidy up. The wish
survives `exec` but can only be made by the child itself. Making it between fork and exec
(`preexec_fn`) may deadlock in a process with threads, hence this small program in between.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def leashed(command: list[str], *, signal_name: str = "SIGKILL") -> list[str]:
    """The command line that runs `command` on the leash of this process."""
    return [sys.executable, "-ES", __file__, str(os.getpid()), signal_name, *command]


def main(parent: int, signal_name: str, command: list[str]) -> None:
    """Ask for the signal, then become the command."""
    if sys.platform == "linux":
        wanted = signal.Signals[signal_name]
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, wanted, 0, 0, 0)
        if os.getppid() != parent:  # it ended before we asked, so no signal would ever come
            sys.exit(1)
    try:
        os.execvp(command[0], command)  # noqa: S606 - becoming another program is the purpose
    except OSError as error:
        sys.exit(f"{command[0]} cannot be run: {error.strerror}.")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3:])
