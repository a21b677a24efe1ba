from datetime import date, time, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from schemas.plans import Window
from services.referrals.domain.directory import offerings
from services.referrals.domain.index import CategoryIndex, Directory
from services.referrals.domain.matching import FIRST, NEAR_MISSES, Circumstances, judge, rank
from services.referrals.domain.memory import Tried
from services.referrals.domain.rules import RULES
from services.referrals.domain.seat_book import SeatBook
from tests.unit.referrals import oracle
from tests.unit.referrals.builders import (
    TODAY,
    TUTORING,
    a_book,
    a_directory,
    a_service,
    an_agreement,
    an_asked,
    an_organization,
    seats,
)

EMPTY = SeatBook(seats={})


def ids(ranked: Any) -> list[str]:
    return [each.offering.service.service_id for each in ranked]


def test_eligible_services_come_before_possible_ones() -> None:
    directory = a_directory(a_service("s1", areas=()), a_service("s2"))
    ranking = rank(directory, an_asked(), Circumstances(seats=EMPTY))
    assert ids(ranking.ranked) == ["s2", "s1"]
    assert [each.verdict for each in ranking.ranked] == ["eligible", "possible"]
    assert (ranking.eligible, ranking.possible) == (1, 1)


def test_a_free_place_goes_before_an_unknown_one_and_that_before_a_waiting_list() -> None:
    book = a_book(seats("s1", held=2, accepts_waitlist=True), seats("s3"))
    ranking = rank(a_directory(), an_asked(), Circumstances(seats=book))
    assert ids(ranking.ranked) == ["s3", "s2", "s1"]
    assert ranking.ranked[2].waitlist_only


def test_a_covered_partner_goes_before_one_that_fits_better() -> None:
    directory = a_directory(a_service("s1", interests=("arts",)), a_service("s2"))
    asked = an_asked(interests=("arts",))
    assert ids(rank(directory, asked, Circumstances(seats=EMPTY)).ranked) == ["s1", "s2"]
    covered = Circumstances(seats=EMPTY, covered=frozenset({"o2"}))
    assert ids(rank(directory, asked, covered).ranked) == ["s2", "s1"]


def test_a_standing_permission_covers_whoever_offers_it() -> None:
    directory = a_directory(a_service("s1", interests=("arts",)), a_service("s2"))
    asked = an_asked(interests=("arts",))
    standing = Circumstances(seats=EMPTY, covered=frozenset({"o2"}), covers_all=True)
    ranked = rank(directory, asked, standing).ranked
    assert ids(ranked) == ["s1", "s2"]
    assert all("consent.pass" in [result.code for result in each.results] for each in ranked)


def test_of_equal_services_the_one_with_fewer_open_offers_comes_first() -> None:
    book = a_book(seats("s1", maximum=10, held=3), seats("s2", maximum=10, held=1), seats("s3"))
    ranking = rank(a_directory(), an_asked(), Circumstances(seats=book))
    assert ids(ranking.ranked) == ["s3", "s2", "s1"]


def test_what_was_tried_and_whom_the_family_refused_is_left_out_and_said() -> None:
    tried = {"s1": Tried(service_id="s1", code="no-capacity", on=TODAY)}
    around = Circumstances(seats=EMPTY, refused=frozenset({"o2"}), tried=tried)
    ranking = rank(a_directory(), an_asked(), around)
    assert ids(ranking.ranked) == ["s3"]
    assert ids(ranking.near_misses) == ["s1", "s2"]
    assert ranking.failed_by_rule == {"memory": 1, "family": 1}


def test_a_near_miss_fails_exactly_one_hard_rule() -> None:
    directory = a_directory(
        a_service("s1", areas=("hill",)), a_service("s2", areas=("hill",), grade_min=4)
    )
    ranking = rank(directory, an_asked(), Circumstances(seats=EMPTY))
    assert ids(ranking.near_misses) == ["s1"]
    assert ranking.failed_by_rule == {"area": 2, "grade": 1}
    assert ranking.fails["area"] == 0b11


def test_ten_are_kept_with_reasons_and_twenty_near_misses() -> None:
    directory = a_directory(
        *(a_service(f"s1{n:02}") for n in range(15)),
        *(a_service(f"s2{n:02}", areas=("hill",)) for n in range(30)),
    )
    ranking = rank(directory, an_asked(), Circumstances(seats=EMPTY))
    assert (len(ranking.ranked), len(ranking.near_misses)) == (FIRST, NEAR_MISSES)
    assert (ranking.eligible, ranking.considered) == (15, 45)
    assert all(len(each.results) == len(RULES) - 1 + 4 for each in ranking.ranked)


def test_services_of_another_kind_are_not_considered() -> None:
    directory = a_directory(a_service("s1", categories=("enrich.arts",)))
    assert rank(directory, an_asked(), Circumstances(seats=EMPTY)).considered == 0


def test_a_hold_of_this_batch_is_seen_by_the_next_need() -> None:
    book = a_book(seats("s1", maximum=1))
    directory = a_directory(a_service("s1"))
    around = Circumstances(seats=book)
    assert ids(rank(directory, an_asked(), around).ranked) == ["s1"]
    book.offers["offer"] = ("s1", "none")
    book._move("offer", "held")
    assert ids(rank(directory, an_asked(), around).ranked) == []


