"""Who cares for whom at the schools of a roster: pure, and nobody moves without a reason."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Manager:
    """A case manager to whom students can be given."""

    staff_id: str
    school_ids: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Placed:
    """The school that a student is at, or was at last, and the case manager so far."""

    school_id: str | None = None
    case_manager_id: str | None = None


def caseloads(
    placed: Mapping[str, Placed], managers: Mapping[str, Sequence[str]]
) -> dict[str, str]:
    """The case manager of each student of a school that has some; `managers` are by school.

    Whoever cares for the student's school goes on; the others go to who has fewest there.
    """
    given = {
        student: each.case_manager_id
        for student, each in placed.items()
        if each.case_manager_id and each.case_manager_id in managers.get(each.school_id or "", ())
    }
    counts = Counter((placed[student].school_id, manager) for student, manager in given.items())
    for student, each in placed.items():
        own, school = managers.get(each.school_id or "", ()), each.school_id
        if own and student not in given:
            given[student] = min(own, key=lambda manager: counts[school, manager])
            counts[school, given[student]] += 1
    return given
