"""Pages of the plan service as people see them: what they offer, keep back and refuse."""

import re
from dataclasses import replace
from zoneinfo import ZoneInfo

from deploy.checker.outside import until
from services.chassis.accounts import Role
from services.plans.domain.students import RegisterStudent
from services.plans.importing import STUDENT
from services.plans.repository.consents import BOOKS
from services.plans.repository.needs import CASES, NEEDS
from tests.integration.plans.browsers import browser_of, hire
from tests.integration.plans.house import MARK, House, a_form, ranked
from tests.integration.plans.rosters import accepted, answered, offered
from tests.toy.running import new_id


async def test_the_start_page_offers_a_card_for_each_role_with_pages(house: House) -> None:
    async with browser_of(house.app) as browser:
        page = await browser.get("/")

    for role in ("Case manager", "Supervisor", "Privacy officer", "A family"):
        assert role in page
    assert "Teacher" not in page


async def test_a_case_manager_finds_by_the_beginning_of_a_name(house: House) -> None:
    async with browser_of(house.app, house.manager) as browser:
        found = await browser.find("pebb")
        nobody = await browser.find("zzz")
        foreign = await browser.find(MARK.lower())
        short = await browser.find("pe")
        asked = await browser.post("/plans/students", {"q": "pebb"})
        address = asked.headers["location"]
        back = [await browser.get(address) for _ in range(2)]
    async with browser_of(house.app, house.other_manager) as browser:
        passed_on = await browser.get(address)
        broken = await browser.get(address[:-6])

    assert "pebb" not in address
    for page in back:
        assert 'value="pebb"' in page
        assert "Ada Pebblebrook" in page
    for page in (passed_on, broken):
        assert "pebb" not in page.lower()
    assert "Type three letters or more" in short
    assert "Ada Pebblebrook" in found
    assert "Nobody found" in nobody
    assert "Nobody found" in foreign


async def test_a_day_is_past_when_it_is_at_the_school_of_the_student(house: House) -> None:
    """In the district it is later: a day there, where the days begin first, or two."""
    database = house.stage.process.database
    first, last = "Pacific/Kiritimati", "Etc/GMT+12"
    await database.collection("districts").update_many({}, {"$set": {"time_zone": first}})
    await database.collection("schools").update_many({}, {"$set": {"zone": last}})
    today = house.stage.process.clocks.business().astimezone(ZoneInfo(last)).date()

    async with browser_of(house.app, house.manager) as browser:
        path = f"/plans/students/{house.student.student_id}/needs"
        taken = await browser.post(path, a_form(wanted_from=today.isoformat()))
        past = await browser.post(path, a_form(wanted_from="2026-01-01"))

    assert taken.status_code == 303
    assert past.status_code == 422


async def test_where_nobody_may_sign_the_page_says_so_and_offers_no_sending(house: House) -> None:
    page = f"/plans/students/{house.student.student_id}"
    async with browser_of(house.app, house.manager) as browser:
        await ranked(house, browser)
        before = await browser.get(page)
        alone = RegisterStudent(
            key=new_id(), scope=house.stage.scope, student=replace(house.student, contacts=())
        )
        await house.stage.process.engine.committer.submit(alone, STUDENT)
        after = await browser.get(page)

    assert "Send, and ask the family" in before
    assert "Nobody on record may sign" not in before
    assert "Send, and ask the family" not in after
    assert "Nobody on record may sign" in after


async def test_a_student_between_schools_stays_with_the_case_manager(house: House) -> None:
    page = f"/plans/students/{house.student.student_id}"
    async with browser_of(house.app, house.manager) as browser:
        await ranked(house, browser)
        nowhere = RegisterStudent(
            key=new_id(),
            scope=house.stage.scope,
            student=replace(house.student, school_id=None, case_manager_id=None),
        )
        await house.stage.process.engine.committer.submit(nowhere, STUDENT)
        after = await browser.get(page)

    assert "No school now" in after
    assert "Withdraw this need?" in after


async def test_a_form_with_errors_keeps_its_fields_and_says_what_to_mend(house: House) -> None:
    path = f"/plans/students/{house.student.student_id}/needs"
    wrong = a_form(category="", summary="visa matters", cost="amount", amount="much")
    async with browser_of(house.app, house.manager) as browser:
        response = await browser.post(path, wrong)

    assert response.status_code == 422
    assert "There is a problem" in response.text
    assert "Choose what kind of help is needed" in response.text
    assert "visa matters" in response.text
    assert 'value="much"' in response.text


