"""A year that is decided in memory: by the services' own tables, in the order of time."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from deploy.simulator.arrivals import Arrival
from deploy.simulator.fate import Answer, Fate, Signature
from deploy.simulator.sizes import Size
from deploy.simulator.state.door import MemoryDoor
from deploy.simulator.state.post import share_with_post
from deploy.simulator.state.shared import share
from deploy.simulator.state.stories import SETTLED_AFTER, Story
from deploy.simulator.state.year import needs_of
from services.chassis.kernel import Refused
from services.chassis.scope import Scope
from services.notifications.domain.links import Link
from services.notifications.domain.mailbox import Mailbox
from services.notifications.handlers import TABLES as NOTIFICATIONS
from services.plans.domain.cases import Case
from services.plans.domain.ledger import Entry
from services.plans.domain.needs import Need, WithdrawNeed
from services.plans.domain.students import RegisterStudent, Student
from services.plans.domain.timeline import Timeline
from services.plans.handlers import TABLES as PLANS
from services.plans.importing import STUDENT as REGISTER
from services.plans.usecases import WITHDRAW
from services.referrals.domain.index import Directories, Directory
from services.referrals.domain.referral import Referral
from services.referrals.domain.seat_book import SeatBook
from services.referrals.handlers import TABLES as REFERRALS
from tests.unit.plans.builders import DISTRICT, KEY, a_student, key_of
from tests.unit.referrals.builders import TUTORING, a_directory, a_service, seats

ENDS = datetime(2026, 11, 30, 12, tzinfo=UTC)
LAST_WEEK = ENDS - timedelta(days=7)


class Drawn(Fate):
    """Everybody does the same."""

    def __init__(self, answer: Answer = "accept", signature: Signature = "agree") -> None:
        super().__init__(1)
        object.__setattr__(self, "_answer", answer)
        object.__setattr__(self, "_signature", signature)

    def answer(self, offer_id: str) -> Answer:
        return self._answer  # type: ignore[attr-defined,no-any-return]

    def signature(self, link: str) -> Signature:
        return self._signature  # type: ignore[attr-defined,no-any-return]

    def waits(self, *about: str) -> timedelta:
        return timedelta(hours=1)


def a_door(*students: Student) -> MemoryDoor:
    door = MemoryDoor((PLANS, REFERRALS, NOTIFICATIONS), DISTRICT, ENDS - timedelta(days=200))
    share_with_post(door, KEY.key)
    for each in students or (a_student(),):
        asked = RegisterStudent(
            key=key_of(each.student_id), scope=Scope(DISTRICT, actor="import"), student=each
        )
        door.ask(asked, REGISTER)
    share(door, DISTRICT, version=1, ledger=KEY.key)
    offered = a_directory(a_service("s1", categories=(TUTORING,)))
    door.shared[Directories] = Directories({DISTRICT: offered})
    door.shared[SeatBook] = SeatBook(seats={"s1": seats("s1", maximum=10)})
    door.look()
    return door


def an_arrival(at: datetime = LAST_WEEK, number: int = 1) -> Arrival:
    return Arrival(number=number, at=at, manager=0, student=0, category=TUTORING)


def play(door: MemoryDoor, fate: Fate, *needs: Arrival) -> None:
    (student,) = door.all(Student)
    Story(door=door, fate=fate, student=student, ends=ENDS).play(needs or [an_arrival()])


def test_a_need_goes_all_its_way_through_all_services() -> None:
    door = a_door()

    play(door, Drawn())

    (need,), (case,), (referral,) = door.all(Need), door.all(Case), door.all(Referral)
    assert (need.state, need.referral_id) == ("IN_REFERRAL", referral.referral_id)
    assert (case.state, referral.state) == ("ACCEPTED", "ACCEPTED")
    assert case.offers[0].offer_id == referral.live.offer_id  # type: ignore[union-attr]
    assert referral.live.shows_packet  # type: ignore[union-attr]
    assert [each.number for each in door.all(Entry)] == [*range(1, len(door.all(Entry)) + 1)]
    (timeline,) = door.all(Timeline)
    assert {"need-written", "offer-made", "consent-given", "offer-accepted"} <= {
        each.code for each in timeline.happenings
    }
    (box,) = door.all(Mailbox)
    assert {each.template: each.state.value for each in box.messages} == {
        "consent-needed": "sent",
        "consent-signed": "sent",
        "accepted": "sent",
    }
    answers = {each.message_id: each.answer for each in door.all(Link)}
    assert answers[box.messages[0].message_id] == "consent"


def test_silence_ends_an_offer_when_its_clock_runs_out() -> None:
    door = a_door()

    play(door, Drawn("silence"), an_arrival(ENDS - timedelta(days=20)))

    (need,) = door.all(Need)
    assert [each.state for each in door.all(Case)[0].offers] == ["EXPIRED"]
    assert need.attention is not None


def test_nothing_of_an_old_need_waits_for_anybody() -> None:
    door = a_door()

    play(door, Drawn(), an_arrival(ENDS - SETTLED_AFTER - timedelta(days=1)))

    (need,) = door.all(Need)
    assert (need.state, need.attention) == ("WITHDRAWN", None)
    assert not door.all(Referral)[0].is_open
    assert door.shared[SeatBook].seats["s1"].taken == 0


def test_nothing_happens_after_the_end() -> None:
    door = a_door()

    play(door, Drawn(), an_arrival(ENDS - timedelta(minutes=30)), an_arrival(ENDS, number=2))

    (need,) = door.all(Need)
    assert need.attention is not None
    assert need.attention.matter == "choose"  # the choice would come later


def test_an_unmet_need_is_looked_for_once_more_and_its_clock_runs() -> None:
    door = a_door()
    door.shared[Directories] = Directories({DISTRICT: Directory(1)})

    play(door, Drawn())

    (referral,) = door.all(Referral)
    assert referral.state == "UNMET"
    assert [ENDS <= at < ENDS + timedelta(days=1) for at in referral.clocks.values()] == [True]
    assert [each.code for each in door.all(Timeline)[0].happenings].count("need-unmet") == 1


def test_who_is_told_no_has_changed_nothing() -> None:
    door = a_door()
    asked = WithdrawNeed(
        key=key_of("w"), scope=Scope(DISTRICT), need_id="nothing", code="staff-decision"
    )

    with pytest.raises(Refused, match="need_unknown"):
        door.ask(asked, WITHDRAW)

    assert door.changed([Need, Referral]) == []
    assert door.look() == ([], [])


def test_a_years_needs_end_now_and_are_the_same_again() -> None:
    students = [
        a_student(student_id=f"student-{n}", case_manager_id=f"manager-{n % 2}") for n in range(6)
    ]
    size = Size(students=6, needs_a_year=1_800, organizations=1, services=1)

    needs = needs_of(students, size, ENDS, 7)

    times = sorted(each.at for own in needs.values() for each in own)
    assert needs == needs_of(students, size, ENDS, 7)
    assert 0.9 * size.needs_a_year < len(times) <= size.needs_a_year
    assert times[-1] < ENDS
    assert Counter(needs.keys()) == Counter(each.student_id for each in students)
