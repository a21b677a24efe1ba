import sys
from collections.abc import Iterator
from contextlib import contextmanager


class Failure(Exception):
    """Something a person must do first; the text is one sentence saying what and what to do."""


@contextmanager
def said_in_one_sentence() -> Iterator[None]:
    """End the program with the sentence of a `Failure` and exit code 1, without a traceback."""
    try:
        yield
    except Failure as failure:
        print(failure, file=sys.stderr, flush=True)
        raise SystemExit(1) from None
