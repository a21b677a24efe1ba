"""Real SMTP servers in the loop of a test: one keeps all, one is strict, one takes its time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from aiosmtpd.handlers import Mailbox
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from deploy.local.ports import LOOPBACK, free_port
from services.chassis.message_settings import Security
from tests.certificates import server_context

USER: Final = "wraparound"
PASSWORD: Final = "correct horse"


class Strict(Mailbox):
    """Keeps mails, but none for whom nobody knows."""

    async def handle_RCPT(
        self, server: SMTP, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if address.startswith("nobody"):
            return "550 nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"


class Thinking(Mailbox):
    """Has a mail and says nothing to it until it may."""

    def __init__(self, folder: Path, *, hangs_up: bool = False) -> None:
        super().__init__(folder)
        self.has_it_all = asyncio.Event()
        self.may_answer = asyncio.Event()
        self.hangs_up = hangs_up

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        self.has_it_all.set()
        if self.hangs_up and server.transport:
            server.transport.close()
        await self.may_answer.wait()
        return str(await super().handle_DATA(server, session, envelope))


def is_known(
    server: SMTP, session: Any, envelope: Any, mechanism: str, given: LoginPassword
) -> AuthResult:
    return AuthResult(
        success=(given.login, given.password) == (USER.encode(), PASSWORD.encode()), handled=False
    )


@asynccontextmanager
async def mail_server(folder: Path, pem: Path, *, security: Security) -> AsyncIterator[int]:
    """It runs until the block ends; gives its port. With `none` it offers neither."""
    context = server_context(pem)
    made: dict[str, Any] = {
        "none": {},
        "starttls": {"tls_context": context, "require_starttls": True, "auth_required": True},
        # It does not see that it is spoken to over TLS, so it must not insist.
        "tls": {"authenticator": is_known, "auth_require_tls": False},
    }[security]
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(
            Strict(folder), hostname="localhost", loop=loop, **{"authenticator": is_known, **made}
        ),
        LOOPBACK,
        (port := free_port()),
        ssl=context if security == "tls" else None,
    )
    async with server:
        yield port


@dataclass(frozen=True, kw_only=True)
class Letterbox:
    """Where a mail server listens, and where it keeps what it gets."""

    folder: Path
    port: int


@asynccontextmanager
async def letterbox(folder: Path) -> AsyncIterator[Letterbox]:
    """One that keeps every mail runs until the block ends."""
    async with plain_server(Mailbox(folder)) as port:
        yield Letterbox(folder=folder, port=port)


@asynccontextmanager
async def plain_server(handler: Mailbox) -> AsyncIterator[int]:
    """One without TLS and login runs until the block ends; gives its port."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(handler, enable_SMTPUTF8=True, hostname="localhost", loop=loop),
        LOOPBACK,
        (port := free_port()),
    )
    async with server:
        yield port
