"""The way through, as far as plans walks it: need, choice, consent, Gate; the others by hand."""

from collections.abc import Sequence

import pytest

from services.chassis.kernel import Refused
from services.chassis.messages import from_command
from services.plans.domain.acts import ChoosePartner
from services.plans.domain.ledger import LedgerKey
from services.plans.domain.needs import WithdrawNeed
from services.plans.domain.signing import RevokeConsent
from services.plans.importing import importer
from services.plans.queries.auditing import check
from services.plans.repository.consents import BOOKS
from services.plans.repository.needs import NEEDS, TIMELINES
from services.plans.repository.people import STUDENTS
from services.plans.repository.providers import SchoolDaysProvider
from services.plans.usecases import CHOOSE
from tests.integration.plans.rosters import NAMES, a_source, accepted, answered
from tests.integration.plans.stage import Stage
from tests.integration.plans.steps import a_chosen, a_need, a_student, key_of, now, until_entries


async def test_a_need_written_twice_is_one_need(stage: Stage) -> None:
    student = await a_student(stage)

    first, second = await a_need(stage, student), await a_need(stage, student)

    assert first == second
    assert await stage.reading.count(NEEDS, stage.scope, {}) == 1
    await stage.until(TIMELINES, first.need_id, lambda it: it.happenings, "it is on the timeline")
    assert len((await stage.state(TIMELINES, first.need_id)).happenings) == 1  # type: ignore[union-attr]


async def test_a_choice_asks_the_family_about_the_chosen_and_the_next(stage: Stage) -> None:
    student = await a_student(stage)

    need = await a_chosen(stage, student)

    book = await stage.state(BOOKS, student.student_id)
    assert book is not None
    (consent,) = book.consents
    named = [each.name for each in consent.facts.terms.parties]  # type: ignore[union-attr]
    assert named == ["Tide Pool Club", "Harbor Branch Library", "Anchor Tutoring"]
    assert consent.contact_id == student.contacts[0].contact_id
    done = await stage.until(
        NEEDS, need.need_id, lambda it: not it.is_asking, "the act is answered"
    )
    assert [each.state for each in done.acts] == ["done"]


async def test_a_choice_is_decided_by_the_day_of_the_students_school(stage: Stage) -> None:
    student = await a_student(stage)
    need = await a_need(stage, student)
    asked = ChoosePartner(
        key=key_of("choice"), scope=stage.scope, need_id=need.need_id, offer_id="offer-0"
    )

    database = stage.process.database
    async with database.transaction() as session:
        around = await SchoolDaysProvider(database).load(
            session, [from_command(asked, CHOOSE, None)]
        )

    assert set(around.calendars) == {student.student_id}


async def test_a_yes_before_the_signature_keeps_the_place_and_the_signature_releases(
    stage: Stage,
) -> None:
    student = await a_student(stage)
    need = await a_chosen(stage, student)

    await stage.say(accepted(need, now(stage)))
    book = await stage.until(BOOKS, student.student_id, lambda it: it.pending, "it is kept")
    assert book.pending[0].organization_id == "organization-0"
    waiting = await stage.until(
        NEEDS,
        need.need_id,
        lambda it: it.attention and it.attention.matter == "consent-missing",
        "and the case manager is told",
    )
    assert waiting.is_open

    await stage.say(answered(need, student.contacts[0].contact_id, now(stage)))
    book = await stage.until(BOOKS, student.student_id, lambda it: not it.pending, "it is released")
    assert book.consents[0].state == "given"
    entries = await until_entries(stage, student, 2)
    assert [each.facts.decision for each in entries] == ["pending", "released"]
    checked = await check(
        stage.process.database,
        stage.process.engine.vault,
        LedgerKey(stage.process.settings.ledger),
        student.student_id,
    )
    assert checked is not None
    assert checked.faults == ()


async def test_once_a_need_is_withdrawn_its_family_signs_nothing_more(stage: Stage) -> None:
    student = await a_student(stage)
    need = await a_chosen(stage, student)
    asked = WithdrawNeed(
        key=key_of("w"), scope=stage.scope, need_id=need.need_id, code="staff-decision"
    )

    await stage.plans.withdraw_need(asked)
    before = await stage.until(
        BOOKS,
        student.student_id,
        lambda it: it.consents[0].open_until <= now(stage),
        "the question is closed",
    )
    await stage.say(answered(need, student.contacts[0].contact_id, now(stage)))
    await stage.until(
        TIMELINES,
        need.need_id,
        lambda it: "family-answered" in {each.code for each in it.happenings},
        "the late signature was heard",
    )

    after = await stage.state(BOOKS, student.student_id)
    assert after == before
    assert after is not None
    assert after.consents[0].state == "asked"


async def test_a_revocation_on_behalf_is_at_once_and_needs_the_right_school(stage: Stage) -> None:
    student = await a_student(stage)
    need = await a_chosen(stage, student)
    await stage.say(answered(need, student.contacts[0].contact_id, now(stage)))
    book = await stage.until(
        BOOKS, student.student_id, lambda it: it.consents[0].state == "given", "it is signed"
    )
    foreign = stage.scope.__class__(
        district=stage.district, actor="m", within={"school_id": frozenset({"another"})}
    )
    asked = {"student_id": student.student_id, "consent_id": book.consents[0].consent_id}

    with pytest.raises(Refused, match="student_unknown"):
        await stage.plans.revoke_consent(RevokeConsent(key=key_of("r"), scope=foreign, **asked))
    after = await stage.plans.revoke_consent(
        RevokeConsent(key=key_of("s"), scope=stage.scope, **asked)
    )

    assert after.consents[0].state == "revoked"


async def test_the_same_roster_twice_changes_nothing(stage: Stage) -> None:
    before = await stage.process.database.collection("students").find({}, sort=(("_id", 1),))

    await importer(stage.process).bring_in(a_source())

    after = await stage.process.database.collection("students").find({}, sort=(("_id", 1),))
    assert [each["version"] for each in after] == [each["version"] for each in before]


async def test_a_roster_that_lost_its_students_is_refused(stage: Stage) -> None:
    with pytest.raises(Refused, match="roster_shrank"):
        await importer(stage.process).bring_in(a_source(names=("Ada Pebblebrook",)))


async def test_students_who_left_or_were_erased_are_missed_by_no_later_roster(
    stage: Stage,
) -> None:
    process, fewer = stage.process, a_source(names=NAMES[:2])
    with pytest.raises(Refused, match="roster_shrank"):
        await importer(process).bring_in(fewer)

    await importer(process).bring_in(fewer, confirm_drop=True)
    between = await stage.reading.find(STUDENTS, stage.scope, {"is_between_schools": True})
    await importer(process).bring_in(fewer)
    (gone,) = set(await listed(stage, NAMES[:2])) - set(await listed(stage, NAMES[:1]))
    await process.engine.vault.erase(gone)
    await importer(process).bring_in(a_source(names=NAMES[:1]))
    await importer(process).bring_in(a_source())

    assert [each.facts.first_name for each in between] == ["Cleo"]  # type: ignore[union-attr]
    back = await stage.reading.find(STUDENTS, stage.scope, {"is_between_schools": False})
    assert {each.student_id for each in back} == {*await listed(stage, NAMES)} - {gone}


async def listed(stage: Stage, names: Sequence[str]) -> list[str]:
    """The ids of a roster's students."""
    translation = await importer(stage.process).translation(a_source(names=names))
    return [each.student_id for each in translation.students()]
