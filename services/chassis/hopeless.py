"""Errors that a process does not outlive: it ends at once and is started anew.

Without memory or threads nobody knows what the libraries have lost: a Kafka client, perhaps, the
task that keeps it going, and it looks well for ever. A `Broken` client does not mend itself. What
is left behind at any moment is whole: the door sees to it.
"""

import asyncio
import errno
import os
from typing import Any, Final, NoReturn

from services.chassis.kernel import Broken

EXIT_CODE: Final = os.EX_OSERR
STANDARD_ERROR: Final = 2
LAST_WORDS: Final = b'{"event":"process.hopeless","level":"critical"}\n'  # made beforehand
NO_THREAD: Final = "can't start new thread"  # Python has no class of its own for it


def end_if_hopeless(error: BaseException) -> None:
    """Go on where an error says something about what was being done, and not about the process."""
    if _is_hopeless(error):
        end()


def end_if_ended_hopeless(task: "asyncio.Task[Any]") -> None:
    """The same, of a task that has ended."""
    if not task.cancelled() and (error := task.exception()) is not None:
        end_if_hopeless(error)


def _is_hopeless(error: BaseException) -> bool:
    if isinstance(error, BaseExceptionGroup):
        return any(_is_hopeless(each) for each in error.exceptions)
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    return isinstance(error, MemoryError | Broken) or str(error) == NO_THREAD


def end() -> NoReturn:
    """End as `kill -9` would, with a word in the log."""
    os.write(STANDARD_ERROR, LAST_WORDS)
    os._exit(EXIT_CODE)


def watch_tasks() -> None:
    """See the errors, too, that end tasks which nobody waits for."""

    def heard(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if error is not None:
            end_if_hopeless(error)
        loop.default_exception_handler(context)

    asyncio.get_running_loop().set_exception_handler(heard)
