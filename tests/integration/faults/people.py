"""What people do while services die: write needs, choose, answer, sign; all through the pages."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import httpx2

from deploy.checker.expected import Expected
from deploy.checker.invariants import findings
from deploy.checker.outside import until
from deploy.checker.seen import look
from deploy.checker.texts import kept_texts, texts_agree
from schemas.codes import Category
from services.notifications.domain.tokens import Tokens
from services.plans.usecases import need_id_of
from services.referrals.domain.referral import offer_id_of, referral_id_of
from tests.integration.faults import packets
from tests.integration.faults.filling import (
    KINDS,
    MANAGER,
    PARTNERS,
    PLACES,
    coordinator_of,
    service_of,
)
from tests.integration.faults.world import PATIENCE_SECONDS, World
from tests.integration.notifications.families import Family, demo_answer
from tests.toy.running import new_id

LINKED: Final = ("consent-needed", "place-kept")
ANSWERED: Final = {
    "accept": "offer_accepted",
    "decline": "offer_declined",
    "agree": "consent_given",
    "refuse": "consent_refused",
}
ACTS: Final = frozenset({"need_identified", "partner_chosen", *ANSWERED.values()})
SIGNING: Final = 2  # families of each round that sign; one more refuses
LOOKS: Final = 6  # of a partner, while a permission is taken back
REVOKED_SECONDS: Final = 0.05  # after the partner began to look
PIN: Final = "8264"
NEEDS: Final = len(PARTNERS) * PLACES + 1  # of each round: one more than there are places


@dataclass(kw_only=True)
class People:
    """Everybody of one district, and what they were told is done."""

    world: World
    students: list[str]  # whom nobody has asked anything for yet
    kinds: list[Category] = field(default_factory=lambda: list(KINDS))  # the same
    done: Expected = field(default_factory=lambda: Expected(facts=ACTS))

    async def play(self) -> None:
        """One round: more needs than places, answers, signatures, one of which is taken back."""
        no, *yes = await self.offers(self.kinds.pop())
        await asyncio.gather(self.answer(no, "decline"), *(self.answer(each) for each in yes))
        *signing, refusing = yes[: SIGNING + 1]
        await asyncio.gather(
            *(self.sign(each["need_id"], each["student_id"]) for each in signing),
            self.sign(refusing["need_id"], refusing["student_id"], answer="refuse"),
        )
        first, *_ = signing
        await packets.released(self, first)
        await packets.looks(self, first, 1)
        await asyncio.gather(
            packets.looks(self, first, LOOKS), packets.revoke(self, first, after=REVOKED_SECONDS)
        )

    async def offers(self, kind: Category) -> list[dict[str, Any]]:
        """Needs, and for as many as there are places a partner is asked; gives their referrals."""
        needs = await self.write(kind)
        await asyncio.gather(*(self._place(each, kind) for each in needs))
        placed = await self._offered(needs)
        assert len(placed) == NEEDS - 1, f"{len(placed)} of {len(needs)} have an offer"
        return placed

    async def violations(self) -> list[str]:
        """Everything that is not as it must be, once nothing moves any more."""
        seen = await look(self.world.outside)
        arrived = kept_texts(self.world.sms.folder)
        return [*findings(seen, self.done), *texts_agree(seen.told, arrived)]

    # -- the case manager ------------------------------------------------------------------------

    async def write(self, kind: Category) -> list[str]:
        """Needs of this kind, for students of their own."""
        students = [self.students.pop() for _ in range(NEEDS)]
        async with self.world.browser(MANAGER) as manager:
            return await asyncio.gather(*(self._write(manager, each, kind) for each in students))

    async def _write(self, manager: httpx2.AsyncClient, student: str, kind: Category) -> str:
        answer = await self.ask_for_need(manager, student, kind)
        assert answer.status_code == 303, (answer.status_code, answer.text[-2_000:])
        return self.done.of("need_identified")[-1]

    async def ask_for_need(
        self, manager: httpx2.AsyncClient, student: str, kind: Category
    ) -> httpx2.Response:
        """Send the form of a need, whatever comes of it."""
        key = new_id()
        given = {"key": str(key), "category": kind, "summary": "Help twice a week"}
        answer = await manager.post(f"/plans/students/{student}/needs", data=given)
        if answer.status_code == 303:
            self.done.is_done("need_identified", need_id_of(key))
        return answer

    async def _place(self, need_id: str, kind: Category) -> None:
        """Choose the first service; if it has no place any more, the other one."""
        referral_id = referral_id_of(need_id)
        await self._until_row("plans", "cases", referral_id, lambda row: bool(row["run"]))
        async with self.world.browser(MANAGER) as manager:
            for partner in PARTNERS:
                offer_id = offer_id_of(referral_id, service_of(kind, partner), 0)
                if await self._choose(manager, need_id, offer_id):
                    return

    async def _choose(self, manager: httpx2.AsyncClient, need_id: str, offer_id: str) -> bool:
        given = {"key": str(new_id()), "offer_id": offer_id}
        answer = await manager.post(f"/plans/needs/{need_id}/choose", data=given)
        if answer.status_code == 404:  # it was ranked late, when no place was left
            return False
        assert answer.status_code == 303, (answer.status_code, answer.text[-2_000:])
        self.done.is_done("partner_chosen", f"{need_id} {offer_id}")
        row = await self._until_row("plans", "needs", need_id, _is_answered)
        return bool(row["acts"][-1]["state"] == "done")

    # -- partners --------------------------------------------------------------------------------

    async def _offered(self, needs: Sequence[str]) -> list[dict[str, Any]]:
        """The referrals of needs that a partner is asked about."""
        rows = await self.world.rows("referrals", "referrals", need_id={"$in": list(needs)})
        return [row for row in rows if row["state"] == "OFFERED"]

    async def answer(self, referral: dict[str, Any], word: str = "accept") -> None:
        """A partner's yes or no to the offer that is open."""
        offer = next(each for each in referral["offers"] if each["state"] == "OFFERED")
        path = f"/referrals/{referral['_id']}/offers/{offer['offer_id']}/{word}"
        async with self.world.browser(coordinator_of(offer["organization_id"])) as partner:
            await post(partner, path, {"key": str(new_id()), "code": "no-capacity"})
        self.done.is_done(ANSWERED[word], offer["offer_id"])

    # -- families --------------------------------------------------------------------------------

    async def sign(self, need_id: str, student: str, *, answer: str = "agree") -> None:
        """A family opens its link, shows who it is, and answers."""
        address = await self.link(need_id, student)
        async with self.world.browser() as client:
            family = Family(client)
            await family.open(f"{address}/who")
            await family.send("/who", month="3", day="2")
            assert family.here.endswith("/code"), (family.here, family.text)
            await family.send("/code", code=demo_answer(family))
            assert family.here.endswith("/new-pin"), (family.here, family.text)
            await family.send("/new-pin", pin=PIN)
            forms = [each for each in family.forms() if each["action"].endswith("/consent")]
            assert forms, (family.here, family.text)
            (form,) = forms
            parties = [
                each.attributes["value"]
                for each in family.page().all("input")
                if each.attributes.get("name") == "organization_ids"
            ]
            given = {"key": form["key"], "answer": answer, "signed": "Somebody who may"}
            await post(client, form["action"], {**given, "organization_ids": parties})
        self.done.is_done(ANSWERED[answer], need_id)

    async def link(self, need_id: str, student: str) -> str:
        """Wait for the message that asks a family, and give the address in it."""

        def links(row: dict[str, Any]) -> list[str]:
            return [
                each["link_id"]
                for each in row["messages"]
                if each.get("need_id") == need_id
                and each["template"] in LINKED
                and each["state"] in {"sent", "delivered"}
            ]

        found = await self._until_row("notifications", "mailboxes", student, links)
        return f"/f/{Tokens(self.world.settings('notifications').pseudonym).token(links(found)[0])}"

    async def _until_row(
        self, service: str, collection: str, row_id: str, holds: Any
    ) -> dict[str, Any]:
        found: list[dict[str, Any]] = []

        async def met() -> bool:
            found[:] = await self.world.rows(service, collection, _id=row_id)
            return bool(found and holds(found[0]))

        await until(met, f"{service} know of {collection} {row_id}", PATIENCE_SECONDS)
        return found[0]


def _is_answered(row: dict[str, Any]) -> bool:
    return bool(row["acts"]) and all(each["state"] != "asked" for each in row["acts"])


async def post(client: httpx2.AsyncClient, path: str, given: dict[str, Any]) -> None:
    """Send a form; it is taken, or the test ends."""
    answer = await client.post(path, data=given)
    assert answer.status_code == 303, (path, answer.status_code, answer.text[-2_000:])
