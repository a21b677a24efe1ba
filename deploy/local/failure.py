import sys
from collections.abc import Iterator
from contextlib import contextmanager


class Failure(Exception):
    """Something a person must do first; the text is one sentence saying what and what to do."""


@contextmanager
def said_in_one_sentence() -> Iterator[None]:
    """End the program with the sentence of a `Failure` and exit code 1, without a traceback.

    A file that cannot be read or written is said as well: by its name, with the system's reason.
    """
    try:
        yield
    except Failure as failure:
        sentence = str(failure)
    except OSError as error:
        if not error.filename:
            raise  # not about a file: a bug
        sentence = (
            f"{error.filename} cannot be used ({error.strerror}): "
            "make it readable and writable, then run the command again."
        )
    else:
        return
    print(sentence, file=sys.stderr, flush=True)
    raise SystemExit(1)
