"""The benchmark's words: a table with the spread of each figure, and the line that counts."""

from collections.abc import Sequence
from itertools import groupby
from typing import Final

from tests.bench.figures import Budget, Figure, rounded

NAME: Final = 44
FINE: Final = 100  # above it no digit after the point is worth reading


def table(figures: Sequence[Figure]) -> list[str]:
    """A line for each figure: its middle, the least and the most, what it must be."""
    lines = []
    for group, found in groupby(figures, lambda each: each.group):
        lines.append(f"{group:<{NAME}}{'median':>9}{'least':>9}{'most':>9}  must")
        lines += [_line(each) for each in found]
    return lines


def _line(each: Figure) -> str:
    numbers = "".join(f"{number(value):>9}" for value in (each.median, each.least, each.most))
    return f"  {f'{each.name}, {each.unit}':<{NAME - 2}}{numbers}{_must(each)}"


def _must(each: Figure) -> str:
    if each.budget is None:
        return ""
    return f"  {budget(each.budget)}{' MISSED' if each.is_missed else ''}"


def budget(of: Budget) -> str:
    """What a figure must be."""
    return f"{'>=' if of.is_floor else '<='} {of.limit:g}"


def number(value: float) -> str:
    """A figure as a person reads it."""
    return f"{rounded(value):,.0f}" if abs(value) >= FINE else f"{rounded(value):g}"


def verdict(figures: Sequence[Figure]) -> list[str]:
    """What is missed, with its spread."""
    return [
        f"MISSED: {each.group}: {each.name}: {number(each.median)} {each.unit} "
        f"({number(each.least)} to {number(each.most)}), must be {budget(each.budget)}"
        for each in figures
        if each.budget is not None and each.is_missed
    ]


def last_line(figures: Sequence[Figure]) -> list[str]:
    """The line that counts, where the whole flow was measured against the baseline."""
    return [
        f"whole flow: {each.median:.1f} × naive"
        for each in figures
        if each.name == "whole against naive"
    ]
