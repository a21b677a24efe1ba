"""What is sent of a document that changed."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.mongo import Change

VALUES = st.one_of(st.none(), st.integers(0, 3), st.lists(st.integers(0, 2), max_size=6))
DOCUMENTS = st.dictionaries(st.sampled_from("abcd"), VALUES)


@pytest.mark.parametrize(
    ("before", "after", "sent"),
    [
        ({"a": 1, "b": 2}, {"a": 1, "b": 3}, {"$set": {"b": 3}}),
        ({"a": 1}, {"a": 1, "b": None}, {"$set": {"b": None}}),  # nothing is not absence
        ({"a": 1, "b": None}, {"a": 1}, {"$unset": {"b": ""}}),
        ({"a": [{"c": 1}, 2]}, {"a": [{"c": 2}, 2]}, {"$set": {"a.0": {"c": 2}}}),
        ({"a": [1, 2, 3]}, {"a": [1, 2, 4, 5]}, {"$set": {"a.2": 4, "a.3": 5}}),
        ({"a": [1, 2, 3]}, {"a": [2, 3, 4]}, {"$set": {"a": [2, 3, 4]}}),  # all of it moved
        ({"a": [1, 2, 3]}, {"a": [1, 2]}, {"$set": {"a": [1, 2]}}),
        ({"a": []}, {"a": [1]}, {"$set": {"a": [1]}}),
        ({"a": {"0": 1}}, {"a": [1]}, {"$set": {"a": [1]}}),
        ({"a": 1, "b": 1}, {"b": 2, "c": 3}, {"$set": {"b": 2, "c": 3}, "$unset": {"a": ""}}),
    ],
)
def test_only_what_differs_is_sent(
    before: dict[str, Any], after: dict[str, Any], sent: dict[str, Any]
) -> None:
    assert Change(before, after).difference == sent


@given(before=DOCUMENTS, after=DOCUMENTS)
def test_the_difference_makes_one_of_the_other(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    assert applied(before, Change(before, after).difference) == after


def applied(before: Mapping[str, Any], sent: Mapping[str, Any]) -> dict[str, Any]:
    """What a server makes of it."""
    made = {
        name: list(held) if isinstance(held, list) else held
        for name, held in before.items()
        if name not in sent.get("$unset", {})
    }
    for place, held in sent.get("$set", {}).items():
        name, _, number = place.partition(".")
        if number:
            made[name] = [*made[name][: int(number)], held, *made[name][int(number) + 1 :]]
        else:
            made[name] = held
    return made
