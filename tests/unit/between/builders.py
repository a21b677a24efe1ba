"""A family that both services know, and events as the outside check reads them."""

from datetime import UTC, date, datetime
from typing import Final

from deploy.checker.told import Told
from schemas.envelope import Event
from schemas.plans import Channel
from services.plans.domain.students import Contact, ContactFacts, Student, StudentFacts

NOW: Final = datetime(2026, 11, 23, 15, tzinfo=UTC)
DISTRICT: Final = "district"
STUDENT_ID: Final = "student"
MOTHER, FATHER = "mother", "father"


def a_family(*, barred: bool) -> Student:
    def contact(contact_id: str, *, limited: bool = False) -> Contact:
        return Contact(
            contact_id=contact_id,
            is_guardian="yes",
            notify="news",
            restrictions=frozenset({"no-contact"} if limited else ()),
            facts=ContactFacts(
                name=contact_id,
                relation="parent",
                channels=(Channel(kind="phone", value="+16175550100", may_text=True),),
            ),
        )

    return Student(
        student_id=STUDENT_ID,
        district=DISTRICT,
        school_id="school",
        case_manager_id="manager",
        grade=3,
        language="es",
        area="harbor",
        contacts=(contact(MOTHER, limited=barred), contact(FATHER)),
        facts=StudentFacts(first_name="Ada", surname="Tide", birth_date=date(2018, 3, 2)),
    )


def as_seen(number: int, event: Event) -> Told:
    """An event as the outside check reads it."""
    return Told(
        topic=event.TOPIC,
        id=str(number),
        type=event.TYPE,
        source="",
        subject=event.subject,
        sequence=number,
        value=event.model_dump(mode="json", exclude={"sealed"}),
    )
