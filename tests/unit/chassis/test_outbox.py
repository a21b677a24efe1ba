from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.chassis.outbox import in_order

Subjects = st.lists(st.sampled_from("abc"), max_size=30)


@given(Subjects, st.randoms(use_true_random=False))
def test_events_of_a_subject_are_sent_in_sequence_whatever_the_order_of_their_ids(
    subjects: list[str], random: object
) -> None:
    rows = [
        {"_id": UUID(int=n), "subject": subject, "sequence": subjects[: n + 1].count(subject)}
        for n, subject in enumerate(subjects)
    ]
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    ordered = in_order(shuffled)

    assert sorted(row["_id"] for row in ordered) == [row["_id"] for row in rows]
    for subject in set(subjects):
        found = [row["sequence"] for row in ordered if row["subject"] == subject]
        assert found == list(range(1, len(found) + 1))
    assert [row["subject"] for row in ordered] == [row["subject"] for row in shuffled]
