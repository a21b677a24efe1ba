"""Which tests of a run with several workers go to one of them, and what is begun first."""

from typing import Any, Final

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

# What shares services of its own, a demo, a browser or a server, or takes long: the longest first,
# so that all workers end at about the same time.
TOGETHER: Final = (
    "tests/e2e/",  # on one demo
    "tests/integration/faults/test_outages.py",
    "tests/integration/faults/test_chaos.py",
    "tests/e2e/test_given_files.py",
    "tests/integration/faults/test_kills.py",
    "tests/e2e/test_gallery.py",
    "tests/integration/faults/test_races.py",
    "tests/e2e/test_story.py",
    "tests/e2e/test_users.py",
    "tests/integration/faults/",
    "tests/e2e/test_command_line.py",
    "tests/e2e/test_sign_in.py",
    "tests/integration/simulator/test_simulation.py",
    "tests/integration/deploy/test_demo.py",
    "tests/integration/chassis/test_failpoints.py",
    "tests/integration/chassis/test_brokers.py",
    "tests/integration/chassis/test_majority.py",
    "tests/integration/referrals/test_live.py",
    "tests/integration/plans/test_ways_in.py",
    "tests/integration/simulator/test_standing_state.py",
)


def group_of(nodeid: str) -> str | None:
    """The group that a test is in, if it is in one: the narrowest that names it."""
    return max((each for each in TOGETHER if nodeid.startswith(each)), key=len, default=None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the groups."""

    def place(item: pytest.Item) -> int:
        group = group_of(item.nodeid)
        return TOGETHER.index(group) if group else len(TOGETHER)

    items.sort(key=place)


class Together(LoadScopeScheduling):  # type: ignore[misc]
    """Gives what is in a group to one worker, and all else test by test."""

    def __init__(self, config: pytest.Config, log: Any) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False  # not those of many tests first

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid) or nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together:
    """Groups by folder: pytest 9.2 no longer sees the marks of xdist's own groups."""
    return Together(config, log)
