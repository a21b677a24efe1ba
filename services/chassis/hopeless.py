"""Errors that a process does not outlive: it ends at once and is started anew.

Without memory or threads nobody knows what the libraries have lost: a Kafka client, perhaps, the
task that keeps it going, and it looks well for ever. A `Broken` client does not mend itself. What
is left behind at any moment is whole: the door sees to it.
"""

import asyncio
import errno
import os
from collections.abc import Coroutine, Generator
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


def _is_hopeless(error: BaseException | None) -> bool:
    """Whether it is of that kind, or was raised because of one."""
    match error:
        case None:
            return False
        case MemoryError() | Broken() | OSError(errno=errno.ENOMEM):
            return True
        case RuntimeError(args=(said,)) if said == NO_THREAD:
            return True
        case BaseExceptionGroup(exceptions=several) if any(map(_is_hopeless, several)):
            return True
    return _is_hopeless(error.__cause__)


def end() -> NoReturn:
    """End as `kill -9` would, with a word in the log if that takes one."""
    try:
        os.write(STANDARD_ERROR, LAST_WORDS)
    finally:
        os._exit(EXIT_CODE)


def watch_tasks() -> None:
    """See such errors in every task of this loop, too, whoever waits for it or keeps it.

    Libraries hold on to tasks that have ended, and nobody ever asks these what ended them.
    """
    loop = asyncio.get_running_loop()
    loop.set_task_factory(_watched)
    loop.set_exception_handler(_heard)


def _watched(
    loop: asyncio.AbstractEventLoop,
    work: Coroutine[Any, Any, Any] | Generator[Any, None, Any],
    **given: Any,
) -> "asyncio.Task[Any]":
    watched = Watched(work) if isinstance(work, Coroutine) else work
    return asyncio.Task(watched, loop=loop, **given)


def _heard(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """What went wrong outside of any task, such as when bytes arrived."""
    error = context.get("exception")
    if error is not None:
        end_if_hopeless(error)
    loop.default_exception_handler(context)


class Watched(Coroutine[Any, Any, Any]):
    """A coroutine that does not end in such an error without ending the process."""

    def __init__(self, inner: Coroutine[Any, Any, Any]) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)  # its state and name, which libraries ask for

    def send(self, value: Any) -> Any:
        """Go on."""
        try:
            return self._inner.send(value)
        except StopIteration:
            raise
        except BaseException as error:
            end_if_hopeless(error)
            raise

    def throw(self, *error: Any) -> Any:
        """Go on with an error, such as that it is cancelled."""
        try:
            return self._inner.throw(*error)
        except StopIteration:
            raise
        except BaseException as met:
            end_if_hopeless(met)
            raise

    def close(self) -> None:
        """End it."""
        self._inner.close()

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._inner.__await__()
