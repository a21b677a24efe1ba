"""Which of our categories a program's type and activities mean."""

from collections.abc import Mapping
from typing import NamedTuple

from services.chassis.findings import Row


class Meaning(NamedTuple):
    """What a word means here: a category, an interest, both, or nothing that matches by."""

    category: str = ""
    interest: str = ""


TYPES: Mapping[str, str] = {"camp": "enrich.summer", "afterschool": "enrich.after-school"}

ACTIVITIES: Mapping[str, Meaning] = {
    "academic enrichment": Meaning("enrich.tutoring"),
    "academic support": Meaning("enrich.tutoring"),
    "afterschool": Meaning("enrich.after-school"),
    "arts": Meaning("enrich.arts", "arts"),
    "coding": Meaning("enrich.stem", "stem"),
    "dance": Meaning("enrich.arts", "dance"),
    "film & media": Meaning("enrich.arts", "arts"),
    "hiking": Meaning("enrich.sports", "outdoors"),
    "horseback riding": Meaning("enrich.sports", "sports"),
    "maker": Meaning("enrich.stem", "stem"),
    "math": Meaning("enrich.stem", "stem"),
    "music": Meaning("enrich.arts", "music"),
    "nature": Meaning(interest="outdoors"),
    "outdoor education": Meaning(interest="outdoors"),
    "science": Meaning("enrich.stem", "stem"),
    "sports": Meaning("enrich.sports", "sports"),
    "stem": Meaning("enrich.stem", "stem"),
    "swimming": Meaning("enrich.sports", "sports"),
    "theater": Meaning("enrich.arts", "arts"),
    "21cclc": Meaning(),
    "elementary": Meaning(),
    "free": Meaning(),
    "middle school": Meaning(),
}
"""Activities known; some say who pays or for whom, and mean no category."""


def meanings(program_type: str, activities: str, row: Row) -> tuple[list[str], list[str]]:
    """Categories and interests, each once, in the order of the words.

    Code: `type_unmapped`, once a row.
    """
    words = [each.strip().lower() for each in activities.split(",") if each.strip()]
    found = [ACTIVITIES[each] for each in words if each in ACTIVITIES]
    unmapped = [each for each in words if each not in ACTIVITIES]
    by_type = TYPES.get(program_type.lower(), "")
    if unmapped or not by_type:
        column = "activities" if by_type else "program_type"
        named = ", ".join(
            unmapped if by_type else [program_type.lower() or "none given", *unmapped]
        )
        row.warn(column, "type_unmapped", f"Type not mapped: {named[:120]}.")
    categories = [by_type, *(each.category for each in found)]
    interests = [each.interest for each in found]
    return [*filter(None, dict.fromkeys(categories))], [*filter(None, dict.fromkeys(interests))]
