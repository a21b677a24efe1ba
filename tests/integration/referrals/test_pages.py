import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from schemas.notifications import FamilyAnswered
from schemas.referrals import OfferAccepted, OfferDeclined, PacketViewed, PreviewViewed
from services.chassis.accounts import NewAccount, Role
from services.chassis.process import application_of
from services.referrals.domain.referral import Offer, Referral
from services.referrals.main import routers
from tests.integration.referrals.district import US, Town
from tests.integration.referrals.test_referrals import accepted, asked, referral, released
from tests.pages import check_page
from tests.unit.referrals.builders import (
    DISTRICT,
    NEED,
    NOW,
    STUDENT,
    a_consent,
    a_family_answer,
    a_need,
    a_pending,
    a_revocation,
    a_service,
    need_facts,
)

SECONDS = 20.0
LIKE_A_BROWSER = {"accept": "text/html", "sec-fetch-site": "same-origin"}
PEOPLE = {
    "first": (Role.PARTNER_COORDINATOR, "o1"),
    "second": (Role.PARTNER_COORDINATOR, "o2"),
    "manager": (Role.CASE_MANAGER, None),
}


@dataclass
class Visitor:
    """Somebody with a browser; every page is checked for what all pages promise."""

    client: httpx2.AsyncClient

    async def gets(self, address: str, status: int = 200) -> str:
        answer = await self.client.get(address)
        assert answer.status_code == status, answer.text
        assert check_page(answer.text, answer.headers, origin=US) == []
        return answer.text

    async def gets_again(self, address: str) -> str:
        """What htmx is given when something changed."""
        answer = await self.client.get(address, headers={"hx-request": "true"})
        assert answer.status_code == 200
        return answer.text

    async def posts(self, address: str, status: int = 303, **fields: Any) -> httpx2.Response:
        data = {"key": "018f0000-0000-7000-8000-000000000001", **fields}
        answer = await self.client.post(address, data=data)
        assert answer.status_code == status, answer.text
        if status != 303:
            assert check_page(answer.text, answer.headers, origin=US) == []
        return answer


@dataclass
class Site:
    town: Town
    app: Any

    @asynccontextmanager
    async def visited_by(self, who: str) -> AsyncIterator[Visitor]:
        transport = httpx2.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx2.AsyncClient(
            transport=transport, base_url=US, headers=LIKE_A_BROWSER
        ) as client:
            if who:
                entered = await client.post("/referrals/sign-in/persona", data={"user_id": who})
                assert entered.status_code == 303, entered.text
            yield Visitor(client)


@pytest.fixture
async def site(town: Town) -> Site:
    return await opened(town)


async def opened(town: Town) -> Site:
    made = town.process
    for name, (role, organization) in PEOPLE.items():
        await made.accounts.add(
            NewAccount(
                user_id=name,
                sign_in_name=name,
                name=f"The {name}",
                role=role,
                district=DISTRICT,
                organization_id=organization,
                is_persona=True,
            )
        )
    app = application_of(made, "Referrals", routers(made))
    app.state.signed_in = made.signed_in
    return Site(town, app)


def address(found: Referral, *more: str, offer: Offer | None = None) -> str:
    chosen = offer or next(each for each in found.offers if each.was_asked)
    return "/".join(("/referrals", found.referral_id, "offers", chosen.offer_id, *more))


