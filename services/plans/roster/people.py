"""Students, contacts and what ties them together in an Ed-Fi file, row by row."""

from dataclasses import dataclass
from datetime import date

from services.chassis.findings import Row
from services.plans.roster import descriptors
from services.plans.roster.channels import channels
from services.plans.roster.enrolment import Enrolment
from services.plans.roster.guardians import guardianship
from services.plans.roster.interchange import Node
from services.plans.roster.records import (
    ContactRecord,
    Flag,
    Restriction,
    StudentContactRecord,
    StudentRecord,
)

STUDENT_ID = ("StudentReference", "StudentIdentity", "StudentUniqueId")
CONTACT_ID = ("ContactReference", "ContactIdentity", "ContactUniqueId")
SCHOOL_ID = ("SchoolReference", "SchoolIdentity", "SchoolId")
PROGRAM_TYPE = ("ProgramReference", "ProgramIdentity", "ProgramType")
HOME_ADDRESSES = ("home", "physical")


@dataclass(frozen=True, kw_only=True, slots=True)
class Participation:
    """A student in a program that sets a flag; no flag means an IEP."""

    flag: Flag | None
    ended_on: date | None


def student(node: Node, row: Row) -> StudentRecord | None:
    """A student without school or grade yet.

    Codes: `student_id_missing`, `name_missing`, `birth_date_missing`, `birth_date_unreadable`.
    """
    source_id, name = node.get("StudentUniqueId"), node.find("Name")
    if not source_id:
        row.reject("StudentUniqueId", "student_id_missing", "The student has no unique id.")
        return None
    if name is None or not (name.get("FirstName") and name.get("LastSurname")):
        row.reject("Name", "name_missing", "The student needs a first name and a surname.")
        return None
    return StudentRecord(
        source_id=source_id,
        first_name=name.get("FirstName"),
        surname=name.get("LastSurname"),
        preferred_name=name.get("PreferredFirstName") or None,
        birth_date=_birth_date(node.get("BirthData", "BirthDate"), row),
    )


def contact(node: Node, row: Row, *, region: str) -> ContactRecord | None:
    """A contact with usable channels, and of the address the ZIP alone.

    Codes: `contact_id_missing`, `name_missing`, those of `channels`.
    """
    source_id, name = node.get("ContactUniqueId"), node.find("Name")
    if not source_id:
        row.reject("ContactUniqueId", "contact_id_missing", "The contact has no unique id.")
        return None
    if name is None or not (name.get("FirstName") and name.get("LastSurname")):
        row.reject("Name", "name_missing", "The contact needs a first name and a surname.")
        return None
    return ContactRecord(
        source_id=source_id,
        first_name=name.get("FirstName"),
        surname=name.get("LastSurname"),
        preferred_name=name.get("PreferredFirstName") or None,
        channels=channels(node, row, region=region),
        zip=_home_zip(node),
    )


def link(node: Node, row: Row) -> StudentContactRecord:
    """What a contact is to a student; notify is settled once all links are known.

    The contact may be named by its XML id alone: then it has no unique id yet.
    Codes: `relation_missing`, `restriction_unread`.
    """
    relation = descriptors.word(node.get("Relation"))
    if not relation:
        row.warn("Relation", "relation_missing", "How the contact is related is not said.")
    restricted = node.get("ContactRestrictions")
    if restricted:
        sentence = "Free text limits this contact: treated as no contact until it is classified."
        row.warn("ContactRestrictions", "restriction_unread", sentence)
    return StudentContactRecord(
        student_source_id=node.get(*STUDENT_ID),
        contact_source_id=node.get(*CONTACT_ID),
        relation=relation,
        is_guardian=guardianship(relation, descriptors.yes_no(node.get("LegalGuardian"))),
        lives_with=descriptors.yes_no(node.get("LivesWith")),
        is_primary=descriptors.yes_no(node.get("PrimaryContactStatus")),
        is_emergency=descriptors.yes_no(node.get("EmergencyContactStatus")),
        rank=descriptors.number(node.get("ContactPriority")),
        restrictions=frozenset({Restriction.NO_CONTACT}) if restricted else frozenset(),
        restriction_text=restricted or None,
        restriction_unread=bool(restricted),
    )


def xml_reference(node: Node) -> str:
    """The XML id of the contact that a link is about, if it names one."""
    reference = node.find("ContactReference")
    return reference.attributes.get("ref", "") if reference else ""


def enrolment(node: Node) -> Enrolment:
    """A stretch at a school; an unstated primary school counts as primary."""
    grade = descriptors.word(node.get("EntryGradeLevel"))
    return Enrolment(
        school_source_id=node.get(*SCHOOL_ID),
        entered_on=descriptors.day(node.get("EntryDate")),
        left_on=descriptors.day(node.get("ExitWithdrawDate")),
        is_primary=descriptors.yes_no(node.get("PrimarySchool")) is not False,
        grade=descriptors.GRADES.get(grade),
    )


def participation(node: Node, row: Row) -> Participation | None:
    """A program that sets a flag, else nothing; a migrant program is dropped and counted."""
    program = descriptors.word(node.get(*PROGRAM_TYPE))
    if program in descriptors.NEVER_KEPT_PROGRAMS:
        row.tally.drop(descriptors.NEVER_KEPT_PROGRAMS[program])
        return None
    flag = descriptors.FLAGS.get(program)
    if flag is None and program != descriptors.IEP_PROGRAM:
        return None
    return Participation(flag=flag, ended_on=descriptors.day(node.get("EndDate")))


def _birth_date(text: str, row: Row) -> date | None:
    found = descriptors.day(text)
    if not text:
        row.warn("BirthDate", "birth_date_missing", "No birth date: no grade, no step-up by date.")
    elif found is None:
        row.warn("BirthDate", "birth_date_unreadable", "The birth date cannot be read; left out.")
    return found


def _home_zip(node: Node) -> str | None:
    # A home comes first, an office never: it would put the child in another area.
    zips = {
        descriptors.word(each.get("AddressType")): descriptors.zip_code(each.get("PostalCode"))
        for each in reversed(node.all("Address"))
    }
    homes = [zips[each] for each in HOME_ADDRESSES if each in zips]
    others = [found for each, found in reversed(zips.items()) if each != "work"]
    return next((found for found in (*homes, *others) if found), None)
