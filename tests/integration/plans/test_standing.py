"""Standing permissions in plans: asked for on the page, signed at a link, resting on them."""

from dataclasses import replace
from typing import Any

import pytest

from schemas.envelope import seal_of
from schemas.notifications import AnswerFacts, FamilyAnswered, LinkLocked
from services.chassis.kernel import Refused
from services.plans.domain.consents import Consent, ConsentBook
from services.plans.domain.needs import Need
from services.plans.domain.signing import RevokeConsent
from services.plans.domain.standing import AskStanding
from services.plans.domain.students import RegisterStudent, Student
from services.plans.importing import STUDENT
from services.plans.repository.consents import BOOKS
from services.plans.repository.needs import CASES, NEEDS, TIMELINES
from tests.integration.plans.browsers import browser_of
from tests.integration.plans.house import House, ranked, write
from tests.integration.plans.rosters import accepted, offered, opened
from tests.integration.plans.stage import Stage
from tests.integration.plans.steps import a_need, a_student, key_of, now, until_entries


async def asked(stage: Stage, student: Student, name: str = "ask") -> Consent:
    """A family that was asked for whatever is learning and free time."""
    command = AskStanding(
        key=key_of(name),
        scope=stage.scope,
        student_id=student.student_id,
        consent_class="enrichment",
    )
    book = await stage.plans.ask_standing(command)
    return book.consents[-1]


def a_word(student: Student, consent: Consent, at: Any, kind: Any = "consent") -> FamilyAnswered:
    facts = AnswerFacts(typed_name="Mother", locale="ht", step_up="pin")
    return FamilyAnswered(
        link_id=f"link {consent.consent_id}",
        student_id=student.student_id,
        contact_id=consent.contact_id,
        need_id=consent.need_id,
        referral_id=consent.referral_id,
        consent_id=consent.consent_id,
        at=at,
        answer_id=f"answer {kind}",
        kind=kind,
        sealed=seal_of(student.student_id, facts),
    )


async def signed(stage: Stage, student: Student) -> Consent:
    consent = await asked(stage, student)
    await stage.say(a_word(student, consent, now(stage)))
    book = await stage.until(
        BOOKS, student.student_id, lambda it: it.consents[0].state == "given", "it is signed"
    )
    return book.consents[0]


async def an_offered(stage: Stage, student: Student, *, number: int = 0) -> Need:
    """A need whose first partner was asked without anybody choosing."""
    need = await a_need(stage, student, f"need {number}")
    await stage.say(*opened(need, now(stage)), offered(need, now(stage), number=number))
    await stage.until(CASES, f"referral-{need.need_id}", lambda it: it.offers, "it is offered")
    return need


async def the_book(stage: Stage, student: Student) -> ConsentBook:
    book = await stage.state(BOOKS, student.student_id)
    assert book is not None
    return book


async def test_under_a_standing_permission_nobody_is_asked_and_the_yes_releases(
    stage: Stage,
) -> None:
    student = await a_student(stage)
    consent = await signed(stage, student)
    need = await an_offered(stage, student)

    await stage.say(accepted(need, now(stage)))
    (entry,) = await until_entries(stage, student, 1)

    assert (entry.facts.decision, entry.facts.consent_id) == ("released", consent.consent_id)
    assert [each.consent_id for each in (await the_book(stage, student)).consents] == [
        consent.consent_id
    ]
    line = await stage.until(
        TIMELINES,
        need.need_id,
        lambda it: it.happenings[-1].code == "packet-released",
        "it is released",
    )
    assert "consent-requested" not in [each.code for each in line.happenings]
    about = await stage.state(TIMELINES, consent.consent_id)
    assert about is not None
    assert [each.code for each in about.happenings][:1] == ["consent-requested"]
    assert await stage.reading.count(NEEDS, stage.scope, {}) == 1


async def test_places_that_wait_are_released_by_a_standing_signature(stage: Stage) -> None:
    student = await a_student(stage)
    needs = [await an_offered(stage, student, number=number) for number in range(2)]
    for number, need in enumerate(needs):
        await stage.say(accepted(need, now(stage), number=number))
    await stage.until(BOOKS, student.student_id, lambda it: len(it.pending) == 2, "they are kept")

    consent = await asked(stage, student)
    await stage.say(a_word(student, consent, now(stage)))

    await stage.until(BOOKS, student.student_id, lambda it: not it.pending, "it is released")
    entries = await until_entries(stage, student, 4)
    assert [each.facts.decision for each in entries] == ["pending"] * 2 + ["released"] * 2
    assert {each.facts.consent_id for each in entries[2:]} == {consent.consent_id}
    assert {each.need_id for each in entries[2:]} == {each.need_id for each in needs}


async def test_what_was_taken_back_covers_nothing_more(stage: Stage) -> None:
    student = await a_student(stage)
    consent = await signed(stage, student)
    revoke = RevokeConsent(
        key=key_of("r"),
        scope=stage.scope,
        student_id=student.student_id,
        consent_id=consent.consent_id,
    )
    assert (await stage.plans.revoke_consent(revoke)).consents[0].state == "revoked"

    await an_offered(stage, student)
    book = await stage.until(
        BOOKS, student.student_id, lambda it: len(it.consents) == 2, "the family is asked"
    )
    assert book.consents[-1].state == "asked"
    assert not book.consents[-1].is_standing