def text(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


async def test_a_coordinator_without_work_reads_what_comes_next(site: Site) -> None:
    async with site.visited_by("first") as visitor:
        assert "Nothing waits for your answer" in await visitor.gets("/referrals/")
        assert "Nothing to start" in await visitor.gets("/referrals/to-start")
        assert "Nothing is closed" in await visitor.gets("/referrals/closed")


async def test_the_list_shows_the_preview_and_who_saw_it_is_recorded_once(site: Site) -> None:
    await asked(site.town)
    async with site.visited_by("first") as visitor:
        page = text(await visitor.gets("/referrals/"))
        acts = await site.town.process.database.collection("inbox").count({})
        await visitor.gets("/referrals/")
        assert await site.town.process.database.collection("inbox").count({}) == acts
    for word in ("grades 3–5", "Spanish at home", "Harbor", "Homework help", "Mon", "14:00–18:00"):
        assert word in page
    (seen,) = await site.town.told(PreviewViewed)
    assert seen.viewed_by == "first"


async def test_who_sees_the_preview_of_a_place_to_start_is_recorded_too(site: Site) -> None:
    await accepted(site.town)
    async with site.visited_by("first") as visitor:
        assert "grades 3–5" in text(await visitor.gets("/referrals/to-start"))
    assert [each.viewed_by for each in await site.town.told(PreviewViewed)] == ["first"]


async def sets_consents_aside(town: Town) -> None:
    (broken,) = await town.voice.records(a_revocation())
    await town.engine.committer.commit([replace(broken, value=b"{")])


async def says_no(town: Town) -> None:
    """The copy alone knows of it, as where somebody looks just before the offer is recalled."""
    no = {"need_id": NEED, "of_all": True, "organization_ids": [], "is_revocation": True}
    consents = town.process.database.collection("consents")
    await consents.update_one({"_id": STUDENT}, {"$set": {"refusals": [no]}})


@pytest.mark.parametrize(
    ("happens", "word"),
    [(sets_consents_aside, "cannot be checked"), (says_no, "permission has ended")],
)
async def test_every_look_at_a_preview_asks_what_the_family_says_now(
    site: Site, happens: Callable[[Town], Awaitable[None]], word: str
) -> None:
    await site.town.hears(a_consent())
    found = await asked(site.town)
    async with site.visited_by("first") as visitor:
        assert "grades 3–5" in text(await visitor.gets(address(found)))
        await happens(site.town)
        pages = [
            await visitor.gets(address(found), 409),
            (await visitor.posts(address(found, "accept"), 409, starts_on="soon")).text,
            (await visitor.posts(address(found, "decline"), 409)).text,
        ]
        pages.append(await visitor.gets("/referrals/"))
    assert word in pages[0]
    for each in pages:
        assert "grades 3–5" not in text(each)
    assert len(await site.town.told(PreviewViewed)) == 1


async def test_least_time_left_stands_first(site: Site) -> None:
    await asked(site.town)
    await asked(site.town, "urgent", student_id="other", urgency="urgent")
    async with site.visited_by("first") as visitor:
        page = await visitor.gets("/referrals/")
    first, second = [await referral(site.town, need) for need in ("urgent", "need")]
    assert page.index(first.public_reference) < page.index(second.public_reference)


async def test_a_yes_with_its_first_day_keeps_the_place_until_the_signature(site: Site) -> None:
    found = await asked(site.town)
    async with site.visited_by("first") as visitor:
        await visitor.gets(address(found))
        await visitor.posts(address(found, "accept"), starts_on="2026-12-01")
        page = text(await visitor.gets(address(found)))
        assert "The place is kept until the family has signed." in page
        assert "Tuesday, December 1" in page
        live = (await referral(site.town)).live
        assert live is not None
        await site.town.hears(a_pending(found, live.offer_id))
        assert "At the latest until" in text(await visitor.gets(address(found)))
    (yes,) = await site.town.told(OfferAccepted)
    assert yes.starts_on.isoformat() == "2026-12-01"


async def test_a_double_click_has_one_effect(site: Site) -> None:
    found = await asked(site.town)
    async with site.visited_by("first") as visitor:
        await visitor.posts(address(found, "accept"))
        await visitor.posts(address(found, "accept"))
    assert len(await site.town.told(OfferAccepted)) == 1


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("2026-11-23", "The first day cannot be in the past."),
        ("2029-01-01", "The first day is too far away."),
        ("soon", "Choose the first day, or leave it empty"),
    ],
)
async def test_a_wrong_first_day_is_said_and_kept(site: Site, given: str, sentence: str) -> None:
    found = await asked(site.town)
    async with site.visited_by("first") as visitor:
        answer = await visitor.posts(address(found, "accept"), 422, starts_on=given)
    assert sentence in answer.text
    assert f'value="{given}"' in answer.text
    assert await site.town.told(OfferAccepted) == []