async def test_the_student_page_shows_candidates_with_reasons_and_sends_one(house: House) -> None:
    page = f"/plans/students/{house.student.student_id}"
    async with browser_of(house.app, house.manager) as browser:
        await browser.get(f"{page}/needs/new")
        need_id = await ranked(house, browser)
        before = await browser.get(page)
        sent = await browser.post(
            f"/plans/needs/{need_id}/choose", {"key": a_form()["key"], "offer_id": "offer-0"}
        )
        after = await browser.get(page)

    assert "Homework at Tide Pool Club" in before
    assert "Takes grades 2–5" in before
    assert "5 services of this kind were looked at" in before
    assert "Send, and ask the family" in before
    assert sent.status_code == 303
    assert "Asked: send this to Tide Pool Club · waiting" in after
    assert "Send, and ask the family" not in after


async def test_a_partners_yes_by_phone_is_asked_and_shown(house: House) -> None:
    page = f"/plans/students/{house.student.student_id}"
    async with browser_of(house.app, house.manager) as browser:
        need_id = await ranked(house, browser)
        need = await house.stage.state(NEEDS, need_id)
        assert need is not None
        await house.stage.say(offered(need, house.stage.process.clocks.business()))
        await house.stage.until(CASES, f"referral-{need_id}", lambda it: it.offers, "an offer")
        path = f"/plans/needs/{need_id}/offers/offer-0/answer"
        form = await browser.get(path)
        wrong = await browser.post(path, {"key": a_form()["key"], "answer": "decline"})
        filled = {
            "key": a_form()["key"],
            "answer": "accept",
            "said_by": "Front desk",
            "channel": "phone",
            "starts_on": "2026-12-01",
        }
        twice = [await browser.post(path, filled) for _ in range(2)]  # a double click
        after = await browser.get(page)

    assert "Tide Pool Club" in form
    assert wrong.status_code == 422
    assert [each.status_code for each in twice] == [303, 303]
    assert "Asked: record the yes of Tide Pool Club" in after


async def test_the_ledger_says_in_plain_words_who_was_shown_what(house: House) -> None:
    stage, student = house.stage, house.student
    async with browser_of(house.app, house.manager) as browser:
        empty = await browser.get(f"/plans/students/{student.student_id}/ledger")
        need_id = await ranked(house, browser)
        need = await stage.state(NEEDS, need_id)
        assert need is not None
        now = stage.process.clocks.business()
        await stage.say(offered(need, now))
        await stage.until(BOOKS, student.student_id, lambda it: it.consents, "the family is asked")
        # One after the other: of two topics either may be read first, and before the signature
        # a yes is an entry of its own.
        await stage.say(answered(need, student.contacts[0].contact_id, now))
        await stage.until(
            BOOKS, student.student_id, lambda it: it.consents[0].state == "given", "it is signed"
        )
        await stage.say(accepted(need, now))
        await stage.until(
            BOOKS, student.student_id, lambda it: it.ledger.number == 1, "it is released"
        )

        async def is_listed() -> bool:
            page = await browser.get(f"/plans/students/{student.student_id}/ledger")
            return "Tide Pool Club may see the record, as the family allowed" in page

        await until(is_listed, "the release stands in the ledger")
        page = await browser.get(f"/plans/students/{student.student_id}")

    assert "Nobody outside the school has seen this record" in empty
    assert "signed" in page


async def test_today_lists_what_waits_and_counts_who_is_fine(house: House) -> None:
    async with browser_of(house.app, house.manager) as browser:
        before = await browser.get("/plans/")
        await ranked(house, browser, urgency="urgent")
        after = await browser.get("/plans/")
    async with browser_of(house.app, house.other_manager) as browser:
        others = await browser.get("/plans/")

    stage, school = house.stage, house.student.school_id or ""
    colleague = await hire(stage.process, stage.district, "colleague", Role.CASE_MANAGER, school)
    async with browser_of(house.app, colleague) as browser:
        at_same_school = await browser.get("/plans/")
    async with browser_of(house.app, house.supervisor) as browser:
        of_all = await browser.get("/plans/")

    assert "Nothing waits for you" in before
    assert "Nothing waits for you" in at_same_school
    assert "Ada Pebblebrook" in of_all
    assert "Choose a partner" in after
    assert "Ada Pebblebrook" in after
    assert "1 student is fine." in after
    assert "Nothing waits for you" in others


