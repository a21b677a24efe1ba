"""A small made-up roster, and the words of a referral service about its students."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from schemas.envelope import seal_of
from schemas.notifications import AnswerFacts, FamilyAnswered
from schemas.plans import PreviewFacts
from schemas.referrals import (
    Candidate,
    CandidatesRanked,
    MatchRunFacts,
    OfferAccepted,
    OfferFacts,
    OfferMade,
    ReferralOpened,
    RuleResult,
)
from services.plans.domain.needs import Need
from services.plans.roster.records import (
    Channel,
    ContactRecord,
    DistrictRecord,
    Enrolled,
    Guardianship,
    Line,
    Medium,
    Notify,
    Roster,
    SchoolRecord,
    StaffRecord,
    StaffRole,
    StudentContactRecord,
    StudentRecord,
)
from services.plans.translating import Source

NAMES: Final = ("Ada Pebblebrook", "Bo Sandgrain", "Cleo Tidewater")
ZONE: Final = "America/New_York"
RANKED: Final = ("Tide Pool Club", "Harbor Branch Library", "Anchor Tutoring")


def a_source(district: str = "harbor", *, mark: str = "", names: Sequence[str] = NAMES) -> Source:
    """A district with two schools, a case manager each, and students with a mother each."""
    students, contacts, links = [], [], []
    for number, name in enumerate(names):
        first_name, surname = name.split()
        school = f"school-{number % 2}"
        students.append(
            StudentRecord(
                source_id=f"S-{number}",
                first_name=first_name,
                surname=surname + mark,
                birth_date=date(2017, 3, 2),
                school_source_id=school,
                enrolled=Enrolled.ENROLMENT,
                grade=3,
                language="ht",
            )
        )
        phone = f"+1617555{100 + number:04}"
        contacts.append(
            ContactRecord(
                source_id=f"C-{number}",
                first_name="Mother",
                surname=f"Of{first_name}{mark}",
                language="ht",
                channels=(Channel(medium=Medium.PHONE, value=phone, line=Line.MOBILE),),
            )
        )
        links.append(
            StudentContactRecord(
                student_source_id=f"S-{number}",
                contact_source_id=f"C-{number}",
                relation="mother",
                is_guardian=Guardianship.YES,
                lives_with=True,
                notify=Notify.NEWS,
            )
        )
    return Source(
        roster=Roster(
            district=DistrictRecord(source_id=district, name=f"District {mark}", time_zone=ZONE),
            schools=tuple(
                SchoolRecord(
                    source_id=f"school-{number}",
                    name=f"School {number}{mark}",
                    time_zone=ZONE,
                    phone="+16175550199",
                )
                for number in range(2)
            ),
            students=tuple(students),
            contacts=tuple(contacts),
            student_contacts=tuple(links),
        ),
        staff=tuple(
            StaffRecord(
                source_id=f"T-{number}",
                first_name="Manager",
                surname=f"Number{number}{mark}",
                role=StaffRole.CASE_MANAGER,
                email=f"manager{number}@schools.example",
                phone="+16175550190",
                school_source_ids=(f"school-{number}",),
            )
            for number in range(2)
        ),
    )


def a_candidate(number: int, *, mark: str = "", **given: Any) -> Candidate:
    """A ranked service; its offer's id follows from its number."""
    name = RANKED[number] + mark
    result = RuleResult(
        rule="grade",
        outcome="pass",
        code="grade.pass",
        values={"min": "2", "max": "5"},
        hard=True,
    )
    fields = {
        "offer_id": f"offer-{mark}{number}",
        "service_id": f"service-{number}",
        "organization_id": f"organization-{number}",
        "service_name": f"Homework at {name}",
        "organization_name": name,
        "verdict": "eligible",
        "free_seats": 4,
        "results": (result,),
    }
    return Candidate.model_validate(fields | given)


def opened(need: Need, now: datetime, *, mark: str = "") -> list[Any]:
    """A referral with three candidates."""
    referral_id = f"referral-{need.need_id}"
    about = {
        "student_id": need.student_id,
        "referral_id": referral_id,
        "need_id": need.need_id,
    }
    run = MatchRunFacts(
        directory_version=1,
        category="enrich.tutoring",
        considered=5,
        candidates=tuple(a_candidate(number, mark=mark) for number in range(3)),
        failed_by_rule={"grade": 2},
    )
    return [
        ReferralOpened(**about, public_reference="R-7KQ2-M4", opened_at=now),
        CandidatesRanked(
            **about,
            run_id="run-1",
            ranked_at=now,
            eligible=3,
            possible=0,
            sealed=seal_of(need.student_id, run),
        ),
    ]


def offered(need: Need, now: datetime, *, number: int = 0, answers: str | None = None) -> OfferMade:
    """An offer to one of the candidates."""
    candidate = a_candidate(number)
    facts = OfferFacts(
        organization_id=candidate.organization_id,
        organization_name=candidate.organization_name,
        service_id=candidate.service_id,
        service_name=candidate.service_name,
        category="enrich.tutoring",
        preview=PreviewFacts(category="enrich.tutoring", urgency="routine"),
    )
    return OfferMade(
        student_id=need.student_id,
        referral_id=f"referral-{need.need_id}",
        need_id=need.need_id,
        offer_id=candidate.offer_id,
        seat="held",
        made_at=now,
        answer_by=now + timedelta(days=4),
        public_reference="R-7KQ2-M4",
        answers=answers,
        sealed=seal_of(need.student_id, facts),
    )


def accepted(need: Need, now: datetime, *, number: int = 0) -> OfferAccepted:
    """A partner's yes."""
    return OfferAccepted(
        student_id=need.student_id,
        referral_id=f"referral-{need.need_id}",
        need_id=need.need_id,
        offer_id=f"offer-{number}",
        seat="taken",
        accepted_at=now,
        accepted_by="coordinator-1",
        starts_on=now.date(),
    )


def answered(
    need: Need, contact_id: str, now: datetime, *, kind: Any = "consent", name: str = "Mother"
) -> FamilyAnswered:
    """A family's answer at its link."""
    return FamilyAnswered(
        link_id=f"link-{need.need_id}-{kind}",
        student_id=need.student_id,
        contact_id=contact_id,
        need_id=need.need_id,
        at=now,
        answer_id=f"answer-{need.need_id}-{kind}",
        kind=kind,
        sealed=seal_of(need.student_id, AnswerFacts(typed_name=name, locale="ht", step_up="pin")),
    )
