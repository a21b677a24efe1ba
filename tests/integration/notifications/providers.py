"""Providers that a test can make slow, wrong or dead."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage

from services.notifications.http_texts import HttpTexts
from services.notifications.smtp import Smtp


@dataclass
class Unreliable:
    """A real mail server behind something that fails first."""

    smtp: Smtp
    failures: list[type[Exception]] = field(default_factory=list)
    taken: list[EmailMessage] = field(default_factory=list)
    after: Callable[[], None] = lambda: None

    async def send(self, mail: EmailMessage) -> None:
        if self.failures:
            raise self.failures.pop(0)
        await self.smtp.send(mail)
        self.taken.append(mail)
        self.after()


@dataclass
class Slow:
    """A real mail server behind something that takes its time."""

    smtp: Smtp
    is_asked: asyncio.Event = field(default_factory=asyncio.Event)
    may_send: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, mail: EmailMessage) -> None:
        self.is_asked.set()
        await self.may_send.wait()
        await self.smtp.send(mail)


@dataclass
class Hanging:
    """A real mail server that hangs over what asks for a signature, until the test is over."""

    smtp: Smtp
    held: int = 0
    is_over: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, mail: EmailMessage) -> None:
        if "permission" in str(mail["Subject"]):
            self.held += 1
            await self.is_over.wait()
        await self.smtp.send(mail)


@dataclass
class Phone:
    """A gateway that remembers what it was given."""

    failures: list[type[Exception]] = field(default_factory=list)
    texts: list[tuple[str, str]] = field(default_factory=list)
    is_closed: bool = False

    async def send(self, *, to: str, text: str, key: str) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.texts.append((to, text))

    async def close(self) -> None:
        self.is_closed = True


class Died(asyncio.CancelledError):
    """What a process that ends leaves of what it was doing."""


@dataclass
class DyingTexts:
    """A real gateway, and a process that ends as soon as the gateway has said yes."""

    texts: HttpTexts
    dies: bool = True
    taken: list[str] = field(default_factory=list)

    async def send(self, *, to: str, text: str, key: str) -> None:
        await self.texts.send(to=to, text=text, key=key)
        self.taken.append(key)
        if self.dies:
            raise Died

    async def close(self) -> None:
        await self.texts.close()
