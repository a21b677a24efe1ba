"""Restricted needs on the pages of a supervisor, whatever becomes of them."""

import re
from collections.abc import Mapping
from typing import Any, Final

from schemas.envelope import seal_of
from schemas.referrals import (
    ChoiceKept,
    CoordinatorCard,
    CoordinatorCardChanged,
    DeclineFacts,
    OfferDeclined,
    PreviewViewed,
)
from services.plans.domain.needs import Need
from services.plans.repository.needs import CASES, COORDINATORS, NEEDS
from tests.integration.plans.browsers import browser_of
from tests.integration.plans.house import House, a_form, ranked
from tests.integration.plans.rosters import RANKED, accepted, offered
from tests.integration.plans.steps import until_entries

COORDINATOR: Final = "Ana Ledge"
WORDS: Final = "The boy next door comes here too"
HARMLESS: Final = {"/plans/sign-out", "/plans/students"}  # the second one finds
HIDDEN: Final = (*RANKED, COORDINATOR, WORDS, "Grief", "After a loss")


async def pages(scene: House, user: str, *names: str) -> str:
    """Everything that somebody reads about the student."""
    record = f"/plans/students/{scene.student.student_id}"
    found = {"today": "/plans/", "student": record, "ledger": f"{record}/ledger"}
    async with browser_of(scene.app, user) as browser:
        return "".join([await browser.get(found[each]) for each in names or found])


def about(need: Need, number: int = 0) -> Mapping[str, Any]:
    return {
        "student_id": need.student_id,
        "referral_id": f"referral-{need.need_id}",
        "need_id": need.need_id,
        "offer_id": f"offer-{number}",
    }


async def chosen(scene: House) -> Need:
    """A restricted need that the case manager sent to the first partner."""
    async with browser_of(scene.app, scene.manager) as browser:
        need_id = await ranked(scene, browser, category="counsel.grief", summary="After a loss")
        form = {"key": a_form()["key"], "offer_id": "offer-0"}
        sent = await browser.post(f"/plans/needs/{need_id}/choose", form)
    assert sent.status_code == 303
    need = await scene.stage.state(NEEDS, need_id)
    assert need is not None
    return need


async def looked_at(scene: House, need: Need, number: int) -> None:
    """A coordinator who is known by name reads the short description."""
    stage, now = scene.stage, scene.stage.process.clocks.business()
    card = CoordinatorCard(name=COORDINATOR)
    await stage.say(
        CoordinatorCardChanged(
            coordinator_id="coordinator-1",
            organization_id=f"organization-{number}",
            sealed=seal_of("coordinator-1", card),
        )
    )
    await stage.until(COORDINATORS, "coordinator-1", lambda it: it.name, "the card is known")
    viewed = PreviewViewed(**about(need, number), viewed_by="coordinator-1", viewed_at=now)
    await stage.say(viewed)


async def test_a_supervisor_finds_no_partner_of_a_restricted_need_whatever_becomes_of_it(
    house: House,
) -> None:
    stage, now = house.stage, house.stage.process.clocks.business()
    need = await chosen(house)

    async def until(holds: Any, what: str) -> None:
        await stage.until(CASES, f"referral-{need.need_id}", holds, what)

    async def check(*known: str) -> None:
        """The case manager reads what the supervisor must not."""
        own, masked = await pages(house, house.manager), await pages(house, house.supervisor)
        assert [each for each in known if each not in own] == []
        assert [each for each in HIDDEN if each in masked] == []
        assert "A support from school" in masked
        assert set(re.findall(r'action="([^"]+)"', masked)) == HARMLESS

    await check("Asked: send this to Tide Pool Club")
    await stage.say(ChoiceKept(**about(need), kept_at=now))
    await until(lambda it: it.kept_offer_id, "it is kept")
    await check("Tide Pool Club will be asked once the family has signed")
    await stage.say(offered(need, now, answers=need.acts[0].act_id))
    await until(lambda it: it.offers, "it is offered")
    await check("Sent to Tide Pool Club")
    facts = DeclineFacts(code="other", text=WORDS, organization_name=RANKED[0])
    no = OfferDeclined(
        **about(need), seat="freed", declined_at=now, sealed=seal_of(need.student_id, facts)
    )
    await stage.say(no)
    await until(lambda it: it.offers[0].state == "DECLINED", "it is declined")
    await check("Tide Pool Club declined: Another reason", WORDS)
    await stage.say(offered(need, now, number=1))
    await looked_at(house, need, 1)
    await stage.say(accepted(need, now, number=1))
    await until_entries(stage, house.student, 2)
    await check("Harbor Branch Library accepted", "Ana Ledge of Harbor Branch Library looked")


async def test_the_ledger_names_the_partner_to_whoever_answers_for_it(
    house: House,
) -> None:
    need = await chosen(house)
    await house.stage.say(offered(need, house.stage.process.clocks.business()))
    await looked_at(house, need, 0)
    await until_entries(house.stage, house.student, 1)

    masked = await pages(house, house.supervisor, "ledger")
    for user in (house.manager, house.officer):
        assert "Ana Ledge of Tide Pool Club looked at" in await pages(house, user, "ledger")
    assert "Somebody of a partner looked at the short description" in masked
    assert "Tide Pool" not in masked
    assert COORDINATOR not in masked
