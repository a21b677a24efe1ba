import pytest

from services.chassis.accounts import Role
from services.chassis.landing import onward
from services.chassis.sign_in import inside


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\/evil.example",
        "javascript:alert(1)",
        "/\tevil",
        "/plans\r\nSet-Cookie: a=b",
        "",
    ],
)
def test_signing_in_never_leads_to_another_site(address: str) -> None:
    assert inside(address) == ""


def test_signing_in_leads_on_to_the_page_that_was_asked_for() -> None:
    assert inside("/plans/students?q=ma#top") == "/plans/students?q=ma#top"


@pytest.mark.parametrize("asked", ["", "/", "/plans/", "/referrals/", "/notifications/"])
def test_a_bare_address_leads_to_where_the_role_begins(asked: str) -> None:
    assert onward(asked, Role.PARTNER_COORDINATOR) == "/referrals/"
    assert onward(asked, Role.CITY_VIEWER) == "/"


def test_any_other_page_is_what_was_asked_for() -> None:
    for asked in ("/plans/students", "/plans/students/s1"):
        assert onward(asked, Role.CASE_MANAGER) == asked
