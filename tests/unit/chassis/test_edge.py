import pytest

from services.chassis.edge import is_from_us, origin_of

PASSES, REFUSED = "passes", "refused"
US = "https://wraparound.example.org"


@pytest.mark.parametrize(
    ("headers", "answer"),
    [
        ({"sec-fetch-site": "same-origin"}, PASSES),
        ({"sec-fetch-site": "same-site"}, REFUSED),
        ({"sec-fetch-site": "cross-site"}, REFUSED),
        ({"sec-fetch-site": "none"}, REFUSED),
        ({"sec-fetch-site": "cross-site", "origin": US}, REFUSED),
        ({"origin": US}, PASSES),
        ({"origin": "null"}, REFUSED),
        ({"origin": US + ".evil.example"}, REFUSED),
        ({}, REFUSED),
    ],
)
def test_a_form_counts_only_when_a_page_of_ours_sent_it(
    headers: dict[str, str], answer: str
) -> None:
    assert is_from_us("POST", headers, US) is (answer == PASSES)
    assert is_from_us("GET", headers, US)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://wraparound.example.org/plans", US),
        ("https://wraparound.example.org:443", US),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
    ],
)
def test_an_origin_is_written_as_browsers_send_it(url: str, origin: str) -> None:
    assert origin_of(url) == origin
