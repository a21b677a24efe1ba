"""How often each thing may be told: once, but for what a family says anew."""

from typing import Any

import pytest

from deploy.checker.invariants import messages
from deploy.checker.seen import Rows, Seen
from tests.unit.checker.builders import told


def a_message(number: int, template: str) -> dict[str, Any]:
    return {
        "message_id": f"m-{number}",
        "template": template,
        "recipient_id": "p-1",
        "need_id": "n-1",
        "offer_id": "o-1",
    }


def seen(template: str, *, times: int, answers: int) -> Seen:
    said = [
        told("family_answered", number, offer_id="o-1", kind="confirmation")
        for number in range(answers)
    ]
    mailbox = {"messages": [a_message(number, template) for number in range(times)]}
    rows: dict[str, Rows] = {"notifications mailboxes": [mailbox]}
    return Seen(told=said, twice=[], rows=rows, books=[], entries=[], faulty_ledgers=[])


@pytest.mark.parametrize(
    ("template", "times", "answers", "is_wrong"),
    [
        ("accepted", 1, 0, False),
        ("accepted", 2, 2, True),
        ("family-answered", 2, 2, False),
        ("family-answered", 2, 1, True),
        ("step-up-code", 3, 0, False),
    ],
)
def test_a_partner_hears_each_answer_of_a_family_and_all_else_is_told_once(
    template: str,
    times: int,
    answers: int,
    is_wrong: bool,  # noqa: FBT001
) -> None:
    found = list(messages(seen(template, times=times, answers=answers)))

    about = f"{template} to p-1 about n-1, None, o-1 was told {times} times"
    assert found == ([about] if is_wrong else [])
