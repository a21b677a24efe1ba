"""Mails over SMTP: with TLS and a login where the district's mail server wants them."""

import ssl
from email.message import EmailMessage
from typing import Any, Final, Literal

import aiosmtplib
from pydantic import SecretStr

from services.chassis.logs import log
from services.chassis.message_settings import Security
from services.notifications.delivery import Never, NotNow, Unanswered, is_about_tls

SECONDS: Final = 30.0  # for each step up to the mail itself
ANSWER_SECONDS: Final = 600.0  # for the answer to all of it: RFC 5321 4.5.3.2.6
PERMANENT: Final = range(500, 600)
WANTS_LOGIN: Final = frozenset({530, 534, 535, 538})  # or TLS first: RFC 4954, RFC 3207
Trouble = Literal["connection", "tls", "login", "sender", "not offered", "answer", "no answer"]
NOBODY: Final = SecretStr("")


class Smtp:
    """Mails over SMTP, one connection each: no half-open connection is ever trusted."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        security: Security = "none",
        user: str = "",
        password: SecretStr = NOBODY,
        seconds: float = SECONDS,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        self._host = host
        self._port = port
        self._security = security
        self._user = user
        self._password = password
        self._seconds = seconds
        self._answer_seconds = answer_seconds
        # The authorities of this machine, or those that SSL_CERT_FILE names.
        self._trusted = None if security == "none" else ssl.create_default_context()

    async def send(self, mail: EmailMessage) -> None:
        """Hand one over; what is wrong on our side or the server's is logged, without any text.

        Raises:
            NotNow: no connection, no safe one, no login, a 4xx answer, or silence.
            Unanswered: silence, or no connection any more, after the mail itself.
            Never: a 5xx answer to the address, or to the mail itself.
        """
        client = _Client(
            answer_seconds=self._answer_seconds,
            hostname=self._host,
            port=self._port,
            timeout=self._seconds,
            use_tls=self._security == "tls",
            start_tls=self._security == "starttls",  # True: without it nothing is said
            tls_context=self._trusted,
            username=self._user or None,
            password=self._password.get_secret_value() or None,
        )
        try:
            async with client:
                await client.send_message(mail)
        except (aiosmtplib.SMTPException, OSError) as error:
            if is_for_good(error):
                raise Never from None
            trouble: Trouble = "no answer" if client.is_unanswered else trouble_of(error)
            code = getattr(error, "code", None)
            log("mail").warning("mail_server.failed", trouble=trouble, code=code)
            raise (Unanswered if client.is_unanswered else NotNow) from None


class _Client(aiosmtplib.SMTP):
    """Waits long for the answer to a mail: who gives up there sends it twice.

    The library has one limit for DATA and for the answer to what follows, and does not say which
    of the two was missing; so whatever breaks off from DATA on counts as unanswered.
    """

    def __init__(self, *, answer_seconds: float, **how: Any) -> None:
        super().__init__(**how)
        self._answer_seconds = answer_seconds
        self.is_unanswered = False

    async def data(self, message: str | bytes, /, **of_a_step: Any) -> aiosmtplib.SMTPResponse:
        """Hand the mail itself over, and wait for what is said to all of it."""
        del of_a_step
        try:
            return await super().data(message, timeout=self._answer_seconds)
        except OSError:  # silence and a lost connection are of this kind
            self.is_unanswered = True
            raise


def is_for_good(error: Exception) -> bool:
    """Whether a server said no to this address or this mail, and not to us."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return all(_is_permanent(each.code) for each in error.recipients)
    return isinstance(error, aiosmtplib.SMTPDataError) and _is_permanent(error.code)


def _is_permanent(code: int) -> bool:
    return code in PERMANENT and code not in WANTS_LOGIN


def trouble_of(error: Exception) -> Trouble:
    """Where to look for what is wrong."""
    if is_about_tls(error):
        return "tls"
    if _wants_login(error):
        return "login"
    match error:
        case aiosmtplib.SMTPSenderRefused():
            return "sender"
        case aiosmtplib.SMTPRecipientsRefused() | aiosmtplib.SMTPResponseException():
            return "answer"
        case OSError():  # those of aiosmtplib that are about a connection are of this kind too
            return "connection"
        case _:  # no STARTTLS, or no sort of login that both sides know
            return "not offered"


def _wants_login(error: Exception) -> bool:
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return any(each.code in WANTS_LOGIN for each in error.recipients)
    is_login = isinstance(error, aiosmtplib.SMTPAuthenticationError)
    return is_login or getattr(error, "code", None) in WANTS_LOGIN
