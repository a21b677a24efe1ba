from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.chassis.scope import Scope
from tests.servers import Client, Databases

# Few words and few fields, so that scopes and states often meet.
WORDS = st.sampled_from(["a", "b"])
FIELDS = ("school_id", "student_ids")
VALUES = st.one_of(st.lists(WORDS, max_size=2).map(tuple), WORDS, st.none())
STATES = st.one_of(
    st.fixed_dictionaries({"district": WORDS, **dict.fromkeys(FIELDS, VALUES)}),
    st.fixed_dictionaries({"district": WORDS}, optional=dict.fromkeys(FIELDS, VALUES)),
)
SCOPES = st.builds(
    Scope,
    district=WORDS,
    within=st.dictionaries(st.sampled_from(FIELDS), st.frozensets(WORDS), max_size=2),
)


def test_the_database_and_the_door_agree_on_what_a_scope_covers(
    mongo_client: Client, databases: Databases
) -> None:
    rows = mongo_client[databases("things")]["things"]

    @settings(max_examples=150, deadline=None)
    @given(scope=SCOPES, states=st.lists(STATES, min_size=4, max_size=12))
    def agree(scope: Scope, states: Sequence[Mapping[str, Any]]) -> None:
        rows.delete_many({})
        rows.insert_many({"_id": n, **state} for n, state in enumerate(states))
        found = {row["_id"] for row in rows.find(scope.filter())}
        assert found == {
            n for n, state in enumerate(states) if scope.covers(SimpleNamespace(**state))
        }

    agree()
