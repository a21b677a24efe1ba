"""The words that families read, found in code and templates, against what the catalogues hold.

`python -m schemas.extract` writes a skeleton of missing entries to standard output; the contract
test wants none. Staff's pages may speak English only; what a family may see must be in all six.
"""

import ast
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Final

from babel.messages.extract import extract
from babel.messages.pofile import read_po

from schemas import codes

ROOT: Final = Path(__file__).parents[1]
CATALOGUES: Final = ROOT / "schemas" / "messages"
DOMAIN: Final = "wraparound"
CHASSIS: Final = ROOT / "services" / "chassis"
NOTIFICATIONS: Final = ROOT / "services" / "notifications"
STAFF_ONLY: Final = frozenset({"outbox.html"})
FAMILY_PARTS: Final = ("frame.html", "forms.html", "parts.html", "page.html", "error.html")
FAULT_WORDS: Final = frozenset({"REFUSAL", "TO_START", "AGAIN"})
REFUSALS: Final = (
    codes.LINK_UNKNOWN,
    codes.LINK_ENDED,
    codes.LINK_LOCKED,
    codes.STEP_UP_WRONG,
    codes.STEP_UP_NEEDED,
)


@cache
def family_words() -> frozenset[str]:
    """Every sentence and word that a family may read, in English."""
    return frozenset(
        {
            *_of_templates(),
            *_marked(NOTIFICATIONS.rglob("*.py")),
            *_of_errors(CHASSIS / "faults.py"),
            *codes.CATEGORY_WORDS.values(),
            *codes.CLASS_WORDS.values(),
            *codes.RECORD_WORDS.values(),
            codes.RESTRICTED_WORD,
            *(sentence for _, sentence in REFUSALS),
        }
    )


def missing(locale: str) -> frozenset[str]:
    """The words that one catalogue lacks; English is what the code is written in."""
    return family_words() - translated(locale).keys()


def translated(locale: str) -> dict[str, str]:
    """What a catalogue holds, without what is empty or marked as unsure."""
    path = CATALOGUES / locale / "LC_MESSAGES" / f"{DOMAIN}.po"
    with path.open("rb") as file:
        catalogue = read_po(file, locale=locale, domain=DOMAIN)
    return {
        str(message.id): str(message.string)
        for message in catalogue
        if message.id and message.string and not message.fuzzy
    }


def _of_templates() -> Iterator[str]:
    own = (NOTIFICATIONS / "templates").glob("*.html")
    shared = (CHASSIS / "templates" / name for name in FAMILY_PARTS)
    for path in (*(each for each in own if each.name not in STAFF_ONLY), *shared):
        options = {"newstyle_gettext": "true", "trimmed": "false", "silent": "false"}
        with path.open("rb") as file:
            for _, words, _, _ in extract("jinja2.ext:babel_extract", file, options=options):
                yield str(words)


def _marked(paths: Iterable[Path]) -> Iterator[str]:
    """What stands in `mark(...)`."""
    for path in sorted(paths):
        for call in _calls(path, "mark"):
            yield str(ast.literal_eval(call.args[0]))


def _of_errors(path: Path) -> Iterator[str]:
    """The headlines and sentences of error pages, which families may meet too."""
    for call in _calls(path, "Fault"):
        yield from (
            str(each.value)
            for each in call.args[2:]
            if isinstance(each, ast.Constant) and isinstance(each.value, str)
        )
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.Constant(value=str(words))):
                if name in FAULT_WORDS:
                    yield words


def _calls(path: Path, name: str) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
            yield node


def main() -> None:
    """Write what each catalogue lacks, as entries to be filled in."""
    for locale in codes.LOCALES[1:]:
        for words in sorted(missing(locale)):
            text = words.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
            sys.stdout.write(f'# {locale}\nmsgid "{text}"\nmsgstr ""\n\n')


if __name__ == "__main__":
    main()
