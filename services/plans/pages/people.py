"""Students and contacts in words."""

from typing import Any

from schemas.envelope import Erased
from services.plans.domain.students import Contact, Student, chosen
from services.plans.pages.speech import Speech


def named(student: Student, speech: Speech) -> str:
    """A student's name, or that it is no longer kept."""
    facts = student.facts
    return speech.say("A student who was erased") if isinstance(facts, Erased) else facts.name


def described(student: Student, speech: Speech) -> str:
    """Grade and language."""
    parts = (speech.grade(student.grade), speech.language(student.language))
    return " · ".join(each for each in parts if each)


def contacts(student: Student, speech: Speech) -> list[dict[str, Any]]:
    """The student's contacts: who they are, how to reach them, what must not be done."""
    first = chosen(student)
    return [
        _contact(each, speech, is_first=each == first)
        for each in student.contacts
        if not isinstance(each.facts, Erased)
    ]


def _contact(contact: Contact, speech: Speech, *, is_first: bool) -> dict[str, Any]:
    facts = contact.facts
    assert not isinstance(facts, Erased)  # noqa: S101 - left out above
    says = (facts.relation, speech.language(facts.language))
    return {
        "name": facts.name,
        "says": " · ".join(each for each in says if each),
        "phone": next((each.value for each in facts.channels if each.kind == "phone"), ""),
        "is_first": is_first,
        "limit": _limit(contact, speech),
    }


def _limit(contact: Contact, speech: Speech) -> str:
    if contact.is_barred:
        return speech.say("custody limit: nothing goes to them")
    if "no-pickup" in contact.restrictions:
        return speech.say("custody limit: may not pick up")
    return ""
