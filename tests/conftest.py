from typing import Any, Final

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

pytest_plugins = ["tests.servers", "tests.endings"]

# The same examples in every run: a random search is for `make search`, not for a change's verdict.
settings.register_profile("steady", derandomize=True, max_examples=50, deadline=None)
settings.register_profile(
    "search", derandomize=False, max_examples=2_000, deadline=None, print_blob=True
)
settings.load_profile("steady")

TOGETHER: Final = (  # what shares services of its own, or a running demo; the longest first
    "tests/integration/faults/test_chaos.py",
    "tests/integration/faults/test_outages.py",
    "tests/integration/faults/test_races.py",
    "tests/integration/faults/test_kills.py",
    "tests/integration/faults/",
    "tests/e2e/test_command_line.py",
    "tests/e2e/test_given_files.py",
    "tests/e2e/test_sign_in.py",
    "tests/e2e/test_story.py",
    "tests/e2e/",
    "tests/integration/plans/test_ways_in.py",
)


class Together(LoadScopeScheduling):  # type: ignore[misc]
    """Gives what shares costly processes to one worker, and all else test by test."""

    def _split_scope(self, nodeid: str) -> str:
        return next((each for each in TOGETHER if nodeid.startswith(each)), nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together:
    """Groups by folder: pytest 9.2 no longer sees the marks of xdist's own groups."""
    return Together(config, log)
