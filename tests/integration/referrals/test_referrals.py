import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from schemas.envelope import Erased
from schemas.plans import DistrictCardChanged
from schemas.referrals import (
    ActRefused,
    ActSettled,
    CandidatesRanked,
    OfferAccepted,
    OfferDeclined,
    OfferExpired,
    OfferMade,
    OfferRecalled,
    PacketViewed,
    ReferralOpened,
    ViewDenied,
)
from services.chassis.kernel import Refused
from services.chassis.scope import Scope
from services.referrals.domain.answers import AcceptOffer, DeclineOffer
from services.referrals.domain.referral import Referral, referral_id_of
from services.referrals.domain.seats import EditSeats
from services.referrals.domain.sharing import ViewPacket, ViewPreview
from services.referrals.repository import REFERRALS
from tests.integration.referrals.conftest import Build
from tests.integration.referrals.district import Town
from tests.toy.running import new_id
from tests.unit.referrals.builders import (
    DISTRICT,
    NEED,
    NOW,
    REFERRAL,
    STUDENT,
    a_choice,
    a_consent,
    a_need,
    a_pending,
    a_refusal,
    a_release,
    a_revocation,
    a_service,
    an_erasure,
    the_partner,
)


async def referral(town: Town, need_id: str = NEED) -> Referral:
    (row,) = await town.rows("referrals", _id=referral_id_of(need_id))
    keys = await town.engine.vault.keyring(row["persons"])
    return REFERRALS.read(row, keys)


async def asked(town: Town, need_id: str = NEED, **given: Any) -> Referral:
    """A need is told, and the first service of the directory chosen."""
    await town.hears(a_need(need_id, **given))
    found = await referral(town, need_id)
    first = min(found.offers, key=lambda each: each.service_id)
    await town.hears(a_choice(found, act_id=f"act {need_id}", offer_id=first.offer_id))
    return await referral(town, need_id)


def an_acceptance(found: Referral) -> AcceptOffer:
    offer = next(each for each in found.offers if each.was_asked)
    return AcceptOffer(
        key=new_id(),
        scope=the_partner(offer.organization_id),
        referral_id=found.referral_id,
        offer_id=offer.offer_id,
    )


async def accepted(town: Town) -> Referral:
    return await town.referrals.accept(an_acceptance(await asked(town)))


async def released(town: Town) -> Referral:
    await town.hears(a_consent())
    found = await accepted(town)
    live = found.live
    assert live is not None
    await town.hears(a_release(found, live.offer_id))
    return await referral(town)


def a_look(found: Referral) -> ViewPacket:
    accept = an_acceptance(found)
    return ViewPacket(
        key=new_id(),
        scope=accept.scope,
        referral_id=accept.referral_id,
        offer_id=accept.offer_id,
    )


# -- the way through -----------------------------------------------------------------------------


async def test_a_need_delivered_twice_opens_one_referral(town: Town) -> None:
    records = await town.voice.records(a_need())
    for _ in range(2):
        await town.engine.committer.commit(records)
    await town.engine.committer.commit([*records, *records])

    assert len(await town.told(ReferralOpened)) == 1
    assert len(await town.told(CandidatesRanked)) == 1
    assert await town.rows("parked") == []


async def test_what_was_decided_is_read_back_as_it_was(town: Town) -> None:
    await town.hears(a_consent())
    found = await accepted(town)
    live = found.live
    assert live is not None
    await town.hears(a_pending(found, live.offer_id), a_release(found, live.offer_id))
    stored = await referral(town)
    kept = stored.find(live.offer_id)
    assert kept is not None
    assert kept.packet is not None
    assert not isinstance(kept.packet.facts, Erased)
    assert kept.packet.facts.preferred_name == "Mari"
    assert stored.facts == found.facts
    assert stored.run == found.run
    assert stored.offers[1:] == found.offers[1:]


async def test_nothing_that_describes_the_student_is_stored_in_the_clear(town: Town) -> None:
    await released(town)
    (row,) = await town.rows("referrals")
    assert b"Mari" not in repr(row).encode()
    assert "Moor" not in repr(await town.rows("outbox"))


async def test_a_choice_becomes_an_offer_and_holds_a_place(town: Town) -> None:
    found = await asked(town)
    (made,) = await town.told(OfferMade)
    assert made.answers == f"act {NEED}"
    assert (found.state, await town.seats()) == ("OFFERED", (1, 0))
    await town.referrals.accept(an_acceptance(found))
    assert await town.seats() == (0, 1)


