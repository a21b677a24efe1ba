"""Family links, each with owner, prefix, life, step-up."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, get_args

from services.notifications.domain.links import VALID, Purpose, open_link
from services.notifications.domain.messages import LINKED
from tests.contract.sites import BUILDS, addresses, site
from tests.unit.notifications.builders import NOON, a_context, a_message_queued


@dataclass(frozen=True)
class Kind:
    """One kind of link."""

    owner: str
    prefix: str
    life: timedelta
    behind: frozenset[str]  # what is there after step-up


LINKS: Final[dict[Purpose, Kind]] = {
    "consent": Kind("notifications", "/f/", timedelta(days=14), frozenset({"consent", "revoke"})),
    "confirm": Kind(  # where no date is known; else until the day after it has ended
        "notifications",
        "/f/",
        timedelta(days=30),
        frozenset({"answer", "other-time", "calendar.ics"}),
    ),
}
OF_ALL: Final = frozenset({"page", "new-pin"})
STEPS: Final = frozenset({"", "who", "code", "pin"})
LEAVING: Final = frozenset({"not-me", "stop", "again", "sent", "gone"})  # without step-up


def test_every_link_has_its_row_and_its_life() -> None:
    assert LINKS.keys() == set(get_args(Purpose)) == set(LINKED.values())
    assert {purpose: kind.life for purpose, kind in LINKS.items()} == VALID


def test_a_link_to_a_first_visit_lives_until_the_day_after_it_has_ended() -> None:
    sent = timedelta(days=-1), timedelta(days=-60)
    for before in sent:
        queued = a_message_queued(template="accepted", at=NOON + before, link_until=NOON)
        assert open_link(None, queued, a_context()).state.valid_until == NOON


def test_a_link_is_served_by_its_owner_under_its_prefix_alone() -> None:
    served = {
        (service, path.partition("{token}")[0])
        for service in BUILDS
        for path in paths_of_tokens(service)
    }
    assert served == {(kind.owner, kind.prefix) for kind in LINKS.values()}


def test_what_a_link_is_for_stands_behind_the_step_up_and_nothing_else_does() -> None:
    behind = {
        path.partition("{token}")[2].removeprefix("/")
        for path, allowed in paths_of_tokens("notifications").items()
        if allowed == "stepped up"
    }
    before = {
        path.partition("{token}")[2].removeprefix("/")
        for path, allowed in paths_of_tokens("notifications").items()
        if allowed != "stepped up"
    }
    assert behind == OF_ALL.union(*(kind.behind for kind in LINKS.values()))
    assert before == STEPS | LEAVING


def paths_of_tokens(service: str) -> dict[str, str]:
    """The addresses that hold a link's token, with whom they let pass."""
    found = addresses(site(service))
    return {each.split()[1]: allowed for each, allowed in found.items() if "{token}" in each}
