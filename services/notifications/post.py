"""One message that was claimed: composed in its reader's language and given to its provider."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from services.chassis.hopeless import end_if_hopeless
from services.chassis.kernel import Outage
from services.chassis.logs import log
from services.chassis.waiting import patiently
from services.notifications.composing import Composed, Composer
from services.notifications.delivery import Mails, Never, NotNow, Texts, Unanswered
from services.notifications.domain.messages import Message
from services.notifications.domain.sending import Failure
from services.notifications.domain.tokens import Tokens
from services.notifications.mailing import Mailing, plain
from services.notifications.queries import Queries
from services.notifications.repository.letters import Letter, LetterFacts, Letters


@dataclass(frozen=True, kw_only=True)
class Post:
    """What a message is composed by and given to; in the demo it keeps what was said."""

    queries: Queries
    tokens: Tokens
    composer: Composer
    mailing: Mailing
    mails: Mails
    texts: Texts | None
    letters: Letters | None
    real_time: Callable[[], datetime]

    async def send(self, student_id: str, district: str, message: Message) -> Failure | None:
        """Give a message to its provider; None: it was taken."""
        try:
            return await self._sent(student_id, district, message)
        except NotNow:
            return "temporary-failure"
        except Unanswered:
            return "unanswered"
        except Never:
            return "permanent-failure"
        except Outage:
            raise
        except Exception as error:  # noqa: BLE001 - one bad message must not hold up all others
            end_if_hopeless(error)
            log("sender").error(
                "message.broken", message_id=message.message_id, error=type(error).__name__
            )
            return "technical-failure"

    async def _sent(self, student_id: str, district: str, message: Message) -> Failure | None:
        # Read anew: the claim says by which way, and where to.
        mailbox = await patiently(lambda: self.queries.mailbox(student_id, district), "database")
        claimed = mailbox.message(message.message_id) if mailbox else None
        if mailbox is None or claimed is None:
            return "permanent-failure"
        composed = await patiently(lambda: self.composer.composed(mailbox, claimed), "database")
        if composed is None:
            return "permanent-failure"
        if claimed.address and claimed.address != self.tokens.address(district, composed.to):
            return "temporary-failure"  # the card came anew: nobody has looked for a stop there
        if claimed.channel == "email":
            await self.mails.send(self.mailing.mail(claimed, composed))
        else:
            await self._text(claimed, composed)
        await patiently(lambda: self._keep(claimed, composed), "database")
        return None

    async def _text(self, message: Message, composed: Composed) -> None:
        if self.texts is None:
            raise Never
        await self.texts.send(to=composed.to, text=composed.text, key=message.message_id)

    async def _keep(self, message: Message, composed: Composed) -> None:
        if self.letters is None:
            return
        is_mail = message.channel == "email"
        facts = LetterFacts(
            to=composed.to,
            subject=composed.subject if is_mail else "",
            text=plain(composed) if is_mail else composed.text,
            link=composed.link,
        )
        letter = Letter(
            message_id=message.message_id,
            at=self.real_time(),
            channel=message.channel,
            locale=composed.locale,
            recipient=message.recipient,
            facts=facts,
        )
        await self.letters.add(letter, message.recipient_id)

    async def close(self) -> None:
        """Let go of what is open."""
        if self.texts is not None:
            await self.texts.close()
