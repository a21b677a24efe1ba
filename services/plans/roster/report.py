"""What an import would do, before it does anything: counts, lists, refusals."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from services.chassis.findings import FilesRead
from services.plans.roster.records import Enrolled, Guardianship, Notify, Roster
from services.plans.roster.sessions import Moved


@dataclass(frozen=True, kw_only=True)
class RosterCounts:
    """Counts of an import, and source ids of the students somebody must look at.

    `usable`: with a school, and a guardian told the news whom a text or e-mail reaches.
    """

    students: int = 0
    usable: int = 0
    no_school: tuple[str, ...] = ()
    not_reachable: tuple[str, ...] = ()
    no_guardian: tuple[str, ...] = ()
    acting_parent: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RosterImport(FilesRead):
    """A roster read; without a roster it is refused, and the sentences say why."""

    roster: Roster | None
    moved: Moved = field(default_factory=Moved)
    counts: RosterCounts = field(default_factory=RosterCounts)

    @property
    def dropped(self) -> Mapping[str, int]:
        """Items never kept, by code, over all files."""
        total: dict[str, int] = defaultdict(int)
        for each in self.files:
            for code, count in each.dropped.items():
                total[code] += count
        return dict(sorted(total.items()))


def count(roster: Roster) -> RosterCounts:
    """Count who can be served, and list who cannot yet."""
    reachable = {each.source_id for each in roster.contacts if each.reachable}
    guarded: set[str] = set()
    reached: set[str] = set()
    asked: set[str] = set()
    for each in roster.student_contacts:
        if each.is_guardian is Guardianship.YES:
            guarded.add(each.student_source_id)
            if each.notify is Notify.NEWS and each.contact_source_id in reachable:
                reached.add(each.student_source_id)
        elif each.is_guardian is Guardianship.ASK:
            asked.add(each.student_source_id)
    students = [each.source_id for each in roster.students]
    schoolless = {each.source_id for each in roster.students if each.enrolled is Enrolled.NO_SCHOOL}
    return RosterCounts(
        students=len(students),
        usable=sum(each in reached and each not in schoolless for each in students),
        no_school=tuple(each for each in students if each in schoolless),
        not_reachable=tuple(each for each in students if each not in reached),
        no_guardian=tuple(each for each in students if each not in guarded),
        acting_parent=tuple(each for each in students if each in asked),
    )
