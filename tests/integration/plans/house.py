"""The running application with a district and its people, and what they do there first."""

import secrets
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi import FastAPI

from services.chassis.accounts import Role
from services.plans.domain.students import Student
from services.plans.importing import importer
from services.plans.repository.needs import CASES, NEEDS, TIMELINES
from services.plans.repository.people import STUDENTS
from tests.integration.plans.browsers import Browser, hire, managers
from tests.integration.plans.rosters import a_source, opened
from tests.integration.plans.stage import Stage

MARK = "Seamark"


@dataclass(kw_only=True)
class House:
    """An application with a district, its people, and a second district that must not show."""

    stage: Stage
    app: FastAPI
    manager: str
    other_manager: str
    supervisor: str
    officer: str
    foreign_manager: str
    student: Student  # of the first manager
    foreign: Student


async def settled(stage: Stage, app: FastAPI) -> House:
    """Bring in two districts and their people."""
    bring_in = importer(stage.process).bring_in
    elsewhere = await bring_in(a_source("elsewhere", mark=MARK))
    stage.district = elsewhere.district_id
    (stranger, *_) = await managers(stage)
    foreign = await stage.reading.find(
        STUDENTS, stage.scope, {"case_manager_id": stranger.staff_id}
    )
    stage.district = (await bring_in(a_source())).district_id
    first, second = await managers(stage)
    own = await stage.reading.find(STUDENTS, stage.scope, {"case_manager_id": first.staff_id})
    process, district = stage.process, stage.district
    return House(
        stage=stage,
        app=app,
        manager=await hire(process, district, first.staff_id, Role.CASE_MANAGER, *first.school_ids),
        other_manager=await hire(
            process, district, second.staff_id, Role.CASE_MANAGER, *second.school_ids
        ),
        supervisor=await hire(process, district, "supervisor", Role.SUPERVISOR),
        officer=await hire(process, district, "officer", Role.PRIVACY_OFFICER),
        foreign_manager=await hire(
            process,
            elsewhere.district_id,
            stranger.staff_id,
            Role.CASE_MANAGER,
            *stranger.school_ids,
        ),
        student=min(own, key=lambda each: each.facts.surname),  # type: ignore[union-attr]
        foreign=foreign[0],
    )


def a_form(**given: Any) -> dict[str, Any]:
    return {
        "key": str(UUID(bytes=secrets.token_bytes(16))),
        "category": "enrich.tutoring",
        "summary": "Help with homework",
        "urgency": "routine",
        "cost": "free",
        **given,
    }


async def write(house: House, browser: Browser, **given: Any) -> str:
    """Write a need by its form; gives its id."""
    path = f"/plans/students/{house.student.student_id}/needs"
    response = await browser.post(path, a_form(**given))
    assert response.status_code == 303, response.text
    found = await house.stage.reading.find(NEEDS, house.stage.scope, {}, sort=(("_id", 1),))
    return found[-1].need_id


async def ranked(house: House, browser: Browser, **given: Any) -> str:
    """A need with its candidates."""
    need_id = await write(house, browser, **given)
    need = await house.stage.state(NEEDS, need_id)
    assert need is not None
    await house.stage.say(*opened(need, house.stage.process.clocks.business()))
    await house.stage.until(CASES, f"referral-{need_id}", lambda it: it.candidates, "candidates")
    await house.stage.until(NEEDS, need_id, lambda it: it.referral_id, "the referral is known")
    await house.stage.until(TIMELINES, need_id, lambda it: len(it.happenings) == 3, "told")
    return need_id
