"""A process that has no memory left ends at once, and leaves a word."""

import asyncio
import errno
import subprocess
import sys
from contextlib import suppress

import anyio
import pytest

from services.chassis import hopeless
from services.chassis.consumer import Consumer
from services.chassis.hopeless import EXIT_CODE, LAST_WORDS, end_if_hopeless
from services.chassis.kernel import Broken
from tests.endings import Ended


def because_of(cause: Exception) -> Exception:
    """What a library makes of an error."""
    error = ValueError("could not")
    error.__cause__ = cause
    return error


OF_MACHINE = [
    Broken(),
    MemoryError(),
    OSError(errno.ENOMEM, "Cannot allocate memory"),
    RuntimeError("can't start new thread"),
    ExceptionGroup("some", [ValueError(), ExceptionGroup("more", [MemoryError()])]),
    because_of(MemoryError()),
]
OF_WORK = [
    ValueError("of what was done"),
    OSError(errno.ENOENT, "no such file"),
    RuntimeError("can't"),
    ValueError("can't start new thread"),
    because_of(ValueError()),
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
    kept = asyncio.create_task(starves())  # as libraries keep theirs, and never ask
    await asyncio.wait({kept})

    assert endings == ["ended"]


async def test_what_a_task_gives_and_what_ends_it_stay_as_they_are(endings: list[str]) -> None:
    async def gives(number: int) -> int:
        await asyncio.sleep(0)
        if not number:
            raise ZeroDivisionError
        return number

    hopeless.watch_tasks()
    task = asyncio.create_task(gives(7), name="seven")
    assert await task == 7
    assert task.get_name() == "seven"
    assert "gives" in repr(task)
    with pytest.raises(ZeroDivisionError):
        await asyncio.create_task(gives(0))
    cancelled = asyncio.create_task(gives(1))
    cancelled.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cancelled
    async with anyio.create_task_group() as group:  # asks for the state of its tasks
        group.start_soon(gives, 1)
        group.cancel_scope.cancel()
    assert endings == []


async def test_a_batch_that_meets_it_is_not_passed_over(
    endings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def starves(self: Consumer, batch: object) -> None:
        raise MemoryError

    monkeypatch.setattr(Consumer, "_handle", starves)
    with pytest.raises(Ended):
        await Consumer.__new__(Consumer).handle([])

    assert endings == ["ended"]


async def test_what_goes_wrong_outside_of_any_task_is_seen(endings: list[str]) -> None:
    def starves() -> None:
        raise MemoryError

    hopeless.watch_tasks()
    asyncio.get_running_loop().call_soon(starves)
    with suppress(Ended):
        await asyncio.sleep(0.01)

    assert endings == ["ended"]
