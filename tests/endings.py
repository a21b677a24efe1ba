"""Noting that the process would end here, in tests of what makes it end."""

import pytest

from services.chassis import hopeless


class Ended(BaseException):
    """Where the process would have ended."""


@pytest.fixture
def endings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What would have ended the process; it goes on with `Ended` instead."""
    seen: list[str] = []

    def end() -> None:
        seen.append("ended")
        raise Ended

    monkeypatch.setattr(hopeless, "end", end)
    return seen
