"""The words of every message, in English; the catalogues hold the other languages.

Nothing here names a partner, a category or a surname: what goes through a text or a mail may be
read by anybody who picks up the phone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from schemas.codes import Template


def mark(words: str) -> str:
    """Words that are looked up in the catalogues later; `schemas/extract.py` finds them here."""
    return words


@dataclass(frozen=True, kw_only=True)
class Words:
    """How one message reads; what stands in `%(...)s` is filled in."""

    subject: str
    lines: tuple[str, ...]  # of a mail, each a paragraph
    text: str = ""  # of a text message; empty: never sent as one
    act: str = ""  # what the link's button says; empty: no link


HELLO: Final = mark("Hello %(name)s,")  # to a partner; a family's name stands in no message
HELLO_FAMILY: Final = mark("Hello,")
CALL: Final = mark("Questions? Call %(staff)s: %(phone)s.")
CALL_NAMELESS: Final = mark("Questions? Call %(phone)s.")
NEVER: Final = mark("We never ask you for money, papers or a Social Security number.")
SCHOOL: Final = mark("Your school")
YOUR_CHILD: Final = mark("your child")

WORDS: Final[Mapping[Template, Words]] = {
    "consent-needed": Words(
        subject=mark("%(school)s asks for your permission"),
        text=mark(
            "%(school)s: we need your permission to help %(child)s. %(link)s %(staff)s %(phone)s"
        ),
        lines=(
            mark(
                "We found help that fits %(child)s. "
                "We share nothing that names you or your child before you say yes."
            ),
            mark("Please read who would get what, and why. Then say yes or no."),
        ),
        act=mark("Read and answer"),
    ),
    "place-kept": Words(
        subject=mark("%(school)s: a place is kept for %(child)s"),
        text=mark(
            "%(school)s: a place for %(child)s is kept until %(day)s. Sign: "
            "%(link)s %(staff)s %(phone)s"
        ),
        lines=(
            mark("There is a place for %(child)s. It is kept until %(day)s."),
            mark("We need your signature before we may tell them who you are."),
        ),
        act=mark("Read and answer"),
    ),
    "place-lost": Words(
        subject=mark("%(school)s: the place could not be kept"),
        text=mark(
            "%(school)s: the place for %(child)s could not be kept. "
            "Call us if you still want help. %(staff)s %(phone)s"
        ),
        lines=(
            mark("The place for %(child)s could not be kept without your signature."),
            mark(
                "Nothing that names you or your child was shared. Call us if you still want help."
            ),
        ),
    ),
    "consent-signed": Words(
        subject=mark("%(school)s: your copy of what you signed"),
        text=mark("%(school)s: thank you. Your copy: %(link)s %(staff)s %(phone)s"),
        lines=(
            mark("Thank you. You gave us your permission to ask for help for %(child)s."),
            mark("You can read it again, and take it back at any time."),
        ),
        act=mark("See what you signed"),
    ),
    "accepted": Words(
        subject=mark("%(school)s: there is a place for %(child)s"),
        text=mark(
            "%(school)s: there is a place for %(child)s. Where and when: "
            "%(link)s %(staff)s %(phone)s"
        ),
        lines=(
            mark("Good news: there is a place for %(child)s."),
            mark("Please look where and when, and tell us if it suits you."),
        ),
        act=mark("See where and when"),
    ),
    "step-up-code": Words(
        subject=mark("%(school)s: your code is %(code)s"),
        text=mark("%(school)s: your code is %(code)s. Please tell it to nobody."),
        lines=(
            mark("Your code is %(code)s. It is good for 15 minutes."),
            mark("Please tell it to nobody. If you did not ask for it, do nothing."),
        ),
    ),
    "offer": Words(
        subject=mark("New request %(reference)s: please answer by %(day)s"),
        lines=(
            mark("The schools ask whether you have a place for a student."),
            mark("You see what is needed, without a name, and answer with one press."),
        ),
        act=mark("See the request"),
    ),
    "offer-recalled": Words(
        subject=mark("Request %(reference)s was taken back"),
        lines=(mark("You need not do anything more. Please do not contact the family about it."),),
        act=mark("See your requests"),
    ),
    "packet-ready": Words(
        subject=mark("Request %(reference)s: you may call the family"),
        lines=(mark("The family has signed. You can now see whom to call, and when."),),
        act=mark("See whom to call"),
    ),
    "family-answered": Words(
        subject=mark("Request %(reference)s: the family has answered"),
        lines=(mark("Please see what the family says about the first visit."),),
        act=mark("See the answer"),
    ),
}
STANDING_NEEDED: Final = Words(
    subject=mark("%(school)s asks for your permission"),
    text=mark(
        "%(school)s: may we ask for help for %(child)s without asking you each time? "
        "%(link)s %(staff)s %(phone)s"
    ),
    lines=(
        mark("When %(child)s needs help, we would like to ask a partner without asking you first."),
        mark("Please read who would get what, and why. Then say yes or no."),
    ),
    act=mark("Read and answer"),
)
HELP_ASKED: Final = Words(
    subject=mark("%(school)s: help is asked for"),
    text=mark(
        "%(school)s: %(staff)s asked for help for %(child)s. You need not sign. %(link)s %(phone)s"
    ),
    lines=(
        mark("%(staff)s asked a partner for help for %(child)s, as you allowed."),
        mark("You need not sign anything. We write again as soon as there is a place."),
    ),
    act=mark("See what you allowed"),
)


PLACE_GONE: Final = Words(
    subject=mark("%(school)s: the place is not free any more"),
    text=mark(
        "%(school)s: the place for %(child)s is not free any more. Please do not go there. "
        "Call us if you still want help. %(staff)s %(phone)s"
    ),
    lines=(
        mark("The place for %(child)s that we told you about is not free any more."),
        mark("Please do not go there. Call us if you still want help."),
    ),
)


# Who did not give the permission is told what is done, and sees nothing that another signed.
HELP_ASKED_FOR_OTHERS: Final = replace(HELP_ASKED, lines=HELP_ASKED.lines[1:], act="")


def words_to_family(template: Template, *, is_standing: bool, is_signer: bool = True) -> Words:
    """How a family reads a template; what a partner reads of an offer is not for it."""
    if template == "offer-recalled":
        return PLACE_GONE
    if template == "offer":
        return HELP_ASKED if is_signer else HELP_ASKED_FOR_OTHERS
    if template == "consent-needed" and is_standing:
        return STANDING_NEEDED
    return WORDS[template]
