import pytest

from services.notifications.http_texts import Meaning, meaning_of


@pytest.mark.parametrize(
    ("statuses", "meaning"),
    [
        ((200, 201, 202, 204), "taken"),
        ((400, 404, 410, 422), "for good"),
        ((401, 403), "token"),
        ((408, 425, 429, 500, 502, 503, 504), "answer"),
        (
            (302, 307, 405, 409, 413, 415),
            "answer",
        ),  # nobody agreed on these: no word about a number
    ],
)
def test_only_what_was_agreed_on_is_for_good(statuses: tuple[int, ...], meaning: Meaning) -> None:
    assert {meaning_of(each) for each in statuses} == {meaning}
