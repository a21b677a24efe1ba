"""A need: written, withdrawn, moved along by what happens to its referral."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Final, Literal

from schemas import codes
from schemas.codes import RESTRICTED, Category, CostKind, Insurance, NeedState, Urgency
from schemas.envelope import Erased, seal_of
from schemas.plans import CostLimit, NeedFacts, NeedIdentified, NeedWithdrawn, Window
from services.chassis.kernel import Command, Context, Decision, Refused
from services.plans.domain import previews
from services.plans.domain.attention import Matter, Raised, Source, worst
from services.plans.domain.previews import Cells, preview
from services.plans.domain.school_days import today
from services.plans.domain.students import Student, StudentFacts, age_on, months_on

WithdrawCode = Literal["staff-decision", "family-declined"]
OPEN: Final[frozenset[NeedState]] = frozenset({"IDENTIFIED", "IN_REFERRAL", "BEING_SERVED"})


@dataclass(frozen=True, kw_only=True)
class AskedAct:
    """Something asked of the referral service; shown as asked until it is answered."""

    act_id: str
    kind: Literal["choice", "accept", "decline"]
    offer_id: str
    asked_by: str
    asked_at: datetime
    state: Literal["asked", "done", "refused"] = "asked"
    code: str | None = None  # why it was refused


@dataclass(frozen=True, kw_only=True)
class Need:
    """One gap or opportunity of a student, of one category."""

    need_id: str
    district: str
    student_id: str
    school_id: str | None
    case_manager_id: str | None
    raised_by: str
    urgency: Urgency
    restricted: bool
    state: NeedState = "IDENTIFIED"
    identified_at: datetime
    referral_id: str | None = None
    acts: tuple[AskedAct, ...] = ()
    raised: tuple[tuple[Source, Raised], ...] = ()
    facts: NeedFacts | Erased

    @property
    def is_open(self) -> bool:
        """Whether it is still to be met."""
        return self.state in OPEN

    @property
    def attention(self) -> Raised | None:
        """What waits for the case manager."""
        return worst(tuple(each for _, each in self.raised)) if self.is_open else None

    @property
    def is_asking(self) -> bool:
        """Whether an act waits for its answer."""
        return any(each.state == "asked" for each in self.acts)

    @property
    def acts_in_view(self) -> tuple[AskedAct, ...]:
        """Acts that wait, and the last one where it was refused and nothing came of it since."""
        is_news = self.matter_of("act") is not None
        last = self.acts[-1:] if is_news else ()
        return tuple(
            each
            for each in self.acts
            if each.state == "asked" or (each.state == "refused" and each in last)
        )

    def matter_of(self, source: Source) -> Matter | None:
        """What one source raised and nothing settled."""
        return next((each.matter for name, each in self.raised if name == source), None)

    def with_raised(self, source: Source, raised: Raised | None) -> "Need":
        """The same need with what one source raises, or no longer does."""
        others = tuple((name, each) for name, each in self.raised if name != source)
        return replace(self, raised=(*others, (source, raised)) if raised else others)


def blank(need_id: str, district: str) -> Need:
    """A need that nobody wrote."""
    return Need(
        need_id=need_id,
        district=district,
        student_id="",
        school_id=None,
        case_manager_id=None,
        raised_by="",
        urgency="routine",
        restricted=True,
        state="WITHDRAWN",
        identified_at=datetime.fromtimestamp(0, UTC),
        facts=Erased(),
    )


@dataclass(frozen=True, kw_only=True)
class WriteNeed(Command):
    """A case manager writes a need into a student's plan."""

    need_id: str
    student_id: str
    category: Category
    summary: str
    urgency: Urgency
    is_restricted: bool = False  # beside those that their category restricts
    windows: tuple[Window, ...] = ()
    cost: CostKind | None = None
    cents_a_week: int | None = None
    transport_needed: bool | None = None
    language: str | None = None  # the student's, unless said otherwise
    language_required: bool = False
    insurance: Insurance | None = None
    wanted_from: date | None = None
    wanted_to: date | None = None
    interests: tuple[str, ...] = ()


def write(need: Need | None, asked: WriteNeed, context: Context) -> Decision[Need]:
    """Identify a need; writing it twice is writing it once.

    Raises:
        Refused: `student_unknown`.
    """
    student = context.get(Student)
    if not asked.scope.covers(student) or isinstance(student.facts, Erased):
        raise Refused(*codes.STUDENT_UNKNOWN)
    if need is not None:
        return Decision(need)
    facts = _facts(student, student.facts, asked, context)
    written = Need(
        need_id=asked.need_id,
        district=context.district,
        student_id=student.student_id,
        school_id=student.school_id,
        case_manager_id=student.case_manager_id,
        raised_by=asked.scope.actor or "",
        urgency=asked.urgency,
        restricted=asked.is_restricted or asked.category in RESTRICTED,
        identified_at=context.now,
        facts=facts,
    )
    return Decision(written, (_identified(written, facts),))


def _identified(need: Need, facts: NeedFacts) -> NeedIdentified:
    return NeedIdentified(
        need_id=need.need_id,
        student_id=need.student_id,
        school_id=need.school_id or "none",
        case_manager_id=need.case_manager_id or need.raised_by,
        urgency=need.urgency,
        restricted=need.restricted,
        identified_at=need.identified_at,
        sealed=seal_of(need.student_id, facts),
    )


def _facts(student: Student, who: StudentFacts, asked: WriteNeed, context: Context) -> NeedFacts:
    day, language = today(student.student_id, context), asked.language or student.language
    limit = asked.cost and CostLimit(kind=asked.cost, cents_a_week=asked.cents_a_week)
    shown = previews.Asked(
        category=asked.category,
        urgency=asked.urgency,
        grade=student.grade,
        language=language,
        area=student.area,
        windows=asked.windows,
        transport_needed=asked.transport_needed,
        cost_limit=limit,
        age_years=age_on(who.birth_date, day),
        insurance=asked.insurance,
    )
    return NeedFacts(
        category=asked.category,
        summary=asked.summary,
        family_contact="by-hand" if asked.category == "counsel.violence" else "normal",
        grade=student.grade,
        age_months=months_on(who.birth_date, day),
        age_as_of=day if who.birth_date else None,
        languages=(language,) if language else (),
        language_required=asked.language_required,
        area=student.area,
        windows=asked.windows,
        cost_limit=limit,
        transport_needed=asked.transport_needed,
        insurance=asked.insurance,
        interests=asked.interests,
        wanted_from=asked.wanted_from,
        wanted_to=asked.wanted_to,
        preview=preview(shown, context.get(Cells).of(student.student_id)),
    )


@dataclass(frozen=True, kw_only=True)
class WithdrawNeed(Command):
    """A need is no longer to be met; the code says by whose word."""

    need_id: str
    code: WithdrawCode


def withdraw(need: Need | None, asked: WithdrawNeed, context: Context) -> Decision[Need]:
    """End a need; one that has ended stays as it is.

    Raises:
        Refused: `need_unknown`.
    """
    if need is None:
        raise Refused(*codes.NEED_UNKNOWN)
    if not need.is_open:
        return Decision(need)
    said = NeedWithdrawn(
        need_id=need.need_id,
        student_id=need.student_id,
        code=asked.code,
        withdrawn_at=context.now,
    )
    return Decision(replace(need, state="WITHDRAWN"), (said,))
