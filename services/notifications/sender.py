"""The sender takes due messages in hand and hands them over; one process begins them, by a lease.

Exactly once is recorded. Between a provider's yes and our note of it lies a moment in which a crash
leaves a message that goes out again; its Message-ID is the same.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

from services.chassis.kernel import Outage
from services.chassis.leases import Lease
from services.chassis.logs import log
from services.chassis.telemetry import Telemetry
from services.chassis.waiting import is_told_to_end, patiently
from services.notifications.domain.cards import FamilyCard
from services.notifications.domain.mailbox import Mailbox
from services.notifications.domain.messages import Message
from services.notifications.domain.quiet import day_began
from services.notifications.domain.sending import (
    STUCK,
    Failure,
    KeepInHand,
    MarkFailed,
    MarkSending,
    MarkSent,
    SweepUp,
)
from services.notifications.domain.stops import address_at
from services.notifications.domain.tokens import Tokens
from services.notifications.post import Post
from services.notifications.queries import Queries
from services.notifications.scopes import scope_of_sender
from services.notifications.turns import Turns
from services.notifications.usecases import Sending

IDLE_SECONDS: Final = 0.2
OUTAGE_SECONDS: Final = 2.0
LEASE_SECONDS: Final = 10.0
RENEW_SECONDS: Final = STUCK.total_seconds() / 4  # a claim, while a provider is waited for
SWEEP_EVERY: Final = timedelta(seconds=30)


class Sender:
    """Sends what is due until cancelled."""

    def __init__(
        self,
        *,
        sending: Sending,
        queries: Queries,
        tokens: Tokens,
        post: Post,
        lease: Lease,
        telemetry: Telemetry,
        clock: Callable[[], datetime],
        real_time: Callable[[], datetime],
        monotonic: Callable[[], float],
        new_id: Callable[[], UUID],
    ) -> None:
        self._sending = sending
        self._queries = queries
        self._tokens = tokens
        self._post = post
        self._lease = lease
        self._telemetry = telemetry
        self._clock = clock
        self._real_time = real_time
        self._monotonic = monotonic
        self._new_id = new_id
        self._swept_at: datetime | None = None
        self._held_until = 0.0  # the lease, by our own clock
        self._turns = Turns()

    async def run(self) -> None:
        """Send until cancelled; outages are waited out. What a bug broke off may be run again."""
        try:
            await self._send_on()
        except asyncio.CancelledError:
            await self._post.close()
            raise
        await self._post.close()

    async def _send_on(self) -> None:
        try:
            while not is_told_to_end():
                await self._turn()
        finally:
            await self._turns.finish()
            with suppress(Outage):  # or it runs out by itself
                await self._lease.release()

    async def _turn(self) -> None:
        """Look once; what is in hand meanwhile holds up neither the look nor the lease."""
        try:
            self._turns.settle()
            has_begun = await self._holds_lease() and await self._begin_due()
        except Outage:
            log("sender").warning("sender.waits")
            await asyncio.sleep(OUTAGE_SECONDS)
            return
        if not has_begun:
            await asyncio.sleep(IDLE_SECONDS)

    async def _holds_lease(self) -> bool:
        asked_at = self._monotonic()
        is_held = await self._lease.hold()
        self._held_until = asked_at + LEASE_SECONDS if is_held else 0.0
        return is_held

    async def _begin_due(self) -> bool:
        """Sweep up if it is time, then begin what is due where there is room."""
        await self._sweep_up()
        lanes = self._turns.open_lanes()
        due = await self._queries.due(self._clock(), lanes) if lanes else []
        begun = [self._turns.begin(each, partial(self._handle, box, each)) for box, each in due]
        return any(begun)

    async def _sweep_up(self) -> None:
        now = self._real_time()
        if self._swept_at and now - self._swept_at < SWEEP_EVERY:
            return
        self._swept_at = now
        for mailbox, message in await self._queries.stuck(now - STUCK):
            await self._sending.sweep_up(
                SweepUp(
                    key=self._new_id(),
                    scope=scope_of_sender(mailbox.district),
                    student_id=mailbox.student_id,
                    message_id=message.message_id,
                    claimed_before=now - STUCK,
                )
            )
            log("sender").warning("message.swept_up", message_id=message.message_id)

    async def _handle(self, mailbox: Mailbox, message: Message) -> None:
        """Claim, hand over, say what came of it; all in the trace that the message came from."""
        if self._monotonic() >= self._held_until:
            return  # its turn came late: another process has the lease by now
        with self._telemetry.span(
            "provider", message.traceparent, channel=_channel_of(message), template=message.template
        ):
            asked = await self._claim_of(mailbox, message)
            # Asked again with the same key: a claim that was taken unheard would stay until swept.
            if await patiently(lambda: self._sending.claim(asked), "database"):
                await self._hand_over(mailbox.student_id, mailbox.district, message, asked.claim)

    async def _claim_of(self, mailbox: Mailbox, message: Message) -> MarkSending:
        around = await self._queries.around(mailbox.student_id, mailbox.district)
        since = day_began(self._clock(), around.zone)
        household = message.household or message.recipient_id
        texts = await self._queries.texts_since(household, mailbox.district, since)
        return MarkSending(
            key=self._new_id(),
            scope=scope_of_sender(mailbox.district),
            student_id=mailbox.student_id,
            message_id=message.message_id,
            claim=str(self._new_id()),
            claimed_at=self._real_time(),
            time_zone=around.zone,
            texts_today=texts,
            address=self._address(around.family, message),
        )

    def _address(self, family: FamilyCard, message: Message) -> str | None:
        if message.recipient != "family":
            return None
        return address_at(family, message.recipient_id, message.channel, self._tokens)

    async def _hand_over(
        self, student_id: str, district: str, message: Message, claim: str
    ) -> None:
        message_id, scope = message.message_id, scope_of_sender(district)
        kept = partial(
            KeepInHand, scope=scope, student_id=student_id, message_id=message_id, claim=claim
        )
        failure = await self._in_hand(kept, self._post.send(student_id, district, message))
        outcome = failure or "sent"
        self._telemetry.count("provider_sends_total", channel=_channel_of(message), outcome=outcome)
        key = self._new_id()
        if failure is None:
            sent = MarkSent(
                key=key, scope=scope, student_id=student_id, message_id=message_id, claim=claim
            )
            await patiently(lambda: self._sending.sent(sent), "database")
            return
        failed = MarkFailed(
            key=key,
            scope=scope,
            student_id=student_id,
            message_id=message_id,
            claim=claim,
            failure=failure,
        )
        await patiently(lambda: self._sending.failed(failed), "database")

    async def _in_hand(
        self, kept: Callable[..., KeepInHand], trying: Coroutine[Any, Any, Failure | None]
    ) -> Failure | None:
        """Wait for a provider as long as it takes, and renew the claim meanwhile."""
        doing = asyncio.ensure_future(trying)
        while not (await asyncio.wait({doing}, timeout=RENEW_SECONDS))[0]:
            asked = kept(key=self._new_id(), claimed_at=self._real_time())
            await patiently(partial(self._sending.keep, asked), "database")
        return doing.result()


def _channel_of(message: Message) -> str:
    return message.channels[0] if message.channels else "none"
