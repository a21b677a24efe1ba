"""The table of the plan service: which fact reaches which aggregate, and what is decided then.

Rows of one message run in this order: copies first, so that what follows can rely on them.
"""

from typing import Any, Final

from schemas.envelope import Event
from schemas.notifications import FamilyAnswered
from schemas.plans import (
    ContactCardChanged,
    DisclosureRecorded,
    NeedWithdrawn,
    PartnerChosen,
)
from schemas.referrals import (
    ChoiceKept,
    CoordinatorCardChanged,
    OfferAccepted,
    OfferDeclined,
    OfferExpired,
    OfferMade,
    OfferRecalled,
    PacketClosed,
    PacketViewed,
    PreviewViewed,
    ReferralClosed,
    ViewDenied,
)
from services.chassis.declared import Tables
from services.chassis.kernel import Clock, Copy, On, Reliance, Row, Selection, Tick
from services.plans.domain import (
    asking,
    cases,
    coordinators,
    following,
    gate,
    ledger,
    signing,
    timeline,
    views,
)
from services.plans.domain.cases import Case
from services.plans.domain.consents import SIGNATURE, ConsentBook
from services.plans.domain.coordinators import Coordinator
from services.plans.domain.districts import StaffMember
from services.plans.domain.ledger import Entry, LedgerKey
from services.plans.domain.needs import Need
from services.plans.domain.school_days import SchoolDays
from services.plans.domain.students import Student
from services.plans.domain.timeline import Timeline
from services.plans.repository.consents import BOOKS, ENTRIES
from services.plans.repository.needs import CASES, COORDINATORS, NEEDS, TIMELINES
from services.plans.repository.people import DISTRICTS, SCHOOLS, STAFF, STUDENTS


def _of_student(said: Any) -> list[str]:
    return [said.student_id]


def _of_need(said: Any) -> list[str]:
    return [said.need_id] if said.need_id else []


def _meant_need(book: ConsentBook | None, said: FamilyAnswered) -> str | None:
    """The need that a family's answer is about: that of its consent, else the one it names.

    A standing permission has none.
    """
    consent = book.find(said.consent_id) if book else None
    if consent is None:
        return said.need_id
    return None if consent.is_standing else consent.need_id


def _meant_referral(book: ConsentBook | None, said: FamilyAnswered) -> str | None:
    need_id, consents = _meant_need(book, said), book.consents if book else ()
    if need_id is None:
        return None
    found = [each.referral_id for each in consents if each.need_id == need_id]
    return found[-1] if found else said.referral_id


def _kept_need(book: ConsentBook | None, tick: Tick) -> str | None:
    kept = gate.kept_of(book, tick)
    return kept.need_id if kept else None


def _kept_referral(book: ConsentBook | None, tick: Tick) -> str | None:
    kept = gate.kept_of(book, tick)
    return kept.referral_id if kept else None


def _manager(book: ConsentBook | None, said: Any) -> str | None:
    del said
    return book.case_manager_id if book else None


STUDENT: Final = Reliance(Student, lambda _, said: said.student_id)
BOOK: Final = Reliance(ConsentBook, lambda _, said: said.student_id)
NEED: Final = Reliance(Need, lambda _, said: said.need_id)
CASE: Final = Reliance(Case, lambda _, said: said.referral_id)
MANAGER: Final = Reliance(StaffMember, _manager)
VIEWER: Final = Reliance(Coordinator, lambda _, said: said.viewed_by)
DISCLOSING: Final = (SchoolDays, LedgerKey)
ALL: Final = (STUDENT, NEED, CASE, MANAGER)
KEPT: Final = (
    Reliance(Student, lambda _, tick: tick.subject),
    Reliance(Need, _kept_need),
    Reliance(Case, _kept_referral),
    MANAGER,
)


def _copies() -> list[Row]:
    rows: list[Row] = [
        Copy(said, kind=Case, by=lambda said: [said.referral_id], decide=cases.copy)
        for said in cases.CHANGES
    ]
    card = Copy(
        CoordinatorCardChanged,
        kind=Coordinator,
        by=lambda said: [said.coordinator_id],
        decide=coordinators.copy,
    )
    return [*rows, card]


def _book(said: type[Event], decide: Any, *, relies_on: tuple[Reliance, ...] = ALL) -> On:
    return On(
        said,
        kind=ConsentBook,
        by=_of_student,
        decide=decide,
        needs=DISCLOSING,
        relies_on=relies_on,
    )


def _books() -> list[Row]:
    family = (
        STUDENT,
        MANAGER,
        Reliance(Need, _meant_need),
        Reliance(Case, _meant_referral),
    )
    ended = [
        _book(said, gate.forget_place, relies_on=())
        for said in (OfferDeclined, OfferExpired, OfferRecalled)
    ]
    over = [
        _book(said, asking.ask_no_more, relies_on=()) for said in (NeedWithdrawn, ReferralClosed)
    ]
    viewed = [
        _book(said, views.record_view, relies_on=(*ALL, VIEWER))
        for said in (PreviewViewed, PacketViewed, ViewDenied)
    ]
    return [
        _book(PartnerChosen, asking.ask_for_choice),
        _book(ChoiceKept, asking.ask_for_kept),
        _book(OfferMade, asking.ask_for_offer),
        _book(OfferAccepted, gate.pass_gate),
        _book(FamilyAnswered, signing.take_answer, relies_on=family),
        _book(PacketClosed, views.record_end),
        *over,
        *ended,
        *viewed,
    ]


def _moves() -> list[Row]:
    """A student who changes school or case manager takes needs and consents along."""
    moving = Selection("student_id")
    return [
        On(ContactCardChanged, kind=Need, by=moving, decide=following.follow_student),
        On(ContactCardChanged, kind=ConsentBook, by=moving, decide=asking.follow_student),
    ]


def _follows() -> list[Row]:
    needs: list[Row] = [
        On(said, kind=Need, by=_of_need, decide=following.follow) for said in following.FOLLOWED
    ]
    waiting: list[Row] = [
        On(
            said,
            kind=Need,
            by=Selection("student_id", of=following.whose_permission),
            decide=following.follow_permission,
            relies_on=(BOOK,),
        )
        for said in following.OF_PERMISSIONS
    ]
    lines: list[Row] = [
        On(said, kind=Timeline, by=_of_need, decide=timeline.note) for said in timeline.TOLD
    ]
    entry = On(DisclosureRecorded, kind=Entry, by=lambda said: [said.entry_id], decide=ledger.keep)
    return [*needs, *waiting, *lines, entry]


TABLES: Final = Tables(
    kinds=(
        STUDENTS,
        STAFF,
        SCHOOLS,
        DISTRICTS,
        NEEDS,
        CASES,
        TIMELINES,
        COORDINATORS,
        BOOKS,
        ENTRIES,
    ),
    rows=(*_copies(), *_books(), *_moves(), *_follows()),
    clocks=(
        Clock(
            kind=ConsentBook,
            sorts=(SIGNATURE,),
            decide=gate.run_out,
            needs=DISCLOSING,
            relies_on=KEPT,
        ),
    ),
)
