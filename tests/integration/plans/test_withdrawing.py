"""A case manager withdraws a need, and says by whose word."""

import pytest

from services.plans.repository.needs import TIMELINES
from tests.integration.plans.browsers import browser_of
from tests.integration.plans.house import House, a_form, write


@pytest.mark.parametrize(
    ("button", "given", "code"),
    [
        ("Yes, withdraw it", {}, "staff-decision"),
        ("The family does not want it", {"code": "family-declined"}, "family-declined"),
    ],
)
async def test_a_need_is_withdrawn_by_the_word_of_staff_or_family(
    house: House,
    button: str,
    given: dict[str, str],
    code: str,
) -> None:
    page = f"/plans/students/{house.student.student_id}"
    async with browser_of(house.app, house.manager) as browser:
        need_id = await write(house, browser)
        path, key = f"/plans/needs/{need_id}/withdraw", {"key": a_form()["key"]}
        before = await browser.get(page)
        unknown = await browser.post(path, key | {"code": "need-met-elsewhere"})
        done = await browser.post(path, key | given)
        after = await browser.get(page)

    assert button in before
    assert (unknown.status_code, done.status_code) == (422, 303)
    assert button not in after
    told = await house.stage.until(
        TIMELINES, need_id, lambda it: len(it.happenings) == 2, "it is on the timeline"
    )
    assert (told.happenings[-1].code, told.happenings[-1].detail) == ("need-withdrawn", code)
