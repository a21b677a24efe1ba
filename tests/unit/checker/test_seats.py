from typing import Any

from deploy.checker.seats import oversold


def put(**fields: Any) -> dict[str, Any]:
    return {"documentKey": {"_id": "s-1"}, "fullDocument": {"_id": "s-1", **fields}}


def changed(**fields: Any) -> dict[str, Any]:
    return {"documentKey": {"_id": "s-1"}, "updateDescription": {"updatedFields": fields}}


TWO = put(held=0, taken=0, occupied_outside=0, maximum=2)


def test_places_may_be_kept_taken_and_given_up() -> None:
    assert not [
        *oversold(
            [TWO, changed(held=1), changed(held=2), changed(held=1, taken=1), changed(held=0)]
        )
    ]


def test_one_too_many_is_told_though_it_was_given_up_again() -> None:
    assert [*oversold([TWO, changed(held=2), changed(held=3), changed(held=2)])] == [
        "s-1 had 2 places and promised 3 in a commit"
    ]


def test_places_that_others_occupy_are_not_there() -> None:
    assert [*oversold([TWO, changed(occupied_outside=2), changed(held=1)])]


def test_a_lower_number_cancels_nothing() -> None:
    assert not [*oversold([TWO, changed(held=2), changed(maximum=1), changed(held=1, taken=1)])]


def test_a_yes_without_a_hold_may_take_one_too_many() -> None:
    assert not [*oversold([TWO, changed(taken=2), changed(taken=3)])]


def test_an_unknown_number_is_no_limit() -> None:
    assert not [*oversold([put(held=0, taken=0, maximum=None), changed(held=40)])]
