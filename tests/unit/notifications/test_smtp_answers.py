import ssl

import pytest
from aiosmtplib import (
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPConnectResponseError,
    SMTPDataError,
    SMTPException,
    SMTPHeloError,
    SMTPReadTimeoutError,
    SMTPRecipientRefused,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
    SMTPServerDisconnected,
)

from services.notifications.smtp import Trouble, is_for_good, trouble_of


def refused(*codes: int) -> SMTPRecipientsRefused:
    return SMTPRecipientsRefused([SMTPRecipientRefused(each, "said", "to") for each in codes])


def because_of_tls() -> SMTPConnectError:
    error = SMTPConnectError("no connection")
    error.__cause__ = ssl.SSLCertVerificationError("who is this?")
    return error


@pytest.mark.parametrize("error", [refused(550), refused(550, 553), SMTPDataError(554, "spam")])
def test_a_no_to_the_address_or_the_mail_is_for_good(error: Exception) -> None:
    assert is_for_good(error)


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (refused(450), "answer"),
        (refused(550, 450), "answer"),
        (refused(530), "login"),
        (SMTPDataError(452, "full"), "answer"),
        (SMTPDataError(530, "who are you?"), "login"),
        (SMTPAuthenticationError(535, "wrong"), "login"),
        (SMTPAuthenticationError(454, "not now"), "login"),
        (SMTPSenderRefused(530, "who are you?", "us"), "login"),
        (SMTPSenderRefused(553, "not yours", "us"), "sender"),
        (SMTPConnectResponseError(554, "not from there"), "answer"),
        (SMTPHeloError(550, "not from there"), "answer"),
        (SMTPResponseException(502, "no STARTTLS"), "answer"),
        (ssl.SSLCertVerificationError("who is this?"), "tls"),
        (because_of_tls(), "tls"),
        (SMTPException("no STARTTLS"), "not offered"),
        (SMTPConnectError("refused"), "connection"),
        (SMTPServerDisconnected("gone"), "connection"),
        (SMTPReadTimeoutError("silence"), "connection"),
        (ConnectionRefusedError(), "connection"),
    ],
)
def test_a_no_to_us_or_to_the_moment_is_not_for_good_and_says_where_to_look(
    error: Exception, trouble: Trouble
) -> None:
    assert (is_for_good(error), trouble_of(error)) == (False, trouble)
