"""Mail to a real SMTP server that wants TLS and a login, or takes its time."""

import asyncio
from collections.abc import Iterable, Mapping
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from deploy.local.ports import LOOPBACK, free_port
from services.chassis.message_settings import Security
from services.notifications.delivery import Never, NotNow, Unanswered
from services.notifications.smtp import Smtp
from tests.certificates import certificate
from tests.integration.notifications.mailboxes import mails
from tests.integration.notifications.running import DEADLINE_SECONDS
from tests.integration.notifications.strict_mail import (
    PASSWORD,
    USER,
    Thinking,
    mail_server,
    plain_server,
)

TO = "nadege@families.example"


@pytest.fixture
def pem(tmp_path: Path) -> Path:
    return certificate(tmp_path)


@pytest.fixture
def _trusted(pem: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))


def a_mail(to: str = TO) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "district@schools.example", to, "Konfimasyon"
    mail.set_content("Bonjou")
    return mail


def smtp(port: int, security: Security, *, password: str = PASSWORD, **limits: float) -> Smtp:
    user, secret = USER if password else "", SecretStr(password)
    return Smtp(LOOPBACK, port, security=security, user=user, password=secret, **limits)


def troubles(lines: Iterable[Mapping[str, Any]]) -> list[str]:
    """What our own lines name; the server runs in the same process and has lines too."""
    return [each["trouble"] for each in lines if each["event"] == "mail_server.failed"]


@pytest.mark.usefixtures("_trusted")
@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_mail_goes_over_tls_with_a_login(
    tmp_path: Path, pem: Path, security: Security
) -> None:
    async with mail_server(tmp_path / "mail", pem, security=security) as port:
        await smtp(port, security).send(a_mail())
        with pytest.raises(Never):
            await smtp(port, security).send(a_mail("nobody@families.example"))

    assert [str(each["To"]) for each in mails(tmp_path / "mail")] == [TO]


@pytest.mark.usefixtures("_trusted")
@pytest.mark.parametrize(
    ("offered", "spoken", "password", "trouble"),
    [
        ("starttls", "starttls", "not the one", "login"),
        ("tls", "tls", "not the one", "login"),
        ("starttls", "starttls", "", "login"),  # a login is wanted, and none is given
        ("starttls", "none", "", "login"),  # it says 530 too, and means TLS
        ("none", "starttls", "", "not offered"),
        ("none", "starttls", PASSWORD, "not offered"),
        ("none", "tls", "", "tls"),
    ],
)
async def test_what_is_wrong_with_us_is_logged_and_the_mail_waits(
    tmp_path: Path, pem: Path, *, offered: Security, spoken: Security, password: str, trouble: str
) -> None:
    with capture_logs() as lines:
        async with mail_server(tmp_path / "mail", pem, security=offered) as port:
            with pytest.raises(NotNow) as told:
                await smtp(port, spoken, password=password).send(a_mail())

    assert troubles(lines) == [trouble]
    for secret in filter(None, (password, USER, TO)):
        assert secret not in repr(lines)
        assert secret not in repr(told.value)
    assert not mails(tmp_path / "mail")


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_nothing_is_said_to_a_server_that_cannot_prove_who_it_is(
    tmp_path: Path, pem: Path, security: Security
) -> None:
    with capture_logs() as lines:
        async with mail_server(tmp_path / "mail", pem, security=security) as port:
            with pytest.raises(NotNow):
                await smtp(port, security).send(a_mail())

    assert troubles(lines) == ["tls"]


async def test_a_mail_server_that_is_away_is_said_to_be(tmp_path: Path) -> None:
    with capture_logs() as lines, pytest.raises(NotNow):
        await smtp(free_port(), "none", password="").send(a_mail())

    assert troubles(lines) == ["connection"]


async def test_the_answer_to_a_mail_may_take_longer_than_any_step_before_it(tmp_path: Path) -> None:
    thinking = Thinking(tmp_path / "mail")
    async with plain_server(thinking) as port:
        sending = asyncio.create_task(smtp(port, "none", password="", seconds=0.2).send(a_mail()))
        async with asyncio.timeout(DEADLINE_SECONDS):
            await thinking.has_it_all.wait()
        asyncio.get_running_loop().call_later(0.6, thinking.may_answer.set)
        await sending

    assert len(mails(tmp_path / "mail")) == 1


@pytest.mark.parametrize("hangs_up", [True, False], ids=["hangs up", "says nothing"])
async def test_a_server_that_has_all_of_a_mail_and_does_not_answer_has_perhaps_taken_it(
    tmp_path: Path,
    hangs_up: bool,  # noqa: FBT001
) -> None:
    thinking = Thinking(tmp_path / "mail", hangs_up=hangs_up)
    with capture_logs() as lines:
        async with plain_server(thinking) as port:
            with pytest.raises(Unanswered):
                await smtp(port, "none", password="", answer_seconds=0.2).send(a_mail())
            thinking.may_answer.set()

    assert troubles(lines) == ["no answer"]
