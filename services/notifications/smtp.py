"""Mails over SMTP: with TLS and a login where the district's mail server wants them."""

import ssl
from email.message import EmailMessage
from typing import Final, Literal

import aiosmtplib
from pydantic import SecretStr

from services.chassis.logs import log
from services.chassis.ways_out import Security
from services.notifications.delivery import Never, NotNow, is_about_tls

SECONDS: Final = 30.0
PERMANENT: Final = range(500, 600)
WANTS_LOGIN: Final = frozenset({530, 534, 535, 538})  # or TLS first: RFC 4954, RFC 3207
Trouble = Literal["connection", "tls", "login", "sender", "not offered", "answer"]
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
    ) -> None:
        self._host = host
        self._port = port
        self._security = security
        self._user = user
        self._password = password
        # The authorities of this machine, or those that SSL_CERT_FILE names.
        self._trusted = None if security == "none" else ssl.create_default_context()

    async def send(self, mail: EmailMessage) -> None:
        """Hand one over; what is wrong on our side or the server's is logged, without any text.

        Raises:
            NotNow: no connection, no safe one, no login, a 4xx answer, or silence.
            Never: a 5xx answer to the address, or to the mail itself.
        """
        try:
            await aiosmtplib.send(
                mail,
                hostname=self._host,
                port=self._port,
                timeout=SECONDS,
                use_tls=self._security == "tls",
                start_tls=self._security == "starttls",  # True: without it nothing is said
                tls_context=self._trusted,
                username=self._user or None,
                password=self._password.get_secret_value() or None,
            )
        except (aiosmtplib.SMTPException, OSError) as error:
            if is_for_good(error):
                raise Never from None
            code = getattr(error, "code", None)
            log("mail").warning("mail_server.failed", trouble=trouble_of(error), code=code)
            raise NotNow from None


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
