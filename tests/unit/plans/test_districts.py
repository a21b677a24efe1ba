from dataclasses import replace
from typing import Any, Final
from uuid import UUID

import pytest

from schemas.plans import DistrictCardChanged
from services.chassis.kernel import Refused
from services.chassis.scope import Scope
from services.chassis.vault import Keyring
from services.plans.domain.districts import (
    District,
    RegisterDistrict,
    SetOffering,
    register_district,
    set_offering,
    time_zone,
)
from services.plans.repository.people import DISTRICTS
from tests.unit.plans.builders import a_context

KEY: Final = UUID(int=1)
SCOPE: Final = Scope(district="harbor")
HARBOR: Final = District(
    district_id="harbor", district="harbor", name="Harbor", time_zone="America/New_York"
)
AUTOMATIC: Final = replace(HARBOR, offer_first=False, offer_mode="automatic")


def set_to_automatic() -> SetOffering:
    return SetOffering(
        key=KEY, scope=SCOPE, district_id="harbor", offer_first=False, offer_mode="automatic"
    )


def registered(district: District | None, said: District) -> Any:
    asked = RegisterDistrict(key=KEY, scope=SCOPE, state=said)
    return register_district(district, asked, a_context())


@pytest.mark.parametrize(
    ("known", "said", "is_meant", "zone"),
    [
        (None, "America/Denver", False, "America/Denver"),
        (HARBOR, None, False, "America/New_York"),
        (HARBOR, "America/New_York", False, "America/New_York"),
        (HARBOR, "America/Denver", True, "America/Denver"),
    ],
)
def test_a_district_keeps_its_clocks_until_a_change_is_meant(
    known: District | None,
    said: str | None,
    is_meant: bool,  # noqa: FBT001
    zone: str,
) -> None:
    assert time_zone(known, said, is_meant=is_meant) == zone


@pytest.mark.parametrize(
    ("known", "said", "code"),
    [(None, None, "time_zone_missing"), (HARBOR, "America/Denver", "time_zone_other")],
)
def test_no_district_gets_clocks_that_nobody_meant(
    known: District | None, said: str | None, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        time_zone(known, said)
    assert refused.value.code == code


def test_how_offers_go_out_is_told_to_the_other_services() -> None:
    decision = set_offering(HARBOR, set_to_automatic(), a_context())

    assert decision.state == AUTOMATIC
    assert decision.events == (
        DistrictCardChanged(
            district_id="harbor", name="Harbor", offer_first=False, offer_mode="automatic"
        ),
    )


def test_a_setting_set_again_tells_nothing() -> None:
    assert set_offering(AUTOMATIC, set_to_automatic(), a_context()).events == ()


def test_a_district_that_nobody_registered_has_no_settings() -> None:
    with pytest.raises(Refused) as refused:
        set_offering(None, set_to_automatic(), a_context())
    assert refused.value.code == "subject_unknown"


def test_a_roster_that_comes_again_leaves_the_settings_as_they_are() -> None:
    assert registered(AUTOMATIC, HARBOR).events == ()

    decision = registered(AUTOMATIC, replace(HARBOR, name="Harbor Town"))
    assert decision.state == replace(AUTOMATIC, name="Harbor Town")
    assert [each.offer_mode for each in decision.events] == ["automatic"]


def test_a_district_stored_before_offers_had_a_mode_is_assisted() -> None:
    stored = {
        "_id": "harbor",
        "district": "harbor",
        "shape": 1,
        "name": "Harbor",
        "time_zone": "America/New_York",
        "offer_first": True,
    }
    assert DISTRICTS.read(stored, Keyring({})) == HARBOR
