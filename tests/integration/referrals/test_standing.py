"""Standing permissions in the referral service: stored, relied on, taken back."""

import pytest

from schemas.plans import DistrictCardChanged
from schemas.referrals import ChoiceKept, OfferMade, OfferRecalled, PacketClosed, PacketViewed
from services.chassis.kernel import Refused
from services.referrals.domain.referral import offer_id_of
from tests.integration.referrals.district import Town
from tests.integration.referrals.test_referrals import a_look, an_acceptance, referral
from tests.unit.referrals.builders import (
    DISTRICT,
    STUDENT,
    a_choice,
    a_need,
    a_release,
    a_standing,
    a_standing_revocation,
)

AUTOMATIC = DistrictCardChanged(
    district_id=DISTRICT, name="Harbor", offer_first=False, offer_mode="automatic"
)


async def opened(town: Town) -> None:
    """A need in a district where offers go out by themselves, and only under a permission."""
    await town.hears(AUTOMATIC)
    await town.hears(a_standing())
    await town.hears(a_need())


async def test_under_a_standing_permission_the_first_in_rank_is_asked_at_once(town: Town) -> None:
    await opened(town)
    told = await town.told()
    about = [type(each).__name__ for each in told if getattr(each, "student_id", "") == STUDENT]
    assert about == ["ReferralOpened", "CandidatesRanked", "OfferMade"]
    assert told[-1].consent_id == "standing"
    candidates = told[-2].sealed.facts.candidates
    assert all("consent.pass" in [r.code for r in each.results] for each in candidates)


async def test_without_one_nothing_goes_out(town: Town) -> None:
    await town.hears(AUTOMATIC)
    await town.hears(a_standing(consent_class="health"))
    await town.hears(a_need())
    assert await town.told(OfferMade) == []
    assert (await referral(town)).state == "AWAITING_CONSENT"
    await town.hears(a_standing(consent_id="later", need_id="later"))
    assert [each.consent_id for each in await town.told(OfferMade)] == ["later"]


async def test_taking_it_back_closes_the_packet_and_recalls(town: Town) -> None:
    await opened(town)
    await town.referrals.accept(an_acceptance(await referral(town)))
    found = await referral(town)
    live = found.live
    assert live is not None
    await town.hears(a_release(found, live.offer_id, consent_id="standing"))
    await town.referrals.view_packet(a_look(await referral(town)))
    assert len(await town.told(PacketViewed)) == 1

    await town.hears(a_standing_revocation())

    assert len(await town.told(PacketClosed)) == 1
    (recalled,) = await town.told(OfferRecalled)
    assert recalled.code == "consent-withdrawn"
    with pytest.raises(Refused):
        await town.referrals.view_packet(a_look(await referral(town)))
    assert (await referral(town)).state == "ON_HOLD"


async def test_after_its_end_a_choice_waits_for_the_next_signature(town: Town) -> None:
    await opened(town)
    await town.hears(a_standing_revocation())
    found = await referral(town)
    second = offer_id_of(found.referral_id, "s2", 0)

    await town.hears(a_choice(found, offer_id=second))

    (kept,) = await town.told(ChoiceKept)
    assert (kept.offer_id, kept.answers) == (second, "act")
    await town.hears(a_standing(consent_id="later", need_id="later"))
    made = await town.told(OfferMade)
    assert [each.consent_id for each in made] == ["standing", "later"]
    assert made[-1].offer_id == second
