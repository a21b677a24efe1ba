"""Programs run to their end as at a terminal, each in a process of its own.

Forked from a process that has imported the services already: on a small machine the imports take
three seconds, the command itself a tenth of one.
"""

import multiprocessing
import os
import runpy
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

FORKING: Final = multiprocessing.get_context("forkserver")
IMPORTED: Final = [  # not the programs themselves: they look at the terminal when they begin
    "services.plans.main",
    "services.referrals.main",
    "services.notifications.main",
    "typer",
    "rich.table",
]
STREAMS: Final = ("typed", "out", "errors")  # by file descriptor


def run(
    module: str,
    words: Sequence[str],
    *,
    typed: str = "",
    environment: Mapping[str, str],
    folder: Path,
    seconds: float,
) -> tuple[int, str, str]:
    """What `python -m MODULE WORDS…` does in a folder: exit code, output, errors.

    Raises:
        TimeoutError: it does not end; it is killed.
    """
    FORKING.set_forkserver_preload(IMPORTED)
    with tempfile.TemporaryDirectory() as streams:
        paths = [Path(streams, each) for each in STREAMS]
        for path, text in zip(paths, (typed, "", ""), strict=True):
            path.write_text(text, encoding="utf-8")
        given = (module, list(words), dict(environment), str(folder), [str(each) for each in paths])
        process = FORKING.Process(target=_work, args=given, daemon=True)
        process.start()
        process.join(seconds)
        code = process.exitcode
        if code is None:
            process.kill()
            raise TimeoutError(f"{module} {' '.join(words)} has not ended in {seconds:g} s")
        _, out, errors = (each.read_text(encoding="utf-8") for each in paths)
        return code, out, errors


def _work(
    module: str, words: list[str], environment: dict[str, str], folder: str, streams: list[str]
) -> None:
    """The process: no terminal, so that a password comes from standard input."""
    os.setsid()
    os.chdir(folder)
    os.environ.clear()  # noqa: TID251 - it is this process's own
    os.environ.update(environment)  # noqa: TID251
    for number, path in enumerate(streams):
        opened = os.open(path, os.O_RDWR | os.O_APPEND)
        os.dup2(opened, number)
    sys.stdin, sys.stdout, sys.stderr = (
        os.fdopen(number, mode, encoding="utf-8") for number, mode in enumerate(("r", "w", "w"))
    )
    sys.argv = [module, *words]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
