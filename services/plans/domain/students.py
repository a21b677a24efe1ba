"""Students with their contacts: who they are, who may sign, and the card the others keep."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import ClassVar, Final, Literal

from schemas.codes import Notify, SignerBasis
from schemas.envelope import Erased, SealedFacts, seal_of
from schemas.plans import Channel, ContactCard, ContactCardChanged, StudentCard
from services.chassis.kernel import Command, Context, Decision

ADULT: Final = 18  # years: from then on the student signs [34 CFR 99.5]
AFTER_COMING_OF_AGE: Final = timedelta(days=30)  # that a guardian's signature lives on
SILENCING: Final = frozenset({"no-contact", "no-information"})
LAST_RANK: Final = 99


class StudentFacts(SealedFacts):
    """Who a student is; sealed wherever it is stored."""

    KIND: ClassVar[str] = "plans.student"
    first_name: str
    surname: str
    preferred_name: str | None = None
    birth_date: date | None = None

    @property
    def called(self) -> str:
        """First name as the student wants it."""
        return self.preferred_name or self.first_name

    @property
    def name(self) -> str:
        """The name that staff see."""
        return f"{self.called} {self.surname}"


class ContactFacts(SealedFacts):
    """Who a contact is, and how to reach them; sealed under the contact's own key."""

    KIND: ClassVar[str] = "plans.contact"
    name: str
    relation: str = ""
    language: str | None = None  # BCP 47
    channels: tuple[Channel, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Contact:
    """What a person is to one student."""

    contact_id: str
    is_guardian: Literal["yes", "no", "ask"]
    notify: Notify
    rank: int | None = None
    lives_with: bool | None = None
    restrictions: frozenset[str] = frozenset()
    facts: ContactFacts | Erased

    @property
    def is_barred(self) -> bool:
        """Whether a custody limit keeps everything from them."""
        return bool(self.restrictions & SILENCING)

    @property
    def is_reachable(self) -> bool:
        """Whether a text or a mail can reach them."""
        channels = () if isinstance(self.facts, Erased) else self.facts.channels
        return any(each.kind == "email" or each.may_text for each in channels)

    @property
    def has_rights(self) -> bool:
        """A guardian whom nothing bars."""
        return self.is_guardian == "yes" and not self.is_barred

    @property
    def basis(self) -> SignerBasis:
        """On what ground this guardian signs."""
        is_parent = isinstance(self.facts, Erased) or "guardian" not in self.facts.relation
        return "parent" if is_parent else "guardian"


@dataclass(frozen=True, kw_only=True)
class Student:
    """An enrolled child; what stands outside `facts` are ids and codes."""

    student_id: str
    district: str
    school_id: str | None = None  # the last one, if between schools
    case_manager_id: str | None = None
    grade: int | None = None  # 0 kindergarten, -1 pre-kindergarten
    language: str | None = None  # BCP 47
    area: str | None = None  # zone id or ZIP
    flags: frozenset[str] = frozenset()
    name_marks: frozenset[bytes] = frozenset()  # for the search by name; see search.py
    contacts: tuple[Contact, ...] = ()
    facts: StudentFacts | Erased
    is_known: bool = True  # False: only ever referred to, never registered
    is_between_schools: bool = False  # no school now

    def contact(self, contact_id: str) -> Contact | None:
        """One of the student's contacts."""
        return next((each for each in self.contacts if each.contact_id == contact_id), None)


def nobody(student_id: str, district: str) -> Student:
    """What is known of a student whom nobody registered."""
    return Student(student_id=student_id, district=district, facts=Erased(), is_known=False)


def age_on(birth_date: date | None, day: date) -> int | None:
    """Full years on a day."""
    if birth_date is None:
        return None
    had_birthday = (day.month, day.day) >= (birth_date.month, birth_date.day)
    return day.year - birth_date.year - (not had_birthday)


def months_on(birth_date: date | None, day: date) -> int | None:
    """Full months on a day."""
    if birth_date is None:
        return None
    months = (day.year - birth_date.year) * 12 + day.month - birth_date.month
    return months - (day.day < birth_date.day)


def chosen(student: Student) -> Contact | None:
    """Whom a partner may call: the first guardian who gets the news.

    Somebody whom no text and no mail reaches comes after the others: one signature suffices.
    Where no guardian gets the news, the one who signs does: nobody else would hear of a place.
    """
    guardians = list(_guardians(student))
    told = [each for each in guardians if each.notify == "news"]
    return min(told or guardians, key=_rank, default=None)


def signer(student: Student, today: date) -> Contact | None:
    """Who is asked to sign; nobody once the student is of age and holds the rights."""
    guardians = [each for each in student.contacts if may_sign(student, each, today)]
    first = chosen(student)
    return first if first in guardians else min(guardians, key=_rank, default=None)


def may_sign(student: Student, contact: Contact | None, today: date) -> bool:
    """Whether a contact holds the rights on that day."""
    if contact is None or not contact.has_rights or isinstance(student.facts, Erased):
        return False
    age = age_on(student.facts.birth_date, today)
    return age is None or age < ADULT


def still_binds(student: Student, contact: Contact | None, today: date) -> bool:
    """Whether what a contact signed counts: until they are barred, or 30 days after the student
    came of age.
    """
    return may_sign(student, contact, today - AFTER_COMING_OF_AGE)


def _guardians(student: Student) -> Iterable[Contact]:
    return (each for each in student.contacts if each.has_rights)


def _rank(contact: Contact) -> tuple[bool, int]:
    return not contact.is_reachable, LAST_RANK if contact.rank is None else contact.rank


@dataclass(frozen=True, kw_only=True)
class RegisterStudent(Command):
    """A roster says all this of a student."""

    student: Student


@dataclass(frozen=True, kw_only=True)
class LeaveSchool(Command):
    """A roster does not list a student any more."""

    student_id: str


def register(
    student: Student | None, asked: RegisterStudent, context: Context
) -> Decision[Student | None]:
    """Take over what the roster says; the same again changes nothing, an erased one stays so."""
    del context
    if student is not None and student.is_known and isinstance(student.facts, Erased):
        return Decision(student)
    said = _with_last_school(_with_erased_contacts(asked.student, student), student)
    if said == student:
        return Decision(student)
    return Decision(said, (card_of(said),))


def leave_school(
    student: Student | None, asked: LeaveSchool, context: Context
) -> Decision[Student | None]:
    """Mark the school as the last one; until a roster lists the student again."""
    del asked, context
    return Decision(student and replace(student, is_between_schools=True))


def _with_last_school(said: Student, before: Student | None) -> Student:
    """Between schools the last one and its case manager stay: somebody must see, act and answer."""
    if said.school_id is not None or before is None or before.school_id is None:
        return said
    return replace(
        said,
        school_id=before.school_id,
        case_manager_id=said.case_manager_id or before.case_manager_id,
        is_between_schools=True,
    )


def _with_erased_contacts(said: Student, before: Student | None) -> Student:
    gone = {
        each.contact_id
        for each in (before.contacts if before else ())
        if isinstance(each.facts, Erased)
    }
    if not gone:
        return said
    contacts = tuple(
        replace(each, facts=Erased()) if each.contact_id in gone else each for each in said.contacts
    )
    return replace(said, contacts=contacts)


def card_of(student: Student) -> ContactCardChanged:
    """All contacts of a student as the other services know them."""
    assert not isinstance(student.facts, Erased)  # noqa: S101 - a roster gave the name
    born, first = student.facts.birth_date, chosen(student)
    return ContactCardChanged(
        student_id=student.student_id,
        school_id=student.school_id,
        case_manager_id=student.case_manager_id,
        student=seal_of(
            student.student_id,
            StudentCard(
                first_name=student.facts.called,
                birth_month=born and born.month,
                birth_day=born and born.day,
            ),
        ),
        contacts=tuple(
            seal_of(each.contact_id, _contact_card(each, each.facts, is_chosen=each == first))
            for each in student.contacts
            if not isinstance(each.facts, Erased)
        ),
    )


def _contact_card(contact: Contact, facts: ContactFacts, *, is_chosen: bool) -> ContactCard:
    notify: Notify = "news" if is_chosen else contact.notify
    return ContactCard(
        name=facts.name,
        languages=(facts.language,) if facts.language else (),
        channels=facts.channels,
        notify="none" if contact.is_barred else notify,
        is_guardian=contact.has_rights,
        barred=contact.is_barred,
        is_chosen=is_chosen,
    )
