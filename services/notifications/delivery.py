"""The two ways out, as ports: mail over SMTP, text messages over whatever a district has.

A provider says one of three things: taken, not now, or never. Whatever else it raises is a bug of
ours and ends as `technical-failure`.
"""

from email.message import EmailMessage
from typing import Final, Protocol

import aiosmtplib

SECONDS: Final = 30.0
PERMANENT: Final = range(500, 600)


class NotNow(Exception):
    """The provider cannot take it now; it may later."""


class Never(Exception):
    """The provider will not take it for this address, however often it is asked."""


class Mails(Protocol):
    """Takes mails."""

    async def send(self, mail: EmailMessage) -> None:
        """Hand one over.

        Raises:
            NotNow: or `Never`.
        """


class Texts(Protocol):
    """Takes text messages; the port that a district's gateway fills."""

    async def send(self, *, to: str, text: str, key: str) -> None:
        """Hand one over; a provider that honours `key` sends the same one once.

        Raises:
            NotNow: or `Never`.
        """


class Smtp:
    """Mails over SMTP, one connection each: no half-open connection is ever trusted."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port

    async def send(self, mail: EmailMessage) -> None:
        """Hand one over.

        Raises:
            NotNow: a 4xx answer, no connection, or silence.
            Never: a 5xx answer.
        """
        try:
            await aiosmtplib.send(mail, hostname=self._host, port=self._port, timeout=SECONDS)
        except aiosmtplib.SMTPRecipientsRefused as refused:
            codes = [each.code for each in refused.recipients]
            raise (Never if all(code in PERMANENT for code in codes) else NotNow) from None
        except aiosmtplib.SMTPResponseException as answer:
            raise (Never if answer.code in PERMANENT else NotNow) from None
        except (aiosmtplib.SMTPException, OSError):
            raise NotNow from None


class DemoTexts:
    """Stands in for a phone in demo mode: the demo's page of all messages shows each text."""

    async def send(self, *, to: str, text: str, key: str) -> None:
        """Take every text; numbers are those of nobody."""