def test_a_judgement_of_one_service_is_that_of_the_ranking() -> None:
    directory, around = a_directory(), Circumstances(seats=a_book())
    ranked = rank(directory, an_asked(), around).ranked[0]
    assert judge(directory, "s1", an_asked(), around) == ranked
    assert judge(directory, "gone", an_asked(), around) is None
    assert judge(directory, "s1", an_asked(category="enrich.arts"), around) is None


def test_an_index_keeps_few_columns() -> None:
    index = CategoryIndex(offerings((a_service(),), {"o1": an_organization()}))
    for n in range(2_000):
        index.column(RULES[2], n)
    assert len(index._columns) <= 512


FEW = st.sampled_from
MAYBE_AGE = st.none() | st.integers(4, 12)
HOURS = st.sampled_from([(time(15), time(17)), (time(9), time(12)), (None, None)])
WINDOWS = st.lists(
    st.builds(
        Window,
        weekday=st.integers(1, 5),
        starts=FEW([time(14), time(16)]),
        ends=FEW([time(17), time(18)]),
    ),
    max_size=2,
)
AGREEMENTS = FEW([None, an_agreement(), an_agreement(ends_on=date(2026, 1, 2))])


@st.composite
def directories(draw: st.DrawFn) -> Directory:
    found = []
    for n in range(draw(st.integers(0, 24))):
        starts, ends = draw(HOURS)
        service = a_service(
            f"s{n:02}",
            organization_id=f"o{draw(st.integers(0, 4))}",
            categories=draw(FEW([(TUTORING,), (TUTORING, "enrich.arts"), ("enrich.arts",), ()])),
            interests=tuple(draw(st.sets(FEW(["arts", "music", "stem"])))),
            age_min=draw(MAYBE_AGE),
            age_max=draw(MAYBE_AGE),
            grade_min=draw(st.none() | st.integers(-1, 4)),
            grade_max=draw(st.none() | st.integers(2, 8)),
            areas=draw(FEW([(), ("harbor",), ("hill", "harbor"), ("hill",)])),
            is_online=draw(FEW([False, False, True])),
            languages=draw(FEW([(), ("en",), ("es", "en")])),
            interprets=draw(st.booleans()),
            cost_kind=draw(FEW(["free", "amount", "unknown"])),
            cents_a_week=draw(FEW([500, 2_000])),
            weekdays=draw(FEW([(), (1, 3), (2,)])),
            starts=starts,
            ends=ends,
            is_active=draw(FEW([True, True, True, False])),
        )
        found.append(service)
    organizations = {
        f"o{n}": an_organization(f"o{n}", agreement=draw(AGREEMENTS)) for n in range(5)
    }
    return Directory(1, offerings(tuple(found), organizations))


@st.composite
def books(draw: st.DrawFn) -> SeatBook:
    known = {
        f"s{n:02}": seats(
            f"s{n:02}",
            maximum=draw(st.none() | st.integers(0, 4)),
            held=draw(st.integers(0, 3)),
            is_taking=draw(FEW([True, True, False])),
            accepts_waitlist=draw(st.booleans()),
            updated_on=TODAY - timedelta(days=draw(FEW([0, 14, 15, 40]))),
        )
        for n in range(24)
        if draw(st.booleans())
    }
    return SeatBook(seats=known)


@st.composite
def circumstances(draw: st.DrawFn) -> Circumstances:
    tried = {
        f"s{n:02}": Tried(
            service_id=f"s{n:02}",
            code=draw(FEW(["no-capacity", "no-response", "documents-missing"])),
            on=TODAY - timedelta(days=draw(FEW([1, 29, 30]))),
        )
        for n in draw(st.sets(st.integers(0, 23), max_size=4))
    }
    return Circumstances(
        seats=draw(books()),
        covered=frozenset(draw(st.sets(FEW(["o0", "o1", "o2"])))),
        covers_all=draw(st.booleans()),
        refused=frozenset(draw(st.sets(FEW(["o3", "o4"])))),
        tried=tried,
    )


ASKED = st.builds(
    an_asked,
    age=st.none() | st.integers(4, 12),
    grade=st.none() | st.integers(-1, 6),
    area=FEW([None, "harbor", "hill"]),
    languages=FEW([(), ("es",), ("ht",), ("ht", "en")]),
    language_required=st.booleans(),
    windows=WINDOWS.map(tuple),
    cost_limit=FEW([None, ("free", None), ("amount", 1_000), ("any", None)]),
    interests=FEW([(), ("arts",), ("arts", "music", "stem")]),
    waived=FEW([frozenset(), frozenset({"area"}), frozenset({"capacity", "memory"})]),
    excluded=FEW([frozenset(), frozenset({"o1"})]),
)


@given(directory=directories(), around=circumstances(), asked=ASKED)
def test_masks_rank_as_judging_one_by_one_would(
    directory: Directory, around: Circumstances, asked: Any
) -> None:
    ranking = rank(directory, asked, around)
    found = (ids(ranking.ranked), ids(ranking.near_misses), dict(ranking.failed_by_rule))
    assert found == oracle.expected(directory, asked, around)
