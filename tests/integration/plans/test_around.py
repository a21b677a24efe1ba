"""Around the way through: counts of small cells, moves, erasure, time running out, audits."""

from dataclasses import replace

import pytest

from schemas.envelope import Erased
from schemas.referrals import PreviewViewed
from services.chassis.kernel import Refused, Tick
from services.chassis.messages import from_command, from_tick
from services.chassis.scope import Scope
from services.plans.domain.consents import clock_of
from services.plans.domain.ledger import LedgerKey
from services.plans.domain.needs import Need, WithdrawNeed
from services.plans.handlers import TABLES
from services.plans.importing import importer
from services.plans.queries.auditing import check_all
from services.plans.queries.records import Records
from services.plans.repository.consents import BOOKS, ENTRIES
from services.plans.repository.needs import NEEDS, TIMELINES
from services.plans.repository.people import STUDENTS
from services.plans.repository.providers import (
    COUNTED_SECONDS,
    CellsProvider,
    SchoolDaysProvider,
)
from services.plans.translating import Source
from services.plans.usecases import WRITE
from tests.integration.plans.rosters import a_source, accepted, answered, offered
from tests.integration.plans.stage import Stage, staged
from tests.integration.plans.steps import (
    a_chosen,
    a_need,
    a_student,
    a_writing,
    key_of,
    now,
    until_entries,
)
from tests.settings import Made

LETTERS = "abcdefghij"
ALASKA = "America/Anchorage"
FAST = 100_000.0  # business seconds in one: a week takes six of ours


async def bring_in(stage: Stage, source: Source) -> None:
    imported = await importer(stage.process).bring_in(source)
    stage.district = imported.district_id


def moved(source: Source) -> Source:
    """The same students, each at the other of the two schools."""
    other = {"school-0": "school-1", "school-1": "school-0"}
    students = tuple(
        replace(each, school_source_id=other[each.school_source_id or ""])
        for each in source.roster.students
    )
    return replace(source, roster=replace(source.roster, students=students))


@pytest.mark.parametrize(("alike", "band"), [(9, "PK-5"), (10, "3-5")])
async def test_a_preview_counts_the_students_who_are_alike(
    made: Made, alike: int, band: str
) -> None:
    names = [f"Ada {letter * 4}".title() for letter in LETTERS[:alike]]
    async with staged(made()) as stage:
        await bring_in(stage, a_source(names=names))
        await bring_in(stage, a_source("elsewhere", names=names))

        need = await a_need(stage, await a_student(stage))

        assert not isinstance(need.facts, Erased)
        assert need.facts.preview.grade_band == band


async def test_a_preview_does_not_hide_a_student_among_those_who_left(made: Made) -> None:
    names = [f"Ada {letter * 4}".title() for letter in LETTERS]
    async with staged(made()) as stage:
        await bring_in(stage, a_source(names=names))
        await bring_in(stage, a_source(names=names[:9]))

        need = await a_need(stage, await a_student(stage))

        assert not isinstance(need.facts, Erased)
        assert need.facts.preview.grade_band == "PK-5"


async def test_cells_are_counted_anew_after_a_minute_and_not_before(made: Made) -> None:
    names = [f"Ada {letter * 4}".title() for letter in LETTERS]
    moments = iter((0.0, COUNTED_SECONDS - 1, COUNTED_SECONDS))
    async with staged(made()) as stage:
        await bring_in(stage, a_source(names=names[:9]))
        student = await a_student(stage)
        cells = CellsProvider(stage.process.database, lambda: next(moments))
        asked = from_command(a_writing(stage, student), WRITE, None)

        counts = []
        for _ in range(3):
            async with stage.process.database.transaction() as session:
                seen = await cells.load(session, [asked])
            counts.append(seen.of(student.student_id).in_district)
            await bring_in(stage, a_source(names=names))

    assert counts == [9, 9, 10]


async def test_a_need_follows_its_student_to_another_school(made: Made) -> None:
    async with staged(made()) as stage:
        source = a_source()
        await bring_in(stage, source)
        student = await a_student(stage)
        need = await a_need(stage, student)

        await bring_in(stage, moved(source))

        after = await stage.until(
            NEEDS, need.need_id, lambda it: it.school_id != student.school_id, "it has moved"
        )
        now_at = await stage.state(STUDENTS, student.student_id)
        assert now_at is not None
        assert (after.school_id, after.case_manager_id) == (
            now_at.school_id,
            now_at.case_manager_id,
        )


