"""What the student's page says of a permission: how long it lasts, in the family's own words."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.plans.domain.lasting import end_of
from services.plans.domain.timeline import Happening, Timeline
from services.plans.pages.past import happened
from services.plans.pages.showing import permissions
from tests.unit.plans.builders import DISTRICT, NOW, STUDENT, a_book, a_case, a_consent
from tests.unit.plans.test_masking import KNOWS, a_record

ENDS = end_of(date(2027, 9, 30), KNOWS.zone)  # as the family signed: until September 30


def test_a_permission_lasts_until_the_day_that_the_family_read() -> None:
    record = replace(a_record(a_case()), book=a_book(a_consent(0, expires_at=ENDS)))
    (shown,) = permissions(record, KNOWS)
    assert (shown["state"], shown["until"]) == ("signed", "until September 30, 2027")

    signed = Happening(at=NOW, code="consent-given", until=ENDS)
    line = Timeline(need_id="standing", district=DISTRICT, student_id=STUDENT, happenings=(signed,))
    told = happened(replace(record, needs=[], standing=[(a_consent(0), line)]), KNOWS)
    assert told[0]["text"].startswith("The family signed, valid until September 30, 2027 · ")


@pytest.mark.parametrize("state", ["refused", "revoked"])
def test_what_the_family_does_not_allow_lasts_until_no_day(state: Any) -> None:
    record = replace(a_record(a_case()), book=a_book(a_consent(0, state=state)))
    (shown,) = permissions(record, KNOWS)
    assert shown["until"] == ""
