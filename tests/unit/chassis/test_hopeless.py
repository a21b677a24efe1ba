"""A process that has no memory left ends at once, and leaves a word."""

import asyncio
import errno
import subprocess
import sys

import pytest

from services.chassis import hopeless
from services.chassis.hopeless import EXIT_CODE, LAST_WORDS, end_if_hopeless
from services.chassis.kernel import Broken
from tests.endings import Ended

OF_MACHINE = [
    Broken(),
    MemoryError(),
    OSError(errno.ENOMEM, "Cannot allocate memory"),
    RuntimeError("can't start new thread"),
    ExceptionGroup("some", [ValueError(), ExceptionGroup("more", [MemoryError()])]),
]
OF_WORK = [
    ValueError("of what was done"),
    OSError(errno.ENOENT, "no such file"),
    RuntimeError("can't"),
    ExceptionGroup("some", [ValueError()]),
]


@pytest.mark.parametrize("error", OF_MACHINE, ids=repr)
def test_what_the_machine_lacks_ends_the_process(error: Exception, endings: list[str]) -> None:
    with pytest.raises(Ended):
        end_if_hopeless(error)
    assert endings == ["ended"]


@pytest.mark.parametrize("error", OF_WORK, ids=repr)
def test_what_went_wrong_with_some_work_does_not(error: Exception, endings: list[str]) -> None:
    end_if_hopeless(error)
    assert endings == []


def test_the_process_ends_at_once_with_its_last_words() -> None:
    program = (
        "from services.chassis.hopeless import end_if_hopeless\n"
        "try:\n"
        "    end_if_hopeless(MemoryError())\n"
        "finally:\n"
        "    print('and went on')\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)  # noqa: S603 - our own program
    assert (ended.returncode, ended.stderr, ended.stdout) == (EXIT_CODE, LAST_WORDS, b"")


async def test_a_task_that_nobody_waits_for_is_seen(endings: list[str]) -> None:
    async def starves() -> None:
        raise MemoryError

    hopeless.watch_tasks()
    task = asyncio.create_task(starves())
    await asyncio.wait({task})
    del task  # its error was never asked for

    assert endings == ["ended"]