async def test_a_need_that_ended_is_not_left_with_the_school_that_its_student_left(
    made: Made,
) -> None:
    async with staged(made()) as stage:
        source = a_source()
        await bring_in(stage, source)
        student = await a_student(stage)
        need = await a_need(stage, student)
        over = WithdrawNeed(
            key=key_of("over"), scope=stage.scope, need_id=need.need_id, code="staff-decision"
        )
        await stage.plans.withdraw_need(over)
        there = Scope(
            district=stage.district, within={"school_id": frozenset({student.school_id or ""})}
        )
        records = Records(stage.reading)
        assert (await records.need(there, need.need_id))[0].state == "WITHDRAWN"

        await bring_in(stage, moved(source))

        with pytest.raises(Refused, match="need_unknown"):
            await records.need(there, need.need_id)
        await records.need(stage.scope, need.need_id)


async def test_facts_about_an_erased_student_break_nothing(made: Made) -> None:
    async with staged(made()) as stage:
        await bring_in(stage, a_source())
        student = await a_student(stage)
        need = await a_chosen(stage, student)

        await stage.process.engine.vault.erase(student.student_id)
        await stage.say(
            answered(need, student.contacts[0].contact_id, now(stage)),
            accepted(need, now(stage)),
        )

        await stage.until(
            TIMELINES,
            need.need_id,
            lambda it: any(each.code == "packet-withheld" for each in it.happenings),
            "nothing is released",
        )
        assert await stage.process.database.collection("parked").find({}) == []
        gone = await stage.state(STUDENTS, student.student_id)
        assert gone is not None
        assert isinstance(gone.facts, Erased)


async def test_a_place_is_given_up_when_the_family_stays_silent(made: Made) -> None:
    async with staged(made(clock_speed=FAST)) as stage:
        await bring_in(stage, a_source())
        student = await a_student(stage)
        need = await a_chosen(stage, student)
        await stage.say(accepted(need, now(stage)))
        await stage.until(BOOKS, student.student_id, lambda it: it.ledger.number, "it is kept")

        entries = await until_entries(stage, student, 2)

        assert [each.facts.decision for each in entries] == ["pending", "withheld"]
        book = await stage.state(BOOKS, student.student_id)
        assert book is not None
        assert book.pending == ()


async def test_a_clock_goes_by_the_day_of_the_students_school(made: Made) -> None:
    async with staged(made()) as stage:
        source = a_source()
        schools = tuple(replace(each, time_zone=ALASKA) for each in source.roster.schools)
        await bring_in(stage, replace(source, roster=replace(source.roster, schools=schools)))
        student = await a_student(stage)
        name = clock_of("offer")
        tick = Tick(kind=BOOKS.collection, subject=student.student_id, name=name, at=now(stage))
        (clock,) = TABLES.clocks

        async with stage.process.database.transaction() as session:
            around = SchoolDaysProvider(stage.process.database)
            seen = await around.load(session, [from_tick(tick, clock, stage.district, 1)])

    assert seen.zone(student.student_id) == ALASKA


async def test_a_look_at_a_preview_stands_in_the_ledger_and_a_change_of_it_is_found(
    made: Made,
) -> None:
    async with staged(made()) as stage:
        await bring_in(stage, a_source())
        student = await a_student(stage)
        need: Need = await a_chosen(stage, student)
        for number in range(3):
            viewed = PreviewViewed(
                student_id=student.student_id,
                referral_id=need.referral_id or "",
                need_id=need.need_id,
                offer_id=offered(need, now(stage)).offer_id,
                viewed_by=f"coordinator-{number}",
                viewed_at=now(stage),
            )
            await stage.say(viewed)
        await until_entries(stage, student, 3)

        assert await faults(stage) == []
        await stage.process.database.collection(ENTRIES.collection).update_one(
            {"number": 2}, {"$set": {"need_id": "another"}}
        )
        assert await faults(stage) == [(2, "changed")]
        await stage.process.database.collection(ENTRIES.collection).delete_many({"number": 3})
        assert await faults(stage) == [(2, "changed"), (3, "cut")]


async def faults(stage: Stage) -> list[tuple[int, str]]:
    process = stage.process
    key = LedgerKey(process.settings.ledger)
    checked = [each async for each in check_all(process.database, process.engine.vault, key)]
    return [(fault.number, fault.what) for each in checked for fault in each.faults]
