"""What a roster says, as records: nothing in them depends on the format it came in."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

KINDERGARTEN = 0
PRE_KINDERGARTEN = -1
LAST_GRADE = 12


class Answer(StrEnum):
    """A yes or no that may be unknown."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class GradeBand(StrEnum):
    """Which grades a school holds, roughly."""

    ELEMENTARY = "elementary"
    MIDDLE = "middle"
    HIGH = "high"
    OTHER = "other"


class Flag(StrEnum):
    """A program that changes how a student is served; IEP stands apart as an `Answer`."""

    HOMELESS = "homeless"
    FOSTER = "foster"
    LANGUAGE = "language"


class Enrolled(StrEnum):
    """How a student's school is known."""

    ENROLMENT = "enrolment"
    ATTENDANCE = "attendance"
    NO_SCHOOL = "no-school"


class Medium(StrEnum):
    """What a channel is."""

    PHONE = "phone"
    EMAIL = "email"


class Line(StrEnum):
    """Where a channel rings; only a mobile line takes texts."""

    MOBILE = "mobile"
    HOME = "home"
    WORK = "work"
    FAX = "fax"
    OTHER = "other"


class Notify(StrEnum):
    """What a contact is told about one student."""

    NEWS = "news"
    URGENT = "urgent"
    NONE = "none"


class Guardianship(StrEnum):
    """Whether a contact is a guardian; `ask` means a case manager finds out."""

    YES = "yes"
    NO = "no"
    ASK = "ask"


class Restriction(StrEnum):
    """A custody limit on a contact."""

    NO_CONTACT = "no-contact"
    NO_INFORMATION = "no-information"
    NO_PICKUP = "no-pickup"


class StaffRole(StrEnum):
    """What a member of staff is to the students."""

    CASE_MANAGER = "case_manager"
    TEACHER = "teacher"
    SUPERVISOR = "supervisor"
    PRIVACY_OFFICER = "privacy_officer"
    LIAISON = "liaison"
    DISTRICT_ADMIN = "district_admin"


@dataclass(frozen=True, kw_only=True, slots=True)
class DistrictRecord:
    """The tenant."""

    source_id: str
    name: str
    time_zone: str | None = None  # none: as known so far
    phone: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ZoneRecord:
    """An area by its ZIPs, and the areas next to it."""

    source_id: str
    name: str
    zips: tuple[str, ...]
    neighbours: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class SchoolRecord:
    """A place of enrolment; `phone` is E.164, grades 0 is kindergarten."""

    source_id: str
    name: str
    time_zone: str | None = None  # none: the district's
    band: GradeBand = GradeBand.OTHER
    grade_min: int | None = None
    grade_max: int | None = None
    phone: str | None = None
    zip: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionRecord:
    """A stretch of the school year; `instructional_days` is the total stated by the file."""

    school_source_id: str
    name: str
    begins_on: date
    ends_on: date
    instructional_days: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CalendarDayRecord:
    """A day the school's calendar names; `event` keeps the source's words."""

    school_source_id: str
    day: date
    is_instructional: bool
    event: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class StudentRecord:
    """A student; `language` is BCP 47; no school means listed "no school"."""

    source_id: str
    first_name: str
    surname: str
    preferred_name: str | None = None
    birth_date: date | None = None
    school_source_id: str | None = None
    enrolled: Enrolled = Enrolled.NO_SCHOOL
    grade: int | None = None
    grade_derived: bool = False
    flags: frozenset[Flag] = frozenset()
    iep: Answer = Answer.UNKNOWN
    language: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Channel:
    """A way to reach a contact; a phone is E.164. `rank` orders, lowest first, None last."""

    medium: Medium
    value: str
    line: Line
    rank: int | None = None

    @property
    def takes_texts(self) -> bool:
        """Whether SMS may go there: fax and work lines never, others only if mobile."""
        return self.medium is Medium.PHONE and self.line is Line.MOBILE


@dataclass(frozen=True, kw_only=True, slots=True)
class ContactRecord:
    """A person linked to students; of the address only the ZIP is kept."""

    source_id: str
    first_name: str
    surname: str
    preferred_name: str | None = None
    channels: tuple[Channel, ...] = ()
    language: str | None = None
    zip: str | None = None

    @property
    def reachable(self) -> bool:
        """Whether a text or an e-mail can reach them."""
        return any(each.takes_texts or each.medium is Medium.EMAIL for each in self.channels)


@dataclass(frozen=True, kw_only=True, slots=True)
class StudentContactRecord:
    """What a contact is to one student.

    `restriction_text` is the source's free text; while it waits for a case manager to classify
    it, `restriction_unread` is true and the restriction is no-contact.
    """

    student_source_id: str
    contact_source_id: str
    relation: str
    is_guardian: Guardianship
    lives_with: bool | None = None
    is_primary: bool | None = None
    is_emergency: bool | None = None
    notify: Notify = Notify.NONE
    rank: int | None = None
    restrictions: frozenset[Restriction] = frozenset()
    restriction_text: str | None = None
    restriction_unread: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class StaffRecord:
    """A member of staff; no schools means the whole district."""

    source_id: str
    first_name: str
    surname: str
    role: StaffRole
    email: str
    phone: str | None = None
    school_source_ids: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class AssignmentRecord:
    """Who looks after a student: one case manager, one homeroom teacher."""

    student_source_id: str
    staff_source_id: str
    role: StaffRole


@dataclass(frozen=True, kw_only=True, slots=True)
class ProviderRecord:
    """A community provider the district's file names: a draft organization."""

    source_id: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Roster:
    """All records of one district, in the order of the files."""

    district: DistrictRecord
    schools: tuple[SchoolRecord, ...] = ()
    sessions: tuple[SessionRecord, ...] = ()
    calendar_days: tuple[CalendarDayRecord, ...] = ()
    students: tuple[StudentRecord, ...] = ()
    contacts: tuple[ContactRecord, ...] = ()
    student_contacts: tuple[StudentContactRecord, ...] = ()
    providers: tuple[ProviderRecord, ...] = ()
