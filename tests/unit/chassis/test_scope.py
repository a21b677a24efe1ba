from dataclasses import dataclass

from services.chassis.scope import Scope


@dataclass(frozen=True)
class Thing:
    district: str = "d1"
    school_id: str = "s1"
    student_ids: tuple[str, ...] = ("a", "b")


def a_scope(**within: set[str]) -> Scope:
    return Scope("d1", within={name: frozenset(allowed) for name, allowed in within.items()})


def test_another_district_is_never_covered() -> None:
    assert a_scope().covers(Thing())
    assert not a_scope().covers(Thing(district="d2"))


def test_every_condition_must_be_met() -> None:
    assert a_scope(school_id={"s1"}, student_ids={"b"}).covers(Thing())
    assert not a_scope(school_id={"s2"}, student_ids={"b"}).covers(Thing())


def test_a_field_that_a_state_does_not_have_is_not_covered() -> None:
    assert not a_scope(organization_id={"o1"}).covers(Thing())


def test_nothing_allowed_covers_nothing() -> None:
    assert not a_scope(school_id=set()).covers(Thing())
