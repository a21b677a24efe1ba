from dataclasses import replace

import pytest

from services.plans.roster.guardians import guardianship, settle
from services.plans.roster.records import (
    Guardianship,
    Notify,
    Restriction,
    StudentContactRecord,
)


def a_link(relation: str = "mother", *, legal: bool | None = None) -> StudentContactRecord:
    return StudentContactRecord(
        student_source_id="s",
        contact_source_id=relation,
        relation=relation,
        is_guardian=guardianship(relation, legal),
    )


@pytest.mark.parametrize(
    ("relation", "legal", "expected"),
    [
        ("mother", None, Guardianship.YES),
        ("legal guardian", None, Guardianship.YES),
        ("aunt", True, Guardianship.YES),
        ("father", False, Guardianship.NO),
        ("aunt", None, Guardianship.NO),
        ("mother, step", None, Guardianship.NO),
        ("", None, Guardianship.NO),
    ],
)
def test_a_guardian_is_legal_or_else_a_parent(
    relation: str,
    legal: bool | None,  # noqa: FBT001 (a case of the table)
    expected: Guardianship,
) -> None:
    assert guardianship(relation, legal) is expected


def test_another_relation_who_lives_with_a_child_without_parents_is_asked_about() -> None:
    grandmother = replace(a_link("grandmother"), lives_with=True)
    uncle = replace(a_link("uncle"), lives_with=False)

    settled = settle([grandmother, uncle])

    assert [each.is_guardian for each in settled] == [Guardianship.ASK, Guardianship.NO]


def test_beside_a_parent_nobody_is_asked_about() -> None:
    grandmother = replace(a_link("grandmother"), lives_with=True)

    assert settle([a_link(), grandmother])[1].is_guardian is Guardianship.NO


def test_a_parent_stated_to_have_no_rights_is_not_asked_about() -> None:
    father = replace(a_link("father", legal=False), lives_with=True)

    assert settle([father])[0].is_guardian is Guardianship.NO


def test_news_go_to_the_guardian_who_is_primary_or_lives_with_the_child() -> None:
    primary = replace(a_link("mother"), is_primary=True, lives_with=False)
    elsewhere = replace(a_link("father"), is_primary=False, lives_with=False)

    assert [each.notify for each in settle([primary, elsewhere])] == [Notify.NEWS, Notify.NONE]


def test_every_guardian_gets_news_where_neither_status_is_known() -> None:
    settled = settle([a_link("mother"), a_link("father")])

    assert [each.notify for each in settled] == [Notify.NEWS, Notify.NEWS]


def test_an_emergency_contact_without_news_gets_the_urgent_ones() -> None:
    aunt = replace(a_link("aunt"), is_emergency=True)

    assert settle([a_link(), aunt])[1].notify is Notify.URGENT


@pytest.mark.parametrize("limit", [Restriction.NO_CONTACT, Restriction.NO_INFORMATION])
def test_custody_limits_silence_a_guardian(limit: Restriction) -> None:
    father = replace(
        a_link("father"), lives_with=True, is_emergency=True, restrictions=frozenset({limit})
    )

    assert settle([father])[0].notify is Notify.NONE


def test_a_parent_who_may_not_pick_up_still_gets_news() -> None:
    father = replace(
        a_link("father"), lives_with=True, restrictions=frozenset({Restriction.NO_PICKUP})
    )

    assert settle([father])[0].notify is Notify.NEWS