async def test_a_choice_that_came_twice_is_answered_once_and_another_one_is_settled(
    town: Town,
) -> None:
    found = await asked(town)
    live = found.live
    assert live is not None
    again = a_choice(found, act_id="again", offer_id=live.offer_id)
    other = a_choice(found, act_id="other")
    await town.hears(again, other)
    assert [each.answers for each in await town.told(ActSettled)] == ["again"]
    assert [(each.answers, each.code) for each in await town.told(ActRefused)] == [
        ("other", "offers_full")
    ]


async def test_an_act_on_a_referral_that_is_not_there_is_answered(town: Town) -> None:
    found = await asked(town)
    await town.hears(a_choice(found, act_id="lost", referral_id="nowhere"))
    (no,) = await town.told(ActRefused)
    assert (no.answers, no.code, no.referral_id) == ("lost", "referral_unknown", "nowhere")


async def test_the_same_answer_sent_twice_is_one(town: Town) -> None:
    yes = an_acceptance(await asked(town))
    await asyncio.gather(town.referrals.accept(yes), town.referrals.accept(yes))
    assert len(await town.told(OfferAccepted)) == 1
    assert await town.seats() == (0, 1)


async def test_a_decline_frees_the_place_for_the_next_need(town: Town) -> None:
    found = await asked(town)
    accept = an_acceptance(found)
    await town.referrals.decline(
        DeclineOffer(
            key=new_id(),
            scope=accept.scope,
            referral_id=accept.referral_id,
            offer_id=accept.offer_id,
            code="no-capacity",
        )
    )
    (no,) = await town.told(OfferDeclined)
    assert no.seat == "freed"
    assert (await town.seats("s1"), await town.seats("s2")) == ((0, 0), (1, 0))


async def test_silence_ends_an_offer_and_the_next_is_asked(build: Build) -> None:
    async with build() as town:
        await town.offers()
        await asked(town)
    later = (NOW + timedelta(days=8)).isoformat()
    async with build(clock_start=later) as town:
        assert await town.engine.timers.tick() == 1
        assert await town.engine.timers.tick() == 0
        (expired,) = await town.told(OfferExpired)
        assert expired.seat == "freed"
        assert [each.offer_id for each in await town.told(OfferMade)][1:] != []
        assert (await town.seats("s1"), await town.seats("s2")) == ((0, 0), (1, 0))


async def test_settings_of_the_district_are_followed(town: Town) -> None:
    card = DistrictCardChanged(district_id=DISTRICT, name="Harbor", offer_first=False)
    await town.hears(card)
    found = await asked(town)
    assert found.state == "AWAITING_CONSENT"
    await town.hears(a_consent())
    assert (await referral(town)).state == "OFFERED"


async def test_a_new_directory_is_matched_at_once(town: Town) -> None:
    await town.hears(a_need())
    await town.offers(a_service("s0"))
    await town.hears(a_need("second"))
    first, second = (each.sealed.facts for each in await town.told(CandidatesRanked))
    assert [each.service_id for each in first.candidates] == ["s1", "s2", "s3"]
    assert [each.service_id for each in second.candidates] == ["s0", "s1", "s2", "s3"]
    assert second.directory_version == first.directory_version + 2


async def test_an_erased_student_is_forgotten(town: Town) -> None:
    await released(town)
    await town.hears(an_erasure())
    await town.engine.vault.erase(STUDENT)
    found = await referral(town)
    assert (found.facts, found.is_open) == (Erased(), False)
    assert await town.rows("consents", grants={"$ne": []}) == []


# -- seats ---------------------------------------------------------------------------------------


async def test_two_processes_never_hold_more_places_than_there_are(build: Build) -> None:
    async with build() as one, build() as two:
        await one.offers(a_service("s1"), places=3)
        needs = [f"need {n}" for n in range(8)]
        await one.hears(*(a_need(each, student_id=f"of {each}") for each in needs))
        referrals = [await referral(one, each) for each in needs]
        choices = [a_choice(each, act_id=each.need_id) for each in referrals]
        records = await one.voice.records(*choices)
        await asyncio.gather(
            *(one.engine.committer.commit([each]) for each in records[::2]),
            *(two.engine.committer.commit([each]) for each in records[1::2]),
        )
        assert await one.seats() == (3, 0)
        assert len(await one.told(OfferMade)) == 3
        codes = [each.code for each in await one.told(ActRefused)]
        assert codes == ["no_seat"] * 5
        assert await one.rows("parked") == []


async def test_a_batch_holds_no_more_than_there_is(town: Town) -> None:
    needs = [f"need {n}" for n in range(5)]
    await town.hears(*(a_need(each, student_id=f"of {each}") for each in needs))
    found = [await referral(town, each) for each in needs]
    await town.hears(*(a_choice(each, act_id=each.need_id) for each in found))
    assert await town.seats() == (2, 0)
    assert len(await town.told(ActRefused)) == 3


