"""Since when something on a topic may not have been heard, by what all processes say."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.chassis.freshness import NEVER, oldest

NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)
AGO = NOW - timedelta(seconds=40)


def a_row(heard_at: datetime, *partitions: str) -> dict[str, Any]:
    return {"partitions": list(partitions), "heard_at": heard_at}


@pytest.mark.parametrize(
    ("rows", "heard_at"),
    [
        ([], NEVER),
        ([a_row(NOW, "other|0")], NEVER),
        ([a_row(NOW, "consents|0", "consents|1")], NOW),
        ([a_row(NOW, "consents|0"), a_row(AGO, "consents|1")], AGO),
        ([a_row(NOW, "consents|0", "consents|1"), a_row(AGO, "consents|1")], NOW),
        ([a_row(AGO, "other|0"), a_row(NOW, "consents|0")], NOW),
        ([a_row(NEVER, "consents|0")], NEVER),
    ],
    ids=[
        "nobody listens",
        "nobody listens to this topic",
        "one process has all",
        "the slowest of two counts",
        "a partition that moved to another process",
        "another topic is none of this",
        "nothing was fetched yet",
    ],
)
def test_the_partition_that_was_heard_last_by_nobody_counts(
    rows: list[dict[str, Any]], heard_at: datetime
) -> None:
    assert oldest(rows, "consents") == heard_at
