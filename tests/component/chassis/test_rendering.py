from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import APIRouter, Request
from jinja2 import UndefinedError
from starlette.responses import Response

from services.chassis.assets import Assets
from services.chassis.rendering import Templates, templates
from tests.component.chassis.sites import a_site, browsing

PAGE = """{% extends "page.html" %}
{% from "parts.html" import tag %}
{% block title %}{{ _("Toys") }}{% endblock %}
{% block body %}<body><main><h1>{{ _("Toys") }}</h1>
{% block list %}<p id="list">{{ tag(name) }}{{ at | moment("UTC") if at is defined }}</p>
{% endblock %}</main></body>{% endblock %}
"""
PO = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "{english}"
msgstr "{words}"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "toys.html").write_text(PAGE)
    words = {"pt": ("Toys", "Brinquedos"), "es": ("Toys", "Juguetes"), "kea": ("Other", "Otu")}
    for locale, (english, said) in words.items():
        catalogue = tmp_path / "messages" / locale / "LC_MESSAGES"
        catalogue.mkdir(parents=True)
        (catalogue / "wraparound.po").write_text(PO.format(english=english, words=said))
    return tmp_path


def pages(templates: Templates) -> tuple[APIRouter, ...]:
    router = APIRouter()

    @router.get("/toys/{toy}")
    async def show(request: Request, toy: str, known: str | None = None) -> Response:
        return templates.page(request, "toys.html", name=toy, locale=known)

    @router.get("/toys/{toy}/list")
    async def rows(request: Request, toy: str) -> Response:
        return templates.fragment(request, "toys.html", "list", name=toy)

    @router.get("/toys/{toy}/staff")
    async def to_staff(request: Request, toy: str) -> Response:
        return templates.speaking("pt", "es").page(request, "toys.html", name=toy)

    return (router,)


async def get(folder: Path, address: str, **headers: str) -> httpx2.Response:
    app = a_site(folder=folder, catalogues=(folder / "messages",), made=pages)
    async with browsing(app) as browser:
        return await browser.get(address, headers=headers)


async def test_what_people_typed_is_escaped(folder: Path) -> None:
    page = (await get(folder, "/toys/%3Cscript%3E")).text
    assert "&lt;script&gt;" in page
    assert "<script>" not in page


async def test_the_reader_s_own_choice_goes_before_what_is_known_of_the_reader(
    folder: Path,
) -> None:
    asked = {"accept-language": "es"}
    assert "Juguetes" in (await get(folder, "/toys/a", **asked)).text
    assert "Brinquedos" in (await get(folder, "/toys/a?known=pt", **asked)).text
    assert "Juguetes" in (await get(folder, "/toys/a?known=pt&language=es")).text
    cookie = {"cookie": "language=es"}
    assert "Juguetes" in (await get(folder, "/toys/a?known=pt", **cookie)).text


async def test_a_choice_is_kept_for_its_part_of_the_site_only(folder: Path) -> None:
    response = await get(folder, "/toys/a?language=es")
    assert "language=es" in response.headers["set-cookie"]
    assert "Path=/toys" in response.headers["set-cookie"]
    assert "set-cookie" not in (await get(folder, "/toys/a?language=xx")).headers


async def test_kabuverdianu_falls_back_on_portuguese_and_others_on_english(folder: Path) -> None:
    assert "Brinquedos" in (await get(folder, "/toys/a?language=kea")).text
    assert "<h1>Toys</h1>" in (await get(folder, "/toys/a?language=ht")).text


async def test_a_page_that_is_not_worded_in_a_language_is_never_given_in_it(folder: Path) -> None:
    for asked in ({"accept-language": "ar, en"}, {"cookie": "language=ar"}):
        page = (await get(folder, "/toys/a/staff", **asked)).text
        assert '<html lang="pt" dir="ltr">' in page  # the first of those it has
        assert "Brinquedos" in page
    chosen = await get(folder, "/toys/a/staff?language=ar")
    assert '<html lang="pt"' in chosen.text
    assert "set-cookie" not in chosen.headers
    assert "Juguetes" in (await get(folder, "/toys/a/staff?language=es")).text


async def test_arabic_pages_run_from_the_right(folder: Path) -> None:
    assert '<html lang="ar" dir="rtl">' in (await get(folder, "/toys/a?language=ar")).text


async def test_a_fragment_is_the_block_of_its_page_and_nothing_else(folder: Path) -> None:
    whole = (await get(folder, "/toys/bear")).text
    part = (await get(folder, "/toys/bear/list")).text
    assert part.startswith('<p id="list">')
    assert "bear" in part
    assert part.strip() in whole


def test_what_is_not_given_is_not_passed_over(folder: Path) -> None:
    made = templates(folder, (), assets=Assets())
    with pytest.raises(UndefinedError):
        made.text("toys.html", "en")


def test_a_static_file_that_is_not_there_is_loud(folder: Path) -> None:
    (folder / "lost.html").write_text("{{ static('lost.css') }}")
    with pytest.raises(LookupError):
        templates(folder, (), assets=Assets()).text("lost.html", "en")


def test_dates_are_said_in_the_language_of_the_page(folder: Path) -> None:
    made = templates(folder, (), assets=Assets())
    context: dict[str, Any] = {"name": "a", "at": datetime(2026, 8, 3, 20, 5, tzinfo=UTC)}
    assert "lendi 3 out, 8:05" in made.text("toys.html", "ht", **context)