async def test_a_list_that_is_longer_than_its_places_stops_nothing(town: Town) -> None:
    """Lowered beneath what is taken, a service with a waiting list may still be chosen."""
    await town.offers(a_service("s1", accepts_waitlist=True))
    await accepted(town)
    lowered = EditSeats(
        key=new_id(),
        scope=Scope(district=DISTRICT, within={"organization_id": frozenset({"o1"})}),
        service_id="s1",
        maximum=0,
        occupied_outside=0,
        is_taking=True,
    )
    await town.referrals.edit_seats(lowered)
    async with asyncio.timeout(10):  # a hold that can never be written would be tried for ever
        await asked(town, "later", student_id="of later")
    assert (await town.told(OfferMade))[-1].seat == "none"
    assert await town.seats() == (0, 1)


# -- consent -------------------------------------------------------------------------------------


async def test_a_revocation_and_a_look_at_the_packet_never_both_go_well(build: Build) -> None:
    async with build() as one, build() as two:
        await one.offers()
        found = await released(one)
        gone = await one.voice.records(a_revocation())
        looks = [two.referrals.view_packet(a_look(found)) for _ in range(4)]
        results = await asyncio.gather(
            one.engine.committer.commit(gone), *looks, return_exceptions=True
        )
        assert results[0] is None
        order = [type(each) for each in await one.told()]
        revoked = order.index(OfferRecalled)
        assert PacketViewed not in order[revoked:]
        denied = [each for each in results[1:] if isinstance(each, Refused)]
        assert len(denied) == len(await one.told(ViewDenied))
        with pytest.raises(Refused):
            await two.referrals.view_packet(a_look(found))


@pytest.mark.parametrize("attempt", range(3))
async def test_a_revocation_and_a_yes_never_both_stand(build: Build, attempt: int) -> None:
    async with build() as one, build() as two:
        await one.offers()
        await one.hears(a_consent())
        found = await asked(one)
        gone = await one.voice.records(a_revocation())
        await asyncio.gather(
            one.engine.committer.commit(gone),
            two.referrals.accept(an_acceptance(found)),
            return_exceptions=True,
        )
        stored = await referral(one)
        assert stored.state == "ON_HOLD"
        assert stored.live is None
        assert await one.seats() == (0, 0)


@pytest.mark.parametrize("attempt", range(3))
async def test_a_refusal_and_an_offer_never_both_stand(build: Build, attempt: int) -> None:
    async with build() as one, build() as two:
        await one.offers()
        await one.hears(a_need())
        found = await referral(one)
        (no,) = await one.voice.records(a_refusal())
        (choice,) = await one.voice.records(a_choice(found))
        await asyncio.gather(
            one.engine.committer.commit([no]), two.engine.committer.commit([choice])
        )
        stored = await referral(one)
        assert stored.state == "CLOSED_DECLINED"
        assert stored.live is None
        assert await one.seats() == (0, 0)


async def test_an_older_consent_after_a_newer_no_changes_nothing(town: Town) -> None:
    given, revoked = await town.voice.records(a_consent(), a_revocation())
    await town.engine.committer.commit([revoked])
    await town.engine.committer.commit([given])
    assert await town.rows("consents", grants={"$ne": []}) == []


async def test_a_student_whose_consents_are_set_aside_counts_as_without(town: Town) -> None:
    found = await released(town)
    (broken,) = await town.voice.records(a_revocation())
    unreadable = replace(broken, value=b"{")
    await town.engine.committer.commit([unreadable])
    with pytest.raises(Refused) as refusal:
        await town.referrals.view_packet(a_look(found))
    assert refusal.value.code == "view_behind"
    assert [each.code for each in await town.told(ViewDenied)] == ["view_behind"]


# -- whose it is ---------------------------------------------------------------------------------


async def test_another_organization_finds_nothing(town: Town) -> None:
    found = await released(town)
    own = a_look(found)
    given: dict[str, Any] = {"key": new_id(), "referral_id": REFERRAL, "offer_id": own.offer_id}
    for scope in (the_partner("o2"), the_partner("o9")):
        for act in (
            town.referrals.accept(AcceptOffer(scope=scope, **given)),
            town.referrals.decline(DeclineOffer(scope=scope, code="other", **given)),
            town.referrals.view_preview(ViewPreview(scope=scope, **given)),
            town.referrals.view_packet(ViewPacket(scope=scope, **given)),
        ):
            with pytest.raises(Refused) as refusal:
                await act
            assert refusal.value.code in {"offer_unknown", "subject_unknown"}


async def test_the_first_need_of_a_kind_knows_how_many_places_are_free(town: Town) -> None:
    await town.hears(a_need())

    (ranked,) = await town.told(CandidatesRanked)
    assert {each.free_seats for each in ranked.sealed.facts.candidates} == {2}