async def test_a_no_needs_a_reason_and_passes_the_offer_on(site: Site) -> None:
    found = await asked(site.town)
    async with site.visited_by("first") as visitor:
        answer = await visitor.posts(address(found, "decline"), 422, text="Full <b>now</b>")
        assert "Choose why you cannot take this referral." in answer.text
        assert "Full &lt;b&gt;now&lt;/b&gt;" in answer.text
        await visitor.posts(address(found, "decline"), 422, code="other")
        await visitor.posts(address(found, "decline"), code="no-capacity", text="Full.")
        page = text(await visitor.gets(address(found)))
        assert "You declined this referral." in page
        assert "grades 3–5" not in page
        assert found.public_reference in await visitor.gets("/referrals/closed")
    assert len(await site.town.told(OfferDeclined)) == 1
    async with site.visited_by("second") as visitor:
        assert found.public_reference in await visitor.gets("/referrals/")
        assert found.public_reference not in await visitor.gets("/referrals/closed")
        await visitor.gets(address(found), 404)  # the same referral, but another's offer


async def test_of_health_no_reason_is_asked(site: Site) -> None:
    await site.town.offers(a_service("s1", categories=("health.dental",)))
    facts = need_facts(category="health.dental")
    found = await asked(site.town, sealed=a_need(facts=facts).sealed)
    async with site.visited_by("first") as visitor:
        page = await visitor.gets(address(found))
        assert "the school is not told why" in page
        await visitor.posts(address(found, "decline"))
    assert len(await site.town.told(OfferDeclined)) == 1


async def test_the_packet_is_shown_with_its_notice_after_the_look_is_recorded(site: Site) -> None:
    found = await released(site.town)
    async with site.visited_by("first") as visitor:
        assert "you may call" in text(await visitor.gets("/referrals/to-start"))
        page = text(await visitor.gets(address(found, "packet")))
    for word in ("Mari Moor", "(555) 010-0142", "Cy Quay", "34 CFR 99.33", "September 30, 2027"):
        assert word in page
    (seen,) = await site.town.told(PacketViewed)
    assert seen.viewed_by == "first"


async def test_after_a_revocation_nothing_of_the_child_is_shown(site: Site) -> None:
    found = await released(site.town)
    await site.town.hears(a_revocation())
    async with site.visited_by("first") as visitor:
        denied = await visitor.gets(address(found, "packet"), 409)
        page = await visitor.gets(address(found))
        lists = [await visitor.gets(f"/referrals/{each}") for each in ("", "to-start", "closed")]
    assert "permission has ended" in denied
    assert "This referral was taken back." in page
    for each in (denied, page, *lists):
        assert "Mari" not in each
        assert "grades 3–5" not in each


async def test_without_a_signature_there_is_no_packet_to_see(site: Site) -> None:
    found = await accepted(site.town)
    async with site.visited_by("first") as visitor:
        assert "has not signed" in await visitor.gets(address(found, "packet"), 409)


async def test_what_the_family_answered_stands_on_the_list(site: Site) -> None:
    found = await accepted(site.town)
    live = found.live
    assert live is not None
    said: FamilyAnswered = a_family_answer(found, live.offer_id, at=NOW + timedelta(hours=1))
    await site.town.hears(said)
    async with site.visited_by("first") as visitor:
        assert "family: yes" in text(await visitor.gets("/referrals/to-start"))


