import pytest
from structlog.testing import capture_logs

from services.chassis import conflicts
from services.chassis.conflicts import STAYS, TRIES, again_if_stale
from services.chassis.kernel import Duplicate, StaleWrite


class Meeting:
    """Work that meets another writer so many times."""

    def __init__(self, times: int, error: type[StaleWrite] = StaleWrite) -> None:
        self.left = times
        self.error = error
        self.conflicts = 0

    async def run(self) -> str:
        """Fail, or be done."""
        if self.left:
            self.left -= 1
            raise self.error
        return "done"

    def met(self) -> None:
        """Count a conflict."""
        self.conflicts += 1


async def test_work_is_run_again_until_no_other_writer_is_in_the_way() -> None:
    work = Meeting(TRIES + 2)

    assert await again_if_stale(work.run, met=work.met) == "done"
    assert work.conflicts == TRIES + 2


async def test_a_bound_on_tries_is_kept() -> None:
    work = Meeting(3)

    with pytest.raises(StaleWrite):
        await again_if_stale(work.run, tries=2, met=work.met)
    assert work.conflicts == 2


async def test_a_duplicate_that_lasts_is_raised_as_the_bug_it_is() -> None:
    passing, lasting = Meeting(TRIES - 1, Duplicate), Meeting(100, Duplicate)

    assert await again_if_stale(passing.run) == "done"
    with pytest.raises(Duplicate):
        await again_if_stale(lasting.run, met=lasting.met)
    assert lasting.conflicts == TRIES


async def test_a_conflict_that_stays_is_told_in_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conflicts, "LONGEST_BACK_OFF", 0.0)
    work = Meeting(STAYS * 2)

    with capture_logs() as told:
        await again_if_stale(work.run, met=work.met)

    assert [(each["event"], each["tries"]) for each in told] == [
        ("conflict.stays", STAYS),
        ("conflict.stays", STAYS * 2),
    ]
