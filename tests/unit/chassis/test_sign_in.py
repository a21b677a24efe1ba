import pytest

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
    assert inside(address, "/plans") == "/plans"


def test_signing_in_leads_on_to_the_page_that_was_asked_for() -> None:
    assert inside("/plans/students?q=ma#top", "/plans") == "/plans/students?q=ma#top"
