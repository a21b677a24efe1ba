"""The parts of pages: what they promise in HTML, before any browser."""

import hashlib
import re
from collections.abc import Callable
from gettext import NullTranslations
from pathlib import Path

import pytest
from jinja2 import UndefinedError
from markupsafe import Markup

from services.chassis.assets import FOLDER as STATIC
from services.chassis.assets import Assets
from services.chassis.gallery import Direction, Page, gallery, longer
from services.chassis.languages import Wording
from services.chassis.rendering import FOLDER as TEMPLATES
from services.chassis.rendering import Templates
from tests.component.chassis.test_page_checks import HEADERS
from tests.pages import check_page

SERVICES = TEMPLATES.parent.parent
HOMES = ("parts.html", "forms.html", "frame.html")
Shown = Callable[..., str]
# A skeleton of a service's own, and mail, whose readers know no stylesheet.
OWN_LOOK = {"link.html", "mail.html"}
OWN_CLASSES = {"parts.html", "forms.html", "frame.html", "staff.html", "family.html", "plain.html"}


class Marked(NullTranslations):
    """A language in which every translated word is marked."""

    def gettext(self, message: str) -> str:
        return f"«{message}»"


class MarkedWording(Wording):
    def of(self, locale: str) -> NullTranslations:
        return Marked()


def templates(*folders: Path, wording: Wording | None = None) -> Templates:
    return Templates((*folders, TEMPLATES), wording or Wording(()), Assets())


@pytest.fixture
def shown(tmp_path: Path) -> Shown:
    """One call of a part, as HTML on one line."""

    def show(part: str, **context: object) -> str:
        macro = re.findall(r"(\w+)\(", part)[0]
        home = next(each for each in HOMES if f"macro {macro}(" in source(each))
        is_call = part.startswith("call")
        body = f"{{% {part} %}}body{{% endcall %}}" if is_call else f"{{{{ {part} }}}}"
        text = f'{{% from "{home}" import {macro} %}}{body}'
        (tmp_path / "part.html").write_text(text, encoding="utf-8")
        return re.sub(r"\s*\n\s*", "", templates(tmp_path).text("part.html", "en", **context))

    return show


