"""Whose story a visitor of the demo may try, for the start page."""

from deploy.local.town.town import Story, Town
from services.plans.roster.records import StaffRole


def hint(made: Town) -> str:
    """Two of the town's stories: which child, with which case manager, in which language."""
    haitian, arabic = (_cast_of(made, story) for story in made.stories[:2])
    return (
        f"Try {haitian} (Haitian Creole), or {arabic} (Arabic): write a need, "
        "send it, and the message to the family appears here."
    )


def _cast_of(made: Town, story: Story) -> str:
    child = next(s for s in made.roster.students if s.source_id == story.student_source_id)
    manager_id = next(
        each.staff_source_id
        for each in made.assignments
        if each.student_source_id == child.source_id and each.role is StaffRole.CASE_MANAGER
    )
    manager = next(each for each in made.staff if each.source_id == manager_id)
    return f"{child.first_name} {child.surname} with {manager.first_name} {manager.surname}"
