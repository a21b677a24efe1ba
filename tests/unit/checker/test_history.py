"""What a history says must have happened: each act once, what nobody heard of perhaps."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from deploy.checker.expected import Expected, link_name
from deploy.checker.history import Answered, AnyLine, Asked, Header, History, expected, opened
from deploy.local.failure import Failure

AT = datetime(2026, 11, 27, 15, tzinfo=UTC)
HEADER = Header(size="town", seed=7, speed=600, started_at=AT, today=date(2026, 11, 27), port=8800)
YES = "offer_accepted"
NEED = "need_identified"


def asked(number: int, fact: str = NEED, of: str = "n-1", key: str = "") -> Asked:
    return Asked(number=number, at=AT, fact=fact, of=of, key=key or f"key-{number}")


def answered(number: int, status: int = 303, tries: int = 1) -> Answered:
    return Answered(number=number, status=status, tries=tries)


CASES: list[tuple[str, list[AnyLine], Counter[tuple[str, str]], Counter[tuple[str, str]]]] = [
    ("done", [asked(1), answered(1)], Counter({(NEED, "n-1"): 1}), Counter()),
    ("refused", [asked(1), answered(1, 409)], Counter(), Counter()),
    ("nothing came back", [asked(1), answered(1, 599)], Counter(), Counter({(NEED, "n-1"): 1})),
    ("ended meanwhile", [asked(1)], Counter(), Counter({(NEED, "n-1"): 1})),
    (
        "the same button twice",
        [asked(1, key="k"), asked(2, key="k"), answered(2), answered(1)],
        Counter({(NEED, "n-1"): 1}),
        Counter(),
    ),
    (
        "twice, and heard once",
        [asked(1, key="k"), asked(2, key="k"), answered(1)],
        Counter({(NEED, "n-1"): 1}),
        Counter(),
    ),
    (
        "two colleagues say yes",
        [asked(1, YES, "o-1"), answered(1), asked(2, YES, "o-1"), answered(2)],
        Counter({(YES, "o-1"): 1}),
        Counter(),
    ),
    (
        "each look is one, and so is each that was tried again",
        [asked(1, "packet_viewed", "o-1"), answered(1, 200, 3)],
        Counter({("packet_viewed", "o-1"): 1}),
        Counter({("packet_viewed", "o-1"): 2}),
    ),
    (
        "a look of which nobody heard may have been as many as were tried",
        [asked(1, "packet_viewed", "o-1"), answered(1, 599, 4), asked(2, "packet_viewed", "o-1")],
        Counter(),
        Counter({("packet_viewed", "o-1"): 5}),
    ),
    (
        "a yes on the phone may become the partner's",
        [asked(1, "partner_act_recorded", "o-1"), answered(1)],
        Counter({("partner_act_recorded", "o-1"): 1}),
        Counter({(YES, "o-1"): 1, ("offer_declined", "o-1"): 1}),
    ),
]


@pytest.mark.parametrize(("lines", "done", "perhaps"), [case[1:] for case in CASES])
def test_what_was_asked_comes_to(
    lines: list[AnyLine], done: Counter[tuple[str, str]], perhaps: Counter[tuple[str, str]]
) -> None:
    found = expected(lines)

    assert (found.done, +found.perhaps) == (done, perhaps)


def violations(happened: Counter[tuple[str, str]], *lines: AnyLine) -> Iterator[str]:
    return expected(lines).wrong(happened)


def test_too_often_too_seldom_and_unasked_are_told() -> None:
    act = (NEED, "n-1")

    assert not [*violations(Counter({act: 1}), asked(1), answered(1))]
    assert [*violations(Counter(), asked(1), answered(1))] == [
        "need_identified of n-1 happened 0 times, not 1"
    ]
    assert [*violations(Counter({act: 2}), asked(1))] == [
        "need_identified of n-1 happened 2 times, not 0 to 1"
    ]
    assert [*violations(Counter({act: 1}))] == ["need_identified of n-1 happened 1 times, not 0"]


def test_facts_that_are_not_followed_are_left_alone() -> None:
    followed = Expected(facts=frozenset({YES}))

    assert not [*followed.wrong(Counter({(NEED, "n-1"): 1}))]


def test_a_history_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    with History(path, 4) as history:
        history.write(HEADER)
        number = history.asked(AT, YES, "o-1", "k")
        history.answered(number, 303, 1)

    header, lines = opened(path)

    assert header == HEADER
    assert lines == [asked(5, YES, "o-1", "k"), answered(5)]


def test_a_last_line_that_was_cut_off_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    with History(path) as history:
        history.write(HEADER)
        history.asked(AT, YES, "o-1", "k")
    path.write_text(path.read_text() + '{"line":"answ')

    assert len(opened(path)[1]) == 1


def test_whoever_goes_on_after_a_torn_line_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    with History(path) as history:
        history.write(HEADER)
    path.write_text(path.read_text() + '{"line":"answ')

    with History(path) as history:
        history.asked(AT, YES, "o-1", "k")

    assert opened(path)[1] == [asked(1, YES, "o-1", "k")]


@pytest.mark.parametrize("content", ["", "hello\n", asked(1).model_dump_json() + "\n"])
def test_what_is_no_history_is_said_in_a_sentence(tmp_path: Path, content: str) -> None:
    path = tmp_path / "history.jsonl"
    path.write_text(content)

    with pytest.raises(Failure, match=r"history"):
        opened(path)


def test_a_history_holds_no_link_that_opens_anything() -> None:
    assert "token" not in link_name("token")
    assert link_name("token") == link_name("token") != link_name("another")
