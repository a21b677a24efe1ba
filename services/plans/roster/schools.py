"""Districts, schools and calendars of an Ed-Fi file, row by row."""

from collections.abc import Container

from services.chassis.contact_points import phone_number
from services.chassis.findings import Row
from services.plans.roster import descriptors
from services.plans.roster.interchange import Node
from services.plans.roster.records import (
    CalendarDayRecord,
    DistrictRecord,
    GradeBand,
    ProviderRecord,
    SchoolRecord,
    SessionRecord,
)

INSTRUCTIONAL = frozenset({"instructional day", "make-up day", "emergency day"})
SCHOOL_ID = ("SchoolReference", "SchoolIdentity", "SchoolId")


def district(node: Node, row: Row, *, region: str, time_zone: str | None) -> DistrictRecord | None:
    """A local education agency. Codes: `district_id_missing`, `district_name_missing`."""
    source_id, name = node.get("LocalEducationAgencyId"), node.get("NameOfInstitution")
    if not source_id:
        row.reject("LocalEducationAgencyId", "district_id_missing", "The district has no id.")
        return None
    if not name:
        row.reject("NameOfInstitution", "district_name_missing", "The district has no name.")
        return None
    return DistrictRecord(
        source_id=source_id, name=name, time_zone=time_zone, phone=_main_phone(node, region)
    )


def school(node: Node, row: Row, *, region: str, time_zone: str | None) -> SchoolRecord | None:
    """A school. Codes: `school_id_missing`, `school_name_missing`, `grade_unknown`."""
    source_id, name = node.get("SchoolId"), node.get("NameOfInstitution")
    if not source_id:
        row.reject("SchoolId", "school_id_missing", "The school has no id.")
        return None
    if not name:
        row.reject("NameOfInstitution", "school_name_missing", "The school has no name.")
        return None
    grades = _grades(node, row)
    return SchoolRecord(
        source_id=source_id,
        name=name,
        time_zone=time_zone,
        band=descriptors.BANDS.get(descriptors.word(node.get("SchoolCategory")), GradeBand.OTHER),
        grade_min=min(grades, default=None),
        grade_max=max(grades, default=None),
        phone=_main_phone(node, region),
        zip=descriptors.zip_code(node.get("Address", "PostalCode")),
    )


def session(node: Node, row: Row, schools: Container[str]) -> SessionRecord | None:
    """A session. Codes: `school_unknown`, `session_dates_unreadable`."""
    school_id = _known_school(node.get(*SCHOOL_ID), row, schools)
    begins_on, ends_on = (
        descriptors.day(node.get("BeginDate")),
        descriptors.day(node.get("EndDate")),
    )
    if begins_on is None or ends_on is None or ends_on < begins_on:
        sentence = "The session needs a first and a last day, in this order (YYYY-MM-DD)."
        row.reject("BeginDate", "session_dates_unreadable", sentence)
        return None
    if school_id is None:
        return None
    return SessionRecord(
        school_source_id=school_id,
        name=node.get("SessionName"),
        begins_on=begins_on,
        ends_on=ends_on,
        instructional_days=descriptors.number(node.get("TotalInstructionalDays")),
    )


def calendar_day(node: Node, row: Row, schools: Container[str]) -> CalendarDayRecord | None:
    """A calendar date. Codes: `school_unknown`, `date_unreadable`."""
    path = ("CalendarReference", "CalendarIdentity", *SCHOOL_ID)
    school_id = _known_school(node.get(*path), row, schools)
    day = descriptors.day(node.get("Date"))
    if day is None:
        row.reject("Date", "date_unreadable", "The date cannot be read; write YYYY-MM-DD.")
        return None
    if school_id is None:
        return None
    events = [descriptors.word(each.text) for each in node.all("CalendarEvent")]
    return CalendarDayRecord(
        school_source_id=school_id,
        day=day,
        is_instructional=any(each in INSTRUCTIONAL for each in events),
        event=", ".join(events),
    )


def provider(node: Node, row: Row) -> ProviderRecord | None:
    """A community provider. Code: `provider_incomplete`."""
    source_id, name = node.get("CommunityProviderId"), node.get("NameOfInstitution")
    if not (source_id and name):
        row.reject("CommunityProviderId", "provider_incomplete", "The provider has no id or name.")
        return None
    return ProviderRecord(source_id=source_id, name=name)


def _known_school(school_id: str, row: Row, schools: Container[str]) -> str | None:
    if school_id in schools:
        return school_id
    row.reject("SchoolId", "school_unknown", "No file of this roster names this school.")
    return None


def _grades(node: Node, row: Row) -> list[int]:
    words = [descriptors.word(each.text) for each in node.all("GradeLevel")]
    if any(each not in descriptors.GRADES for each in words):
        row.warn("GradeLevel", "grade_unknown", "A grade level outside pre-kindergarten to 12.")
    return [descriptors.GRADES[each] for each in words if each in descriptors.GRADES]


def _main_phone(node: Node, region: str) -> str | None:
    kinds = {
        descriptors.word(each.get("InstitutionTelephoneNumberType")): each.get("TelephoneNumber")
        for each in reversed(node.all("InstitutionTelephone"))
    }
    kinds.pop("fax", None)
    voice = kinds.get("main") or next(reversed(kinds.values()), "")
    return phone_number(voice, region)
