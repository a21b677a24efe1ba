from email.message import EmailMessage
from pathlib import Path

from deploy.checker.mails import kept_mails, mails_agree
from tests.unit.checker.builders import QUEUED, of_message


def test_what_was_sent_arrived_and_what_arrived_was_meant() -> None:
    sent = [of_message("message_sent", "m-1"), of_message("message_sent", "m-2", "sms")]

    assert not [*mails_agree([*QUEUED, *sent], ["m-1", "m-1"])]  # twice, after a crash
    assert [*mails_agree([*QUEUED, *sent], [])] == [
        "mail m-1 is said to be sent and did not arrive"
    ]
    assert [*mails_agree(QUEUED, ["m-9"])] == ["mail m-9 arrived, and nobody meant to send it"]


def test_a_kept_mail_is_known_by_its_message(tmp_path: Path) -> None:
    mail = EmailMessage()
    mail["Message-ID"] = "<m-1@schools.example>"
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "1").write_bytes(mail.as_bytes())

    assert [*kept_mails(tmp_path)] == ["m-1"]
