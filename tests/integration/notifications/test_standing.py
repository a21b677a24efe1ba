"""A family at its links about a standing permission, in every language, without JavaScript."""

from datetime import timedelta

import pytest

from deploy.checker.outside import until
from schemas.extract import translated
from schemas.plans import Channel
from services.notifications.domain.tokens import Tokens
from services.notifications.pages.consent import MEMBERS_SHOWN
from tests.integration.notifications.families import (
    Family,
    answered,
    link_in_outbox,
    outbox,
    step_up,
)
from tests.integration.notifications.running import Running
from tests.unit.notifications.builders import (
    NOON,
    a_colleague_changed,
    a_consent_given,
    a_contact_card,
    a_coordinator_changed,
    a_family_changed,
    a_need,
    a_school_changed,
    a_service_changed,
    a_standing_asked,
    an_offer_made,
)

LOCALES = ("en", "es", "pt", "ht", "kea", "ar")
MAY_WE = "May we ask for help without asking you each time?"
NOT_PART = (
    "Counseling, housing, legal help and all that is marked as private are not part of this. "
    "We ask you about each of these first."
)


async def ask(service: Running, locale: str = "en", *, members: int = 1) -> str:
    """Ask a family for a class with some members, and give the address of its link."""
    await service.tell(
        a_school_changed(),
        a_colleague_changed(),
        a_family_changed(("c1", a_contact_card(languages=(locale,)))),
        *(
            a_service_changed(service_id=f"v{n}", organization_name=f"Partner {n:02}")
            for n in range(members)
        ),
        a_service_changed(service_id="d", category="health.dental", organization_name="Dentist"),
        a_service_changed(service_id="x", is_active=False, organization_name="Gone"),
        a_standing_asked(),
    )

    async def is_known() -> bool:
        return await service.database.collection("services").count({}) == members + 2

    await until(is_known, "the directory is known")
    await service.until_sent("consent-needed")
    return await link_in_outbox(service)


@pytest.mark.parametrize("locale", LOCALES)
async def test_a_family_gives_and_takes_back_a_class_in_its_language(
    service: Running, locale: str
) -> None:
    def words(english: str) -> str:
        return translated(locale).get(english, english)

    address = await ask(service, locale)
    async with service.browser() as client:
        family = Family(client)
        await family.open(address)
        assert "Partner 00" not in family.text
        await step_up(family, address)
        assert family.headline == words(MAY_WE)
        assert words("Learning and free time") in family.text
        assert words(NOT_PART) in family.text
        assert "Partner 00" in family.text
        assert "Dentist" not in family.text
        assert "Gone" not in family.text
        await family.send("/consent", answer="agree", signed=" ")
        assert family.seen[-1][1] == 422
        await family.send("/consent", answer="agree", signed="Nadège Sampleau")
        await answered(service, "consent")
        assert words("Learning and free time") in family.text
        await family.send("/revoke")
        await answered(service, "revocation")
    assert family.findings == []


async def test_a_long_list_of_members_is_cut_and_says_how_many_more_there_are(
    service: Running,
) -> None:
    address = await ask(service, members=MEMBERS_SHOWN + 2)
    async with service.browser() as client:
        family = Family(client)
        await step_up(family, address)
    assert f"Partner {MEMBERS_SHOWN - 1}" in family.text
    assert f"Partner {MEMBERS_SHOWN}" not in family.text
    assert "And 2 more. Ask us for the list." in family.text
    assert family.findings == []


@pytest.mark.parametrize("locale", LOCALES)
async def test_the_family_hears_at_once_that_help_is_asked_for_and_may_end_it_there(
    service: Running, locale: str
) -> None:
    await ask(service, locale)
    signed = a_consent_given(
        consent_id="k2", need_id="k2", sealed=a_consent_given().sealed, contact_id="c1"
    )
    await service.tell(signed, a_coordinator_changed(), a_need(), an_offer_made(consent_id="k2"))
    await service.until_sent("consent-signed")

    async def is_told() -> bool:
        return any(_is_news(each) for each in await service.messages())

    await until(is_told, "the family is told")
    (message,) = [each for each in await service.messages() if _is_news(each)]
    address = f"/f/{Tokens(service.settings.pseudonym).token(message['link_id'])}"
    text = await outbox(service)
    assert address in text
    assert "Tide Pool" not in text
    async with service.browser() as client:
        family = Family(client)
        await step_up(family, address)
        assert translated(locale).get("Thank you", "Thank you") == family.headline
        await family.send("/revoke")
        await answered(service, "revocation")
    assert family.findings == []


async def test_months_later_a_new_link_leads_back_to_the_permission_and_ends_it(
    service: Running,
) -> None:
    old = await ask(service)
    await service.tell(a_consent_given(consent_id="k2", need_id="k2"))
    await service.until_sent("consent-signed")
    long_ago = NOON - timedelta(days=90)
    await service.database.collection("links").update_many({}, {"$set": {"valid_until": long_ago}})
    await service.database.collection("mailboxes").update_many(
        {}, {"$set": {"messages.$[].queued_at": long_ago, "consents.$[].open_until": long_ago}}
    )
    async with service.browser() as client:
        family = Family(client)
        await family.open(f"{old}/again")
        await family.send("/again", sure="yes")

        async def is_sent() -> bool:
            copies = [m for m in await service.messages() if m["template"] == "consent-signed"]
            return [each["state"] for each in copies] == ["sent", "sent"]

        await until(is_sent, "a new link is sent")
        await step_up(family, await link_in_outbox(service))
        assert family.headline == "Thank you"
        await family.send("/revoke")
        await answered(service, "revocation")
    assert family.findings == []


async def test_another_contact_hears_of_it_without_a_link_where_who_signed_is_barred(
    service: Running,
) -> None:
    await ask(service)
    await service.tell(a_consent_given(consent_id="k2", need_id="k2"))
    await service.until_sent("consent-signed")
    channels = (Channel(kind="email", value="another@families.example"),)
    other = a_contact_card(name="Another", household="h2", languages=("en",), channels=channels)
    barred = a_contact_card(barred=True)
    await service.tell(a_family_changed(("c1", barred), ("c2", other)))

    async def is_heard() -> bool:
        row = await service.database.collection("families").find_one({"_id": "s1"})
        return row is not None and len(row["contacts"]) == 2

    await until(is_heard, "the card is heard")
    await service.tell(a_coordinator_changed(), a_need(), an_offer_made(consent_id="k2"))

    async def is_told() -> bool:
        return any(_is_news(each) for each in await service.messages())

    await until(is_told, "the family is told")
    (message,) = [each for each in await service.messages() if _is_news(each)]
    assert message["recipient_id"] == "c2"
    text = await outbox(service)
    assert "Harbor Elementary: help is asked for" in text
    assert "Hello," in text
    assert "as you allowed" not in text
    assert await service.database.collection("links").count({"contact_id": "c2"}) == 0


def _is_news(message: dict[str, object]) -> bool:
    found = (message["template"], message["recipient"], message["state"])
    return found in {("offer", "family", "sent"), ("offer", "family", "delivered")}
