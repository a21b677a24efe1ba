"""What families type, and choose: another language in the middle of a form, digits of their own."""

from tests.integration.notifications.families import (
    Family,
    answered,
    ask,
    demo_answer,
    find_place,
    step_up,
)
from tests.integration.notifications.running import Running

MAY_WE = "May we talk to these partners?"


async def in_another_language(family: Family, locale: str) -> None:
    """Choose a language on a page that was answered with a mistake, or with an end."""
    assert family.seen[-1][1] in {410, 422}
    await family.turn(locale)
    assert family.seen[-1][1] != 405
    assert family.page().all("html")[0].attributes["lang"] == locale


async def test_after_a_mistake_every_page_is_there_in_another_language(service: Running) -> None:
    address = await ask(service)
    async with service.browser() as client:
        family = Family(client)
        for page in ("/who", "/pin", "/stop", "/not-me", "/again"):
            await family.open(f"{address}{page}")
            await family.send(page)
            await in_another_language(family, "es" if page == "/who" else "ar")
            assert family.here == f"{address}{page}"
        await step_up(family, address)
        await family.send("/consent", answer="agree", signed="")
        await in_another_language(family, "en")
        assert family.headline == MAY_WE
        await family.send("/consent", answer="agree", signed="Nadège Sampleau")
        assert family.headline == "Thank you"
    assert family.findings == []


async def test_what_was_typed_stays_when_another_language_is_chosen(service: Running) -> None:
    address = await ask(service)
    async with service.browser() as client:
        family = Family(client)
        await family.open(f"{address}/who")
        await family.turn("en", month="3", day="77")
        assert 'value="77"' in family.html
        assert family.seen[-1][1] == 200  # nothing was sent yet, so nothing is wrong
        await family.send("/who", month="3", day="77")
        await family.turn("es", month="3", day="78")
        assert "Escriba el día" in family.text  # what was wrong, in words that they can read
        assert 'value="78"' in family.html
        await family.turn("ht", month="3", day="14")
        assert family.here == f"{address}/who"  # the right answer, which nobody sent
        await step_up(family, address)
        await family.send("/consent", answer="agree", signed="")
        await family.turn("es", organization_ids="o2")
        assert "Escriba su nombre para firmar." in family.text
        await family.turn("ar", signed="Nadège Sampleau", organization_ids="o2")
        assert 'value="Nadège Sampleau"' in family.html
        assert 'value="o2" checked' in family.html
        assert 'value="o1" checked' not in family.html
        await family.open(f"{address}/stop")
        await family.turn("es", sure="yes")
        assert 'value="yes" checked' in family.html
        await family.open(f"{address}/again")
        await family.turn("pt", sure="yes")
        assert 'value="yes" checked' in family.html
    assert family.findings == []
    (link,) = await service.database.collection("links").find({})
    assert (link["answer"], link["wrong"]) == (None, 0)
    assert len(await service.messages()) == 2  # the link, and the code of `step_up`
    assert await service.database.collection("stops").count({"addresses": {"$ne": []}}) == 0


async def test_digits_of_an_arabic_keyboard_are_digits(service: Running) -> None:
    address = await ask(service, "ar")
    arabic = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
    async with service.browser() as client:
        family = Family(client)
        await family.open(f"{address}/who")
        await family.send("/who", month="3", day="14".translate(arabic))
        await family.send("/code", code=demo_answer(family).translate(arabic))
        await family.send("/new-pin", pin="8264".translate(arabic))
        assert family.here.endswith("/page")
    async with service.browser() as client:
        family = Family(client)
        await family.open(f"{address}/pin")
        await family.send("/pin", pin="8264")
        assert family.here.endswith("/page")


async def test_a_no_that_comes_after_the_yes_is_told_that_the_yes_stands(service: Running) -> None:
    address = await ask(service, "en")
    async with service.browser() as client:
        family, other_tab = Family(client), Family(client)
        await step_up(family, address)
        await other_tab.open(f"{address}/page")
        await family.send("/consent", answer="agree", signed="Nadège Sampleau")
        await other_tab.send("/consent", answer="refuse")
        assert other_tab.seen[-1][1] == 409
        assert other_tab.headline == "Thank you"
        assert "Take it back" in other_tab.text


async def test_half_of_another_time_is_asked_for_and_nothing_chosen_is_lost(
    service: Running,
) -> None:
    address = await find_place(service, "en")
    async with service.browser() as client:
        family = Family(client)
        await step_up(family, address)
        await family.open(f"{address}/other-time")
        await family.send("/other-time", day1="2", part1="evening", part3="morning")
        assert family.seen[-1][1] == 422
        wrong = [e.attributes["id"] for e in family.page().all("select") if e.has("aria-invalid")]
        assert wrong == ["day3"]
        assert 'value="evening" selected' in family.html
        await family.turn("es", day1="2", part1="evening", part3="morning")
        assert "Elija el día y también la hora." in family.text
        await family.send("/other-time", day1="2", part1="evening", day3="4", part3="morning")
        await answered(service, "other-time")
    assert family.findings == []


async def test_a_form_s_own_address_leads_to_its_page(service: Running) -> None:
    addresses = {
        await ask(service): ("/consent", "/revoke"),
        await find_place(service): ("/answer",),
    }
    for address, forms in addresses.items():
        async with service.browser() as client:
            family = Family(client)
            for form in forms:
                await family.open(f"{address}{form}?language=es")
                assert family.here == address  # nobody stepped up
                assert family.page().all("html")[0].attributes["lang"] == "es"
            await step_up(family, address)
            for form in forms:
                await family.open(f"{address}{form}?language=pt")
                assert family.here == f"{address}/page"
                assert family.page().all("html")[0].attributes["lang"] == "pt"
        assert family.findings == []
