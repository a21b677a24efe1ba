"""What families do at links and the sender does with messages: each a command at the door."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, Protocol
from uuid import UUID, uuid5

from services.chassis.commit import Committer
from services.chassis.hashing import Hashes
from services.chassis.kernel import NAMESPACE, Reliance, Route
from services.notifications.domain import answers, links, pins, sending, step_up, stops
from services.notifications.domain.cards import FamilyCard
from services.notifications.domain.links import EnterCode, EnterPin, Knock, Link
from services.notifications.domain.mailbox import Mailbox
from services.notifications.domain.messages import MessageState
from services.notifications.domain.pins import ContactChoice, SetPin
from services.notifications.domain.policy import Policy, Traces
from services.notifications.domain.step_up import IssueCode, SendAgain
from services.notifications.domain.stops import StopAddress, Stops, address_at, stops_id_of
from services.notifications.domain.tokens import Tokens
from services.notifications.scopes import scope_of_link, scope_of_sender


def _recipient(mailbox: Mailbox | None, asked: Any) -> str | None:
    message = mailbox.message(asked.message_id) if mailbox else None
    return message.recipient_id if message and message.recipient == "family" else None


def _by_address(asked: Any) -> list[str]:
    return [stops_id_of(asked.scope.district, asked.address)] if asked.address else []


def _by_link(asked: Any) -> list[str]:
    return [asked.link_id]


def _by_student(asked: Any) -> list[str]:
    return [asked.student_id]


FAMILY: Final = Reliance(FamilyCard, lambda _, asked: asked.student_id)
OF_LINK: Final = Reliance(FamilyCard, lambda link, _: link.student_id if link else None)
CHOICE: Final = Reliance(ContactChoice, _recipient)
STOPPED: Final = Reliance(Stops, lambda _, asked: next(iter(_by_address(asked)), None))
ASKED: Final = Reliance(Mailbox, lambda link, _: link.student_id if link else None)


def _at_link(decide: Any, *relies_on: Reliance) -> Route[Any, Any]:
    # A card that bars a contact may come between the page and what is pressed there.
    return Route(kind=Link, by=_by_link, decide=decide, relies_on=(OF_LINK, *relies_on))


def _at_mailbox(decide: Any, *relies_on: Reliance, needs: tuple[type, ...] = ()) -> Route[Any, Any]:
    return Route(kind=Mailbox, by=_by_student, decide=decide, relies_on=relies_on, needs=needs)


KNOCK: Final = _at_link(links.knock)
ENTER_CODE: Final = _at_link(links.enter_code)
ENTER_PIN: Final = _at_link(links.enter_pin)
ANSWER_CONSENT: Final = _at_link(answers.answer_consent, ASKED)
REVOKE_CONSENT: Final = _at_link(answers.revoke_consent, ASKED)
ANSWER_VISIT: Final = _at_link(answers.answer_visit, ASKED)
TURN_AWAY: Final = _at_link(answers.turn_away)
SET_PIN: Final[Route[Any, Any]] = Route(
    kind=ContactChoice, by=lambda asked: [asked.contact_id], decide=pins.set_pin
)
STOP_ADDRESS: Final[Route[Any, Any]] = Route(kind=Stops, by=_by_address, decide=stops.stop_address)
ISSUE_CODE: Final = _at_mailbox(step_up.issue_code, FAMILY, needs=(Policy, Traces))
SEND_AGAIN: Final = _at_mailbox(step_up.send_again, FAMILY, needs=(Traces,))
MARK_SENDING: Final = _at_mailbox(sending.mark_sending, FAMILY, CHOICE, STOPPED, needs=(Tokens,))
KEEP_IN_HAND: Final = _at_mailbox(sending.keep_in_hand)
MARK_SENT: Final = _at_mailbox(sending.mark_sent)
MARK_FAILED: Final = _at_mailbox(sending.mark_failed)
MARK_SEEN: Final = _at_mailbox(sending.mark_seen)
SWEEP_UP: Final = _at_mailbox(sending.sweep_up)


class Sending:
    """What the sender does with messages."""

    def __init__(self, committer: Committer) -> None:
        self._committer = committer

    async def claim(self, asked: sending.MarkSending) -> bool:
        """Take a message in hand; False when it may not go now."""
        box = await self._committer.submit(asked, MARK_SENDING)
        message = box.message(asked.message_id) if box else None
        return message is not None and message.claim == asked.claim

    async def keep(self, asked: sending.KeepInHand) -> None:
        """It is still in hand."""
        await self._committer.submit(asked, KEEP_IN_HAND, even_if_busy=True)

    async def sent(self, asked: sending.MarkSent) -> None:
        """A provider took it."""
        await self._committer.submit(asked, MARK_SENT, even_if_busy=True)

    async def failed(self, asked: sending.MarkFailed) -> None:
        """A provider did not take it."""
        await self._committer.submit(asked, MARK_FAILED, even_if_busy=True)

    async def sweep_up(self, asked: sending.SweepUp) -> None:
        """Give back what was claimed long ago."""
        await self._committer.submit(asked, SWEEP_UP)


class Known(Protocol):
    """What is looked up before a decision, to compare with what somebody gives."""

    async def family(self, student_id: str, district: str) -> FamilyCard:
        """The child's card."""

    async def mailbox(self, student_id: str, district: str) -> Mailbox | None:
        """The codes that were sent."""

    async def choice(self, contact_id: str, district: str) -> ContactChoice:
        """The PIN."""


