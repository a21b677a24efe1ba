"""The gallery: every part in every state, for eyes, browsers and axe. Shown in demo mode only."""

from collections.abc import Callable
from math import ceil
from typing import Literal

from schemas.codes import OWN_NAMES
from services.chassis.languages import direction as direction_of

Page = Literal["staff", "family", "error"]
Direction = Literal["ltr", "rtl"]

TEMPLATE: dict[Page, str] = {
    "staff": "gallery.html",
    "family": "gallery_family.html",
    "error": "error.html",
}
KEY = "00000000-0000-4000-8000-000000000000"  # forms of the gallery act on nothing
PERSON_PHONE = "+15550100142"
PERSON_SHOWN = "(555) 010-0142"

# Specimens in two languages of families; the wording of real pages lives in catalogues.
CONSENT_HT: dict[str, object] = {
    "state": "",
    "headline": "Èske nou ka pale ak patnè sa yo?",
    "text": "Lekòl la jwenn kote ki ka ede pitit ou ak devwa. "
    "Nou bezwen pèmisyon w anvan nou pataje anyen.",
    "steps": ["Li", "Siyen", "Fini"],
    "pairs": [
        ("Ak kiyès", "Tide Pool Homework Club"),
        ("Ki sa nou pataje", "Non, klas, jan pou kontakte w, lè li lib"),
        ("Poukisa", "Pou yo ba li yon plas"),
        ("Jiska", "30 jen 2027. Ou ka retire l nenpòt lè."),
    ],
    "note": "Nou pa pataje lòt bagay: pa gen nòt, pa gen sante, pa gen enfòmasyon imigrasyon.",
    "sign": "Siyen ak non w",
    "question": "",
    "answers": ["Mwen dakò", "Non, mèsi"],
    "links": ["Sa a pa pou mwen", "Kiyès ki wè dosye a"],
    "says": "Pale ak yon moun:",
}
CONFIRMATION_AR: dict[str, object] = {
    "state": "تم القبول",
    "headline": "هناك مكان لطفلك",
    "text": "مساعدة في الواجبات المدرسية، مجانًا.",
    "steps": [],
    "pairs": [
        ("أين", ["Tide Pool Homework Club", "12 Quay Street"]),
        ("متى", ["الإثنين والأربعاء، من 3 إلى 5 مساءً", "أول يوم: الإثنين 30 نوفمبر"]),
    ],
    "note": "",
    "sign": "",
    "question": "هل يمكن لطفلك الحضور؟",
    "answers": ["نعم، سيأتي", "لا يمكن", "وقت آخر"],
    "links": ["أضف إلى التقويم", "من رأى السجل"],
    "says": "تحدث مع شخص:",
}


def longer(text: str) -> str:
    """The text, 40 % longer, as a translation may be."""
    return f"{text} {text[: ceil(len(text) * 0.4) - 1]}".rstrip()


def gallery(
    address: str, *, page: Page = "staff", direction: Direction = "ltr", is_longer: bool = False
) -> tuple[str, dict[str, object]]:
    """The template's name and its context.

    `address` is where the gallery itself is served; its links and forms lead back to it.
    """
    say = longer if is_longer else str
    makers: dict[Page, Callable[[str, Callable[[str], str], Direction], dict[str, object]]] = {
        "staff": _staff,
        "family": _family,
        "error": _error,
    }
    context = makers[page](address, say, direction)
    return TEMPLATE[page], {"address": address, "say": say, "key": KEY} | context


def _staff(address: str, say: Callable[[str], str], direction: Direction) -> dict[str, object]:
    """English words in either direction: parts are looked at, not read."""
    entries = ("Today", "Students", "Class review", "Reports")
    return {
        "lang": "en",
        "dir": direction,
        "home": address,
        "navigation": [
            {"text": say(text), "href": address, "current": text == "Today"} for text in entries
        ],
        "viewer": say("Case manager · Harbor Elementary"),
        "sign_out": {"action": address, "key": KEY},
        "notice": say("Demo with past files: dates are moved next to today."),
        "variants": [
            (text, f"{address}?page={page}&direction={way}&longer={more}")
            for text, page, way, more in (
                ("Left to right", "staff", "ltr", 0),
                ("Right to left", "staff", "rtl", 0),
                ("40 % longer", "staff", "ltr", 1),
                ("A family, Haitian Creole", "family", "ltr", 0),
                ("A family, Arabic", "family", "rtl", 0),
                ("An error", "error", "ltr", 0),
            )
        ],
    }


def _family(address: str, say: Callable[[str], str], direction: Direction) -> dict[str, object]:
    lang = "ht" if direction == "ltr" else "ar"
    page = CONSENT_HT if direction == "ltr" else CONFIRMATION_AR
    return {
        "lang": lang,
        "dir": direction,
        "page": page,
        "tongues": [
            {
                "text": text,
                "lang": tongue,
                "dir": direction_of(tongue),
                "href": address,
                "current": tongue == lang,
            }
            for tongue, text in OWN_NAMES.items()
        ],
        "person": _person(say(str(page["says"]))),
    }


def _error(address: str, say: Callable[[str], str], direction: Direction) -> dict[str, object]:
    return {
        "lang": "en",
        "dir": direction,
        "headline": say("This page is not here"),
        "sentence": say("The link may be old, or it belongs to somebody else."),
        "steps": [
            {"text": say("Go to what needs you today"), "href": address},
            {"text": say("Sign in as somebody else"), "href": address},
        ],
        "person": _person(say("Or talk to")),
        "reference": "4F7-2K",
    }


def _person(says: str) -> dict[str, object]:
    return {
        "says": says,
        "name": "Mx. Sample Rivers",
        "phone": PERSON_PHONE,
        "shown": PERSON_SHOWN,
    }
