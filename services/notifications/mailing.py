"""A composed message as a mail: plain and as HTML, in one."""

from dataclasses import dataclass
from email.message import EmailMessage

from services.chassis.rendering import Templates
from services.notifications.composing import Composed
from services.notifications.domain.messages import Message


@dataclass(frozen=True, kw_only=True)
class Mailing:
    """Makes mails, all from one sender."""

    templates: Templates
    sender_address: str

    def mail(self, message: Message, composed: Composed) -> EmailMessage:
        """The mail of a message; its Message-ID is the same each time it is made."""
        mail = EmailMessage()
        mail["From"] = self.sender_address
        mail["To"] = composed.to
        mail["Subject"] = " ".join(composed.subject.split())
        domain = self.sender_address.partition("@")[2] or "wraparound.invalid"
        mail["Message-ID"] = f"<{message.message_id}@{domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(plain(composed))
        html = self.templates.text("mail.html", composed.locale, mail=composed)
        mail.add_alternative(html, subtype="html")
        mail["Content-Language"] = composed.locale  # last: a body takes such headers along
        return mail


def plain(composed: Composed) -> str:
    """A mail without HTML."""
    link = [f"{composed.act}: {composed.link}"] if composed.link else []
    return "\n\n".join((*composed.lines, *link, *composed.closing)) + "\n"