async def test_a_locked_link_of_a_permission_waits_at_each_open_need_until_it_is_signed(
    stage: Stage,
) -> None:
    student = await a_student(stage)
    needs = [await a_need(stage, student, f"need {number}") for number in range(2)]
    consent = await asked(stage, student)
    locked = LinkLocked(
        link_id="link of the permission",
        student_id=student.student_id,
        contact_id=consent.contact_id,
        need_id=consent.need_id,
        at=now(stage),
    )

    await stage.say(locked)
    for need in needs:
        waits = await stage.until(
            NEEDS, need.need_id, lambda it: it.attention is not None, "it waits for a call"
        )
        assert waits.matter_of("permission") == "link-locked"
    await stage.say(a_word(student, consent, now(stage)))
    for need in needs:
        await stage.until(NEEDS, need.need_id, lambda it: it.attention is None, "it waits no more")


async def test_it_is_asked_for_once(stage: Stage) -> None:
    student = await a_student(stage)
    first = await asked(stage, student)
    assert await asked(stage, student) == first
    with pytest.raises(Refused, match="consent_asked"):
        await asked(stage, student, "another form")
    await stage.say(a_word(student, first, now(stage)))
    await stage.until(
        BOOKS, student.student_id, lambda it: it.consents[0].state == "given", "it is signed"
    )
    with pytest.raises(Refused, match="consent_stands"):
        await asked(stage, student, "a third form")


async def test_the_page_asks_for_a_class_and_then_promises_no_signature(
    house: House,
) -> None:
    student, stage = house.student, house.stage
    page = f"/plans/students/{student.student_id}"
    form = {"key": str(key_of("form")), "consent_class": "enrichment"}
    async with browser_of(house.app, house.manager) as browser:
        assert 'value="enrichment"' in await browser.get(page)
        done = await browser.post(f"{page}/standing", form)
        assert (done.status_code, done.headers["location"]) == (303, page)
        again = await browser.post(f"{page}/standing", form | {"key": str(key_of("other"))})
        assert again.status_code == 409
        assert "may still answer" in again.text
        wrong = await browser.post(f"{page}/standing", form | {"consent_class": "counsel"})
        assert wrong.status_code == 422
        book = await the_book(stage, student)
        await stage.say(a_word(student, book.consents[0], now(stage)))
        await stage.until(
            TIMELINES, book.consents[0].consent_id, lambda it: len(it.happenings) > 2, "it is told"
        )
        shown = await browser.get(page)
        assert "All partners: Learning and free time" in shown
        assert "The family signed, valid until" in shown
        assert 'value="enrichment"' not in shown
        assert 'value="health"' in shown
        need_id = await write(house, browser)
        need = await stage.state(NEEDS, need_id)
        assert need is not None
        await stage.say(*opened(need, now(stage)))
        await stage.until(CASES, f"referral-{need_id}", lambda it: it.candidates, "candidates")
        await stage.until(NEEDS, need_id, lambda it: it.referral_id, "the referral is known")
        shown = await browser.get(page)
        assert "Send, and tell the family" in shown
        assert "Send, and ask the family" not in shown


async def test_the_page_shows_a_permission_as_ended_once_its_signer_is_barred(
    house: House,
) -> None:
    student, stage = house.student, house.stage
    consent = await signed(stage, student)
    page = f"/plans/students/{student.student_id}"
    async with browser_of(house.app, house.manager) as browser:
        await ranked(house, browser)
        before = await browser.get(page)
        await stage.process.engine.committer.submit(barring(stage, student, consent), STUDENT)
        after = await browser.get(page)

    assert "Send, and tell the family" in before
    assert 'value="enrichment"' not in before
    assert ">ended<" not in before
    assert "Send, and ask the family" in after
    assert 'value="enrichment"' in after
    assert ">ended<" in after
    assert "The family takes it back" in after


def barring(stage: Stage, student: Student, consent: Consent) -> RegisterStudent:
    """A roster that bars who signed, and knows somebody else who may."""
    signer = student.contact(consent.contact_id)
    assert signer is not None
    barred = replace(signer, restrictions=frozenset({"no-contact"}))
    other = replace(signer, contact_id="somebody-else")
    return RegisterStudent(
        key=key_of("barred"), scope=stage.scope, student=replace(student, contacts=(barred, other))
    )


@pytest.mark.parametrize("who", ["supervisor", "officer", "foreign_manager"])
async def test_only_the_students_case_managers_may_ask(house: House, who: str) -> None:
    path = f"/plans/students/{house.student.student_id}/standing"
    form: dict[str, Any] = {"key": str(key_of(who)), "consent_class": "health"}
    async with browser_of(house.app, getattr(house, who)) as browser:
        response = await browser.post(path, form)
    assert response.status_code in {403, 404}
    assert await house.stage.state(BOOKS, house.student.student_id) is None
