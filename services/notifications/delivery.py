"""The two ways out, as ports: mail (`smtp.py`) and text messages (`http_texts.py`).

A provider says one of three things: taken, not now, or never; or it breaks off, and has perhaps
taken it. Whatever else it raises is a bug of ours and ends as `technical-failure`.
"""

import ssl
from email.message import EmailMessage
from typing import Protocol


class NotNow(Exception):
    """The provider cannot take it now; it may later."""


class Unanswered(Exception):
    """The provider had all of it and did not answer: it may be on its way."""


class Never(Exception):
    """The provider will not take it for this address, however often it is asked."""


class Mails(Protocol):
    """Takes mails."""

    async def send(self, mail: EmailMessage) -> None:
        """Hand one over.

        Raises:
            NotNow: or `Unanswered`, or `Never`.
        """


class Texts(Protocol):
    """Takes text messages; the port that a district's gateway fills."""

    async def send(self, *, to: str, text: str, key: str) -> None:
        """Hand one over; a provider that honours `key` sends the same one once.

        Raises:
            NotNow: or `Never`.
        """

    async def close(self) -> None:
        """Let go of what it holds, when nothing more is sent."""


def is_about_tls(error: BaseException | None) -> bool:
    """Whether there was no safe connection; libraries wrap that in errors of their own."""
    while error is not None and not isinstance(error, ssl.SSLError):
        error = error.__cause__ or error.__context__
    return error is not None
