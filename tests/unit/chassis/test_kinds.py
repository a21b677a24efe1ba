"""What is stored of a state is what differs from its defaults, and is read back as it was."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.kinds import dense, sparse


@dataclass(frozen=True, kw_only=True)
class Note:
    name: str
    times: int = 0
    is_over: bool = False
    said: str | None = None
    parts: tuple[str, ...] = ()
    more: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Careful:
    name: str

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError


NOTES = st.builds(
    Note,
    name=st.text(),
    times=st.integers(),
    is_over=st.booleans(),
    said=st.none() | st.text(),
    parts=st.lists(st.text()).map(tuple),
    more=st.dictionaries(st.text(), st.integers()),
)


@given(note=NOTES)
def test_what_was_stored_is_read_back(note: Note) -> None:
    assert dense(Note, sparse(note)) == note


def test_what_is_as_by_default_is_not_stored() -> None:
    assert sparse(Note(name="n")) == {"name": "n", "more": {}}
    assert sparse(Note(name="n", times=1, said="")) == {
        "name": "n",
        "more": {},
        "times": 1,
        "said": "",
    }


@pytest.mark.parametrize(
    "held",
    [{"name": "n"}, {"name": "n", "more": {}, "stranger": 1}, {"more": {}, "stranger": 1}],
    ids=["one is missing", "one is unknown", "both"],
)
def test_other_fields_are_refused(held: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="not the fields of a Note"):
        dense(Note, held)


def test_a_class_that_looks_at_its_fields_is_called_instead() -> None:
    with pytest.raises(TypeError, match="call it"):
        dense(Careful, {"name": ""})