async def test_restricted_needs_are_masked_for_a_supervisor(house: House) -> None:
    page = f"/plans/students/{house.student.student_id}"
    async with browser_of(house.app, house.manager) as browser:
        await ranked(house, browser, category="counsel.grief", summary="After a loss")
        own = await browser.get(page)
    async with browser_of(house.app, house.supervisor) as browser:
        masked = await browser.get(page)
        today = await browser.get("/plans/")

    assert "Grief support" in own
    for text in (masked, today):
        assert "A support from school" in text
        for hidden in ("Grief", "After a loss", "Tide Pool"):
            assert hidden not in text
    assert "Write a need" not in masked


async def test_a_foreign_student_is_not_found_whoever_asks(house: House) -> None:
    ids = (house.foreign.student_id, "no-such-student")
    for user in (house.manager, house.supervisor, house.officer):
        async with browser_of(house.app, user) as browser:
            for student_id in ids:
                await browser.get(f"/plans/students/{student_id}/ledger", status=404)
    async with browser_of(house.app, house.other_manager) as browser:
        own_district = f"/plans/students/{house.student.student_id}"
        for path in (own_district, f"{own_district}/needs/new", f"{own_district}/ledger"):
            await browser.get(path, status=404)
        refused = await browser.post(f"{own_district}/needs", a_form())
    assert refused.status_code == 404
    assert await house.stage.reading.count(NEEDS, house.stage.scope, {}) == 0


async def test_no_page_shows_a_mark_of_another_district(house: House) -> None:
    paths = ("/plans/", "/plans/students")
    async with browser_of(house.app, house.manager) as browser:
        await ranked(house, browser)
    for user in (house.manager, house.supervisor, house.officer):
        async with browser_of(house.app, user) as browser:
            for path in paths:
                if user == house.officer and path == "/plans/":
                    continue
                assert MARK not in await browser.get(path), (user, path)
            for beginning in ("ada", "sea"):
                assert MARK not in await browser.find(beginning), (user, beginning)
    async with browser_of(house.app, house.foreign_manager) as browser:
        assert MARK in await browser.find("ada")


ROUTES = (  # path, who may: manager, supervisor, officer
    ("/plans/", (200, 200, 403)),
    ("/plans/students", (200, 200, 200)),
    ("/plans/students/{student}", (200, 200, 403)),
    ("/plans/students/{student}/now", (200, 200, 403)),
    ("/plans/students/{student}/ledger", (200, 200, 200)),
    ("/plans/students/{student}/needs/new", (200, 403, 403)),
)
POSTS = (
    "/plans/students/{student}/needs",
    "/plans/needs/a-need/choose",
    "/plans/needs/a-need/withdraw",
    "/plans/needs/a-need/offers/an-offer/answer",
    "/plans/students/{student}/consents/a-consent/revoke",
)


async def test_every_route_opens_for_its_roles_alone(house: House) -> None:
    users = (house.manager, house.supervisor, house.officer)
    for number, user in enumerate(users):
        async with browser_of(house.app, user) as browser:
            for path, statuses in ROUTES:
                full = path.format(student=house.student.student_id)
                response = await browser.client.get(full)
                assert response.status_code == statuses[number], (user, path)
            for path in POSTS if number else ():
                full = path.format(student=house.student.student_id)
                response = await browser.client.post(full, data=a_form(offer_id="x"))
                assert response.status_code == 403, (user, path)
    async with browser_of(house.app) as browser:
        for path, _ in ROUTES:
            full = path.format(student=house.student.student_id)
            response = await browser.client.get(full)
            assert response.status_code == 303, path
            assert response.headers["location"].startswith("/plans/sign-in"), path


async def test_the_fragment_is_a_block_of_the_full_page(house: House) -> None:
    path = f"/plans/students/{house.student.student_id}"
    async with browser_of(house.app, house.manager) as browser:
        await ranked(house, browser)
        page = await browser.get(path)
        fragment = (await browser.client.get(f"{path}/now")).text

    def told(html: str) -> str:
        return re.sub(r'value="[0-9a-f-]{36}"|title="[^"]*"', "", html)

    assert "Homework at Tide Pool Club" in fragment
    assert "<html" not in fragment
    assert told(fragment).strip() in told(page)
