"""What a week costs, out of free text: only what is certain, the rest stays unknown."""

import re
from decimal import Decimal

from services.chassis.findings import Row
from services.referrals.directory.records import Cost, CostKind

AMOUNT = re.compile(r"\$\s?(\d{1,3}(?:,\d{3})+|\d{1,5})(?:\.(\d{2}))?(?![\d,.]*\d)")
ONLY_AMOUNT = re.compile(r"\$?\s?(\d{1,3}(?:,\d{3})+|\d{1,5})(?:\.\d{2})?")
PER_WEEK = re.compile(r"\s*(?:/|per|a|each)?\s*week", re.IGNORECASE)
FROM_TO = re.compile(r"\$\s?[\d,.]+\s*[-–]\s*\$?\d")
FREE = re.compile(r"\s*(?:free|no cost|no charge)[\s.!]*", re.IGNORECASE)
NUMBER = re.compile(r"\d{1,6}(?:\.\d{1,2})?", re.ASCII)


def cost(per_week: str, stated: str, row: Row) -> Cost:
    """The cost per week from its column if the stated words bear it out, else from the words.

    The column often holds any number of the text (a count of days, a deposit): it counts only if
    the words are missing or name that one amount. Code: `cost_unclear`.
    """
    found = _from_column(per_week, stated) or _from_words(stated)
    if found is None and (per_week or stated):
        sentence = "What a week costs is not certain from this text; kept as unknown."
        row.warn("cost_per_week", "cost_unclear", sentence)
    return found or Cost(stated=stated)


def _from_column(per_week: str, stated: str) -> Cost | None:
    if not NUMBER.fullmatch(per_week):
        return None
    amount = Decimal(per_week)
    if not stated or _amounts(stated) == {amount}:
        return _priced(amount, stated)
    return None


def _from_words(stated: str) -> Cost | None:
    if FREE.fullmatch(stated):
        return Cost(kind=CostKind.FREE, stated=stated)
    amounts = _amounts(stated)
    if len(amounts) == 1 and (ONLY_AMOUNT.fullmatch(stated) or _weekly(stated) == amounts):
        return _priced(amounts.pop(), stated)
    return None


def _priced(amount: Decimal, stated: str) -> Cost:
    if amount == 0:
        return Cost(kind=CostKind.FREE, stated=stated)
    return Cost(kind=CostKind.AMOUNT, per_week=amount, stated=stated)


def _amounts(stated: str) -> set[Decimal]:
    if FROM_TO.search(stated):
        return set()  # what this child would pay is not said
    return {_decimal(each) for each in AMOUNT.finditer(stated)}


def _weekly(stated: str) -> set[Decimal]:
    return {
        _decimal(each) for each in AMOUNT.finditer(stated) if PER_WEEK.match(stated, each.end())
    }


def _decimal(found: re.Match[str]) -> Decimal:
    return Decimal(found[1].replace(",", "") + (f".{found[2]}" if found[2] else ""))
