"""Programs run to their end as at a terminal, each in a process of its own."""

import os
import runpy
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from tests.forking import forked

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
    with tempfile.TemporaryDirectory() as streams:
        paths = [Path(streams, each) for each in STREAMS]
        for path, text in zip(paths, (typed, "", ""), strict=True):
            path.write_text(text, encoding="utf-8")
        process = forked(_type, module, list(words), dict(environment), folder, paths)
        process.start()
        process.join(seconds)
        code = process.exitcode
        if code is None:
            process.kill()
            raise TimeoutError(f"{module} {' '.join(words)} has not ended in {seconds:g} s")
        _, out, errors = (each.read_text(encoding="utf-8") for each in paths)
        return code, out, errors


def _type(
    module: str, words: list[str], environment: dict[str, str], folder: Path, streams: list[Path]
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
