"""Figures as bars in plain SVG: the middle, a line from the least to the most, and the budget."""

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from tests.bench.figures import Figure
from tests.bench.report import budget, number

BAR, GAP, HEAD = 18, 8, 30
LABEL, WIDTH, EDGE = 330, 900, 150  # room for names, all of it, room for the words behind a bar
KEPT, MISSED, SPREAD = "#005ea2", "#b50909", "#1b1b1b"
GROUPS: Final = ("flow", "latency", "processor time", "ranking", "burst", "processes", "growth")


def drawn(figures: Sequence[Figure], nothing: str) -> str:
    """A picture of the figures that are best seen, or a sentence where there are none."""
    chosen = [each for each in figures if is_drawn(each)]
    parts: list[str] = []
    top = GAP
    for (group, unit), some in together(chosen).items():
        parts.append(_words(GAP, top + BAR, f"{group}, {unit}", weight="bold"))
        parts += _bars(some, top + HEAD)
        top += HEAD + len(some) * (BAR + GAP) + GAP
    if not chosen:
        parts.append(_words(GAP, top + BAR, nothing))
        top += HEAD
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{WIDTH}" height="{top}" '
        f'viewBox="0 0 {WIDTH} {top}" font-family="sans-serif" font-size="13">\n'
        "<title>What make bench measured; the same figures stand in the table.</title>\n"
        '<rect width="100%" height="100%" fill="white"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def together(figures: Sequence[Figure]) -> dict[tuple[str, str], list[Figure]]:
    """Figures of one group and unit, which share a scale."""
    found: dict[tuple[str, str], list[Figure]] = {}
    for each in figures:
        found.setdefault((each.group, each.unit), []).append(each)
    return found


def is_drawn(each: Figure) -> bool:
    """Pages of any size, and of the other groups what is not a part of a part."""
    if each.group == "processor time" and ": " in each.name:
        return each.name.startswith("whole: ")
    return each.group in GROUPS or each.group.startswith("pages")


def _bars(figures: Sequence[Figure], top: int) -> Iterator[str]:
    limits = [each.budget.limit for each in figures if each.budget]
    largest = max(*(each.most for each in figures), *limits, 1e-9)
    scale = (WIDTH - LABEL - EDGE) / largest
    for number_of, each in enumerate(figures):
        yield from _bar(each, top + number_of * (BAR + GAP), scale)


def _bar(each: Figure, top: int, scale: float) -> Iterator[str]:
    colour = MISSED if each.is_missed else KEPT
    length = max(1.0, each.median * scale)
    middle, line = top + BAR / 2, top + BAR * 0.75
    yield _words(LABEL - 8, line, each.name, anchor="end")
    yield f'<rect x="{LABEL}" y="{top}" width="{length:.1f}" height="{BAR}" fill="{colour}"/>'
    if len(each.values) > 1:
        yield _line(LABEL + each.least * scale, middle, LABEL + each.most * scale, middle)
    if each.budget:
        at = LABEL + each.budget.limit * scale
        yield _line(at, top - 3, at, top + BAR + 3)
    yield _words(LABEL + max(length, each.most * scale) + 6, line, _said(each))


def _said(each: Figure) -> str:
    must = f" (must be {budget(each.budget)})" if each.budget and each.is_missed else ""
    return f"{number(each.median)}{must}"


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
        f'stroke="{SPREAD}" stroke-width="2"/>'
    )


def _words(x: float, y: float, text: str, *, anchor: str = "start", weight: str = "normal") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-weight="{weight}">'
        f"{escape(text)}</text>"
    )