def source(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("is_longer", [False, True])
@pytest.mark.parametrize("direction", ["ltr", "rtl"])
@pytest.mark.parametrize("page", ["staff", "family", "error"])
def test_every_page_of_the_gallery_keeps_the_rules(
    *, page: Page, direction: Direction, is_longer: bool
) -> None:
    template, context = gallery(
        "/plans/gallery", page=page, direction=direction, is_longer=is_longer
    )

    html = templates().text(template, "en", **context)

    assert check_page(html, HEADERS) == []
    assert f'dir="{direction}"' in html


def test_the_gallery_shows_every_part() -> None:
    pages = "".join(source(name) for name in ("gallery.html", "gallery_family.html", "error.html"))
    frames = pages + "".join(source(name) for name in ("staff.html", "family.html"))

    for name in HOMES:
        for macro in re.findall(r"macro ([a-z]\w*)\(", source(name)):
            inside = name == "frame.html" and f"{macro}(" in source("frame.html")
            assert re.search(rf"\b{macro}\(", frames) or inside, macro


def test_longer_words_are_two_fifths_longer() -> None:
    assert len(longer("Send, and ask the family")) == pytest.approx(24 * 1.4, abs=1)


def test_generic_words_are_translated() -> None:
    template, context = gallery("/plans/gallery")

    html = templates(wording=MarkedWording(())).text(template, "en", **context)

    for word in (
        "Skip to content",
        "There is a problem",
        "Error:",
        "optional",
        "Fits:",
        "Sign out",
    ):
        assert f"«{word}»" in html
        assert not re.search(rf"[^«]{word}", html)


def test_what_people_wrote_stays_text(shown: Shown) -> None:
    html = shown("call row(about, what, why=what)", about="<b>A</b>", what="<script>1</script>")

    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_a_missing_variable_is_an_error(shown: Shown) -> None:
    with pytest.raises(UndefinedError):
        shown("tag(nothing_of_this_name)")


def test_a_reason_is_heard_as_well_as_seen(shown: Shown) -> None:
    html = shown('reasons([{"verdict": "unknown", "text": "Languages not given"}])')

    assert '<b aria-hidden="true">?</b>' in html
    assert '<span class="hidden">Not known: </span>Languages not given' in html


def test_a_moment_says_the_exact_time_too(shown: Shown) -> None:
    html = shown('moment("today 8:12 am", "2026-11-24T08:12:00-05:00", "Tuesday, 8:12 am EST")')

    assert (
        'datetime="2026-11-24T08:12:00-05:00" title="Tuesday, 8:12 am EST">today 8:12 am<' in html
    )


@pytest.mark.parametrize(
    "kind", ["text_field", "area_field", "date_field", "select_field", "radio_field", "check_field"]
)
def test_a_wrong_field_is_tied_to_its_hint_and_error(shown: Shown, kind: str) -> None:
    options = ', [("a", "A"), ("b", "B")]' if kind in CHOOSING else ""

    html = shown(f'{kind}("day", "Day"{options}, hint="A school day", error="Choose a day")')

    assert 'aria-describedby="day-hint day-error"' in html
    assert 'aria-invalid="true"' in html
    assert 'id="day-hint">A school day' in html
    assert 'id="day-error"><span class="hidden">Error: </span>Choose a day' in html


CHOOSING = {"select_field", "radio_field", "check_field"}


def test_a_field_keeps_what_was_written(shown: Shown) -> None:
    assert 'value="&#34;9&#34;"' in shown("text_field('n', 'N', value='\"9\"')")
    assert ">&lt;9&gt;</textarea>" in shown("area_field('n', 'N', value='<9>')")
    assert '<option value="b" selected>' in shown(
        "select_field('n', 'N', [('a', 'A'), ('b', 'B')], value='b')"
    )
    assert (
        shown("check_field('n', 'N', [('a', 'A'), ('b', 'B')], values=['b'])").count("checked") == 1
    )


def test_the_first_choice_bears_the_name_the_error_summary_leads_to(shown: Shown) -> None:
    html = shown("radio_field('how', 'How', [('a', 'A'), ('b', 'B')])")

    assert re.findall(r'<input id="([^"]+)"', html) == ["how", "how-2"]


def test_an_error_summary_takes_the_focus_and_leads_to_the_fields(shown: Shown) -> None:
    html = shown('error_summary([("day", "Choose a day")])')

    assert 'tabindex="-1"' in html
    assert "autofocus" in html
    assert '<a href="#day">Choose a day</a>' in html


def test_no_errors_no_summary(shown: Shown) -> None:
    assert shown("error_summary([])") == ""


@pytest.mark.parametrize(
    "part",
    [
        'call form("/needs", "key-1")',
        'confirm("End", "End it?", "It ends.", "/needs", "key-1", "Yes")',
        'top_bar("/", [], "Case manager", {"action": "/needs", "key": "key-1"})',
    ],
)
def test_whatever_posts_carries_its_idempotency_key(shown: Shown, part: str) -> None:
    html = shown(part)

    assert re.search(r'<form[^>]* action="/needs" method="post"', html)
    assert '<input type="hidden" name="key" value="key-1">' in html


def test_form_attributes_are_escaped(shown: Shown) -> None:
    html = shown("call form('/needs', 'k', {'hx-target': '\"><script>'})")

    assert 'hx-target="&#34;&gt;&lt;script&gt;"' in html


def test_the_pager_shows_only_the_ways_that_exist(shown: Shown) -> None:
    html = shown("pager('1–50 of 312', next='?page=2')")

    assert 'rel="next"' in html
    assert 'rel="prev"' not in html


def test_markup_made_by_parts_may_stand_in_parts(shown: Shown) -> None:
    html = shown("definitions([('When', [first, 'Wed 3 pm'])])", first=Markup("<b>Mon</b>"))

    assert "<dd><bdi><b>Mon</b></bdi></dd><dd><bdi>Wed 3 pm</bdi></dd>" in html


def test_family_pages_need_no_script_and_name_a_person() -> None:
    template, context = gallery("/plans/gallery", page="family")

    html = templates().text(template, "en", **context)

    assert "<script" not in html
    assert 'href="tel:+15550100142"' in html


def test_a_family_page_without_a_person_cannot_be_made() -> None:
    template, context = gallery("/plans/gallery", page="family")
    del context["person"]

    with pytest.raises(UndefinedError):
        templates().text(template, "en", **context)


def test_vendored_files_are_those_that_were_checked() -> None:
    folder = STATIC / "htmx"

    for line in (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        digest, name = line.split()
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name


def test_the_stylesheet_stays_small() -> None:
    assert (STATIC / "wraparound.css").stat().st_size <= 12 * 1024


def test_the_stylesheet_names_no_side() -> None:
    text = re.sub(
        r"/\*.*?\*/|@media[^{]*", "", (STATIC / "wraparound.css").read_text("utf-8"), flags=re.S
    )
    declarations = re.findall(r"([\w-]+)\s*:\s*([^;{}]+)[;}]", text)

    sided = [
        f"{name}: {value}"
        for name, value in declarations
        if re.search(r"(^|-)(left|right|top|bottom)(-|$)|^(min-|max-)?(width|height)$", name)
        or re.search(r"\b(left|right)\b", value)
    ]
    assert len(declarations) > 200
    assert sided == []


def test_every_class_of_the_parts_is_in_the_stylesheet_and_the_other_way_round() -> None:
    html = "".join(source(name) for name in OWN_CLASSES)
    used = {name for value in re.findall(r'class="([^"]*)"', html) for name in plain_names(value)}
    used |= {
        "good",
        "wait",
        "stop",
        "yes",
        "no",
        "ask",
        "second",
        "plain",
        "slim",
        "wrong",
        "button",
    }
    styled = set(re.findall(r"\.([a-z][\w-]*)", re.sub(r"/\*.*?\*/", "", css(), flags=re.S)))

    assert used - styled <= {"yes", "field", "person"}
    assert styled - used - {"htmx-added", "field"} == set()


def css() -> str:
    text = (STATIC / "wraparound.css").read_text(encoding="utf-8")
    return "\n".join(re.findall(r"(?:^|[}{;])\s*([^{};@]+)\{", text))


def plain_names(value: str) -> list[str]:
    return re.findall(r"[a-z][\w-]*", re.sub(r"\{[{%].*?[%}]\}", " ", value))


def test_pages_use_parts_and_never_a_class_of_their_own() -> None:
    pages = [
        p for p in SERVICES.glob("*/templates/**/*.html") if p.name not in OWN_CLASSES | OWN_LOOK
    ]

    assert pages
    assert [p.name for p in pages if re.search(r"\b(class|style)=", p.read_text("utf-8"))] == []
