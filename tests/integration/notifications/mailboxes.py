"""What a real SMTP server kept, read back as people would see it."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path


def mails(folder: Path) -> list[EmailMessage]:
    """Every mail that arrived, oldest first."""
    arrived = sorted((folder / "new").glob("*"), key=lambda path: path.stat().st_mtime_ns)
    return [message_from_bytes(path.read_bytes(), policy=default) for path in arrived]


def words(mail: EmailMessage) -> str:
    """What a mail says in plain text."""
    body = mail.get_body(("plain",))
    return str(body.get_content()) if body else ""