class StepUp:
    """How somebody at a link shows who they are. Each True lets them in; five wrong end the link.

    All of these refuse as `links.usable`.
    """

    def __init__(
        self,
        committer: Committer,
        known: Known,
        tokens: Tokens,
        clock: Callable[[], datetime],
    ) -> None:
        self._committer = committer
        self._known = known
        self._tokens = tokens
        self._clock = clock
        self._hashes = Hashes()

    async def knock(self, link: Link, key: UUID, *, month: int, day: int) -> bool:
        """Take the student's birthday; a right one sends a code, and needs no code twice."""
        family = await self._known.family(link.student_id, link.district)
        is_right = step_up.is_birthday(family, month, day)
        tried = self._tokens.try_of(key, f"{month} {day}", is_right=is_right)
        scope = scope_of_link(link)
        asked = Knock(key=tried, scope=scope, link_id=link.link_id, is_right=is_right)
        await self._committer.submit(asked, KNOCK)
        if is_right:
            await self.send_code(link, uuid5(tried, "code"))
        return is_right

    async def send_code(self, link: Link, key: UUID) -> None:
        """Send six digits the way the link went."""
        asked = IssueCode(
            key=key,
            scope=scope_of_link(link).only("student_id"),
            student_id=link.student_id,
            contact_id=link.contact_id,
            message_id=link.message_id,
        )
        await self._committer.submit(asked, ISSUE_CODE)

    async def codes(self, link: Link) -> list[str]:
        """The codes that are good now, newest last."""
        box = await self._known.mailbox(link.student_id, link.district)
        sent = step_up.recent_codes(box, link.link_id, self._clock()) if box else []
        return [self._tokens.code(each.message_id) for each in sent]

    async def enter_code(self, link: Link, key: UUID, given: str) -> bool:
        """Take a code."""
        good = [step_up.is_code(given, each) for each in await self.codes(link)]
        is_right = any(good)
        tried = self._tokens.try_of(key, given, is_right=is_right)
        scope = scope_of_link(link)
        asked = EnterCode(key=tried, scope=scope, link_id=link.link_id, is_right=is_right)
        await self._committer.submit(asked, ENTER_CODE)
        return is_right

    async def enter_pin(self, link: Link, key: UUID, given: str) -> bool:
        """Take the contact's own PIN."""
        choice = await self._known.choice(link.contact_id, link.district)
        is_right = await self._hashes.fits(choice.pin_hash or "", given)
        tried = self._tokens.try_of(key, given, is_right=is_right)
        scope = scope_of_link(link)
        asked = EnterPin(key=tried, scope=scope, link_id=link.link_id, is_right=is_right)
        await self._committer.submit(asked, ENTER_PIN)
        return is_right

    async def set_pin(self, link: Link, key: UUID, pin: str) -> None:
        """Set the contact's PIN."""
        # The salt follows from the key, so that a form sent twice asks for the same.
        salt = self._tokens.salt(str(key))
        hashed = await self._hashes.of(pin, salt=salt)
        scope = scope_of_link(link).only("contact_id")
        asked = SetPin(key=key, scope=scope, contact_id=link.contact_id, pin_hash=hashed)
        await self._committer.submit(asked, SET_PIN)

    async def seen(self, link: Link, mailbox: Mailbox) -> None:
        """Note that the message of a link was read; twice is once."""
        message = mailbox.message(link.message_id)
        if message is None or message.moved(MessageState.DELIVERED) == message:
            return
        asked = sending.MarkSeen(
            key=uuid5(NAMESPACE, f"seen {link.message_id}"),
            scope=scope_of_sender(link.district),
            student_id=link.student_id,
            message_id=link.message_id,
        )
        await self._committer.submit(asked, MARK_SEEN, even_if_busy=True)


class Families:
    """What a family answers, and what it wants to hear no more."""

    def __init__(self, committer: Committer, tokens: Tokens) -> None:
        self._committer = committer
        self._tokens = tokens

    async def answer_consent(self, asked: answers.AnswerConsent) -> Link:
        """Agree or refuse; refuses as `domain.answers.answer_consent`."""
        found: Link = await self._committer.submit(asked, ANSWER_CONSENT)
        return found

    async def revoke_consent(self, asked: answers.RevokeConsent) -> Link:
        """Take a permission back; refuses as `domain.answers.revoke_consent`."""
        found: Link = await self._committer.submit(asked, REVOKE_CONSENT)
        return found

    async def answer_visit(self, asked: answers.AnswerVisit) -> Link:
        """Answer about a first visit; refuses as `domain.answers.answer_visit`."""
        found: Link = await self._committer.submit(asked, ANSWER_VISIT)
        return found

    async def turn_away(
        self, link: Link, asked: answers.TurnAway, mailbox: Mailbox, family: FamilyCard
    ) -> None:
        """Write no more there, and tell the school; a repeat finishes what a crash cut off."""
        if address := self._address(link, mailbox, family):
            stop = StopAddress(
                key=uuid5(asked.key, "stop"), scope=scope_of_link(link).only(), address=address
            )
            await self._committer.submit(stop, STOP_ADDRESS)
        await self._committer.submit(asked, TURN_AWAY)

    def _address(self, link: Link, mailbox: Mailbox, family: FamilyCard) -> str | None:
        """Where the link went: the card may name another address by now, which is not meant."""
        message = mailbox.message(link.message_id)
        channel = message.channel if message and message.channels else "email"
        went_to = message.address if message else None
        return went_to or address_at(family, link.contact_id, channel, self._tokens)

    async def send_again(self, link: Link, key: UUID) -> None:
        """Send a new link to the channel on file, if there is still something to say."""
        asked = SendAgain(
            key=key,
            scope=scope_of_link(link).only("student_id"),
            student_id=link.student_id,
            contact_id=link.contact_id,
            message_id=link.message_id,
        )
        await self._committer.submit(asked, SEND_AGAIN)
