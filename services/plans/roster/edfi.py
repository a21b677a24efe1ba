"""A roster in Ed-Fi 5 interchange files (XML), found by their content, in any order and number.

docs/reference/imports.md lists every code.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import BinaryIO

from services.chassis.findings import Tally, refusals
from services.plans.roster import guardians, sessions
from services.plans.roster.assembly import Reading, assemble
from services.plans.roster.draft import ELEMENTS, FIELDS, Draft
from services.plans.roster.interchange import Interchange
from services.plans.roster.records import StudentContactRecord
from services.plans.roster.report import RosterImport, count
from services.plans.roster.sessions import Moved

KINDS: Mapping[str, str] = {
    "InterchangeEducationOrganization": "schools",
    "InterchangeEducationOrgCalendar": "calendar",
    "InterchangeStudent": "students",
    "InterchangeContact": "contacts",
    "InterchangeStudentEnrollment": "enrollments",
    "InterchangeStudentAttendance": "attendance",
    "InterchangeStudentProgram": "programs",
}
"""Root elements that are read, in the order in which they must be."""

NOT_READ = "not read"
REQUIRED = ("InterchangeEducationOrganization", "InterchangeStudent")
PROGRAMS = "InterchangeStudentProgram"


def read_edfi(files: Iterable[tuple[str, BinaryIO]], reading: Reading) -> RosterImport:
    """Read every file once; the caller opened them. Nothing raises but the streams themselves."""
    opened = [_open(name, stream) for name, stream in files]
    opened.sort(key=lambda each: each[2])
    draft = Draft(region=reading.region, time_zone=reading.time_zone)
    found = {interchange.root for interchange, _, _ in opened}
    for interchange, tally, _ in opened:
        _read(interchange, tally, draft)
    links = _resolve(draft)
    reports = tuple(tally.report() for _, tally, _ in opened)
    refused = (*refusals(reports), *_missing(found, draft))
    if refused:
        return RosterImport(roster=None, files=reports, refusals=refused)
    moved = _moved(draft, reading)
    draft.has_programs = PROGRAMS in found
    roster = assemble(draft, links, moved, reading)
    return RosterImport(roster=roster, files=reports, moved=moved, counts=count(roster))


def _open(name: str, stream: BinaryIO) -> tuple[Interchange, Tally, int]:
    tally = Tally(name, NOT_READ)
    interchange = Interchange(stream, tally, rows=ELEMENTS, fields=FIELDS)
    if interchange.root in KINDS:
        tally.kind = KINDS[interchange.root]
        return interchange, tally, list(KINDS).index(interchange.root)
    ignored = Tally(name, NOT_READ)  # a licence or a health file beside the roster refuses nothing
    if not interchange.root:
        ignored.remark("no_interchange", "This is no Ed-Fi interchange file; it was passed over.")
    return interchange, ignored, len(KINDS)


def _read(interchange: Interchange, tally: Tally, draft: Draft) -> None:
    # Files of other kinds (health, interventions) are not even looked at.
    if interchange.root in KINDS:
        for node in interchange.elements():
            draft.add(node, tally.row(node.line))


def _missing(found: set[str], draft: Draft) -> list[str]:
    sentences = [
        f"No file of {KINDS[root]} was found: one whose root element is {root}."
        for root in REQUIRED
        if root not in found
    ]
    if not sentences and not draft.districts:
        sentences.append("No school district was found (LocalEducationAgency).")
    return sentences


def _resolve(draft: Draft) -> list[StudentContactRecord]:
    """Links between people who exist, each pair once, with guardians and notify settled.

    A limit of custody counts on whichever row it stands, also where the row does not.
    """
    by_student: defaultdict[str, dict[str, StudentContactRecord]] = defaultdict(dict)
    for link, xml_id, row in draft.links:
        contact_id = draft.contact_meant(link.contact_source_id, xml_id, row)
        if link.student_source_id not in draft.students:
            sentence = "No file of this roster names the student."
            row.reject("StudentUniqueId", "student_unknown", sentence)
        elif contact_id not in draft.contacts:
            row.reject("ContactReference", "contact_unknown", "No file names the contact.")
        else:
            known = by_student[link.student_source_id]
            meant = replace(link, contact_source_id=contact_id)
            if known.setdefault(contact_id, meant) != meant:
                row.reject("ContactReference", "repeated", "An earlier row links these two.")
                known[contact_id] = guardians.limited(known[contact_id], link)
    return [each for links in by_student.values() for each in guardians.settle([*links.values()])]


def _moved(draft: Draft, reading: Reading) -> Moved:
    if not reading.moves:
        return Moved()
    return sessions.move([*draft.sessions.values()], draft.calendar_days.values(), reading.today)
