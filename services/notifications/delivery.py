"""The two ways out, as ports: mail over SMTP, text messages over whatever a district has.

A provider says one of three things: taken, not now, or never. Whatever else it raises is a bug of
ours and ends as `technical-failure`.
"""

from email.message import EmailMessage
from typing import Protocol


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


class DemoTexts:
    """Stands in for a phone in demo mode: the demo's page of all messages shows each text."""

    async def send(self, *, to: str, text: str, key: str) -> None:
        """Take every text; numbers are those of nobody."""