async def test_places_are_edited_and_mistakes_are_said(site: Site) -> None:
    async with site.visited_by("first") as visitor:
        assert "2 of 2 free" in await visitor.gets("/referrals/places")
        fields: dict[str, Any] = {"maximum": "5", "occupied_outside": "1", "is_taking": "yes"}
        wrong = await visitor.posts("/referrals/places/s1", 422, **{**fields, "maximum": "many"})
        assert "Give a whole number" in wrong.text
        over = await visitor.posts(
            "/referrals/places/s1", 422, **{**fields, "occupied_outside": "9"}
        )
        assert "More places are occupied" in over.text
        saved = await visitor.posts("/referrals/places/s1", **fields)
        there = saved.headers["location"]
        assert there == "/referrals/places?page=1&saved=s1#service-s1"
        page = await visitor.gets(there)
        assert "4 of 5 free" in page
        assert 'id="service-s1">\n<span class="tag good">saved</span>' in page
        assert ">saved<" not in await visitor.gets("/referrals/places")
        await visitor.posts(
            "/referrals/places/s2", 404, key="018f0000-0000-7000-8000-000000000002", **fields
        )


async def test_a_fragment_is_the_work_of_the_page_alone(site: Site) -> None:
    found = await asked(site.town)
    async with site.visited_by("first") as visitor:
        part = await visitor.gets_again("/referrals/")
        offer = await visitor.gets_again(address(found))
    for each in (part, offer):
        assert each.lstrip().startswith('<div id="work"')
        assert found.public_reference in part
        assert "<html" not in each


PAGES = ("", "to-start", "closed", "places", "api/offers")
OF_AN_OFFER = ("", "packet")


@pytest.mark.parametrize(("who", "status", "sent"), [("manager", 403, 403), ("", 303, 307)])
async def test_only_coordinators_have_pages_here(
    site: Site, who: str, status: int, sent: int
) -> None:
    found = await asked(site.town)
    addresses = [f"/referrals/{each}" for each in PAGES]
    addresses += [address(found, *filter(None, (each,))) for each in OF_AN_OFFER]
    async with site.visited_by(who) as visitor:
        for each in addresses:
            assert (await visitor.client.get(each)).status_code == status, each
        for act in ("accept", "decline"):
            answer = await visitor.client.post(
                address(found, act), data={"key": "018f0000-0000-7000-8000-000000000003"}
            )
            assert answer.status_code == sent


async def test_what_another_organization_was_asked_is_not_there(site: Site) -> None:
    found = await released(site.town)
    async with site.visited_by("second") as visitor:
        for each in OF_AN_OFFER:
            await visitor.gets(address(found, *filter(None, (each,))), 404)
        await visitor.posts(address(found, "accept"), 404)
        await visitor.posts(address(found, "decline"), 404, code="no-capacity")
        for each in ("", "to-start", "closed"):
            assert found.public_reference not in await visitor.gets(f"/referrals/{each}")
        offers = (await visitor.client.get("/referrals/api/offers")).json()
        assert offers == {"total": 0, "offers": []}
        for each in ("o1", found.referral_id):
            async with asyncio.timeout(SECONDS):  # what is allowed streams for ever
                answer = await visitor.client.get(f"/referrals/live?ids={each}")
            assert answer.status_code == 404


async def test_the_offers_as_data_name_no_child(site: Site) -> None:
    found = await asked(site.town)
    async with site.visited_by("first") as visitor:
        answer = (await visitor.client.get("/referrals/api/offers")).json()
    (offer,) = answer["offers"]
    assert offer["public_reference"] == found.public_reference
    assert set(offer) == {
        *("referral_id", "offer_id", "public_reference", "service_id", "state", "answer_by")
    }


async def test_a_form_of_another_site_is_refused(site: Site) -> None:
    found = await asked(site.town)
    async with site.visited_by("first") as visitor:
        answer = await visitor.client.post(
            address(found, "accept"),
            data={"key": "018f0000-0000-7000-8000-000000000004"},
            headers={"sec-fetch-site": "cross-site"},
        )
    assert answer.status_code == 403
    assert (await referral(site.town)).state == "OFFERED"
