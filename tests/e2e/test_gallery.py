"""The gallery in a real browser: every part in every state, in every condition people meet."""

import threading
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import parse_qs

import pytest
import uvicorn
from playwright.async_api import Locator, Page, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from services.chassis.assets import Assets
from services.chassis.edge import SecureHeaders
from services.chassis.gallery import gallery
from services.chassis.rendering import templates
from tests.browser import OpenPage, axe_violations, error_summary, focused, overflow

pytestmark = pytest.mark.asyncio(loop_scope="session")

WRONG_FORM = """
{%- extends "staff.html" -%}
{%- from "forms.html" import button, error_summary, form, radio_field, text_field -%}
{% block title %}Need{% endblock %}
{% block main %}<h1>Write a need</h1>
{{ error_summary([("title", "Say it in a few words"), ("urgency", "Choose")]) }}
{% call form("/posted", "key-1") %}
{{ text_field("title", "Title", error="Say it in a few words") }}
{{ radio_field("urgency", "How soon", [("a", "Routine"), ("b", "Urgent")], error="Choose") }}
{{ button("Save") }}{% endcall %}{% endblock %}
"""
LIVE_PAGE = """
{%- extends "staff.html" -%}
{% block title %}Live{% endblock %}
{% block main %}<h1>Live</h1><p id="loaded" hx-get="/fragment" hx-trigger="load">waiting</p>
<p id="streamed" hx-sse:connect="/stream">waiting</p>{% endblock %}
"""
VARIANTS = [
    "page=staff",
    "page=staff&direction=rtl",
    "page=staff&longer=1",
    "page=family",
    "page=family&direction=rtl",
    "page=family&longer=1",
    "page=error",
]


def gallery_app(own: Path) -> ASGIApp:
    """The gallery and two pages more (written to the folder `own`), with the real headers."""
    (own / "wrong.html").write_text(WRONG_FORM, encoding="utf-8")
    (own / "live.html").write_text(LIVE_PAGE, encoding="utf-8")
    assets = Assets()
    pages = templates(own, (), assets=assets)

    def staff_page(name: str) -> Response:
        _, context = gallery("/gallery")
        return HTMLResponse(pages.text(name, "en", **context))

    async def show(request: Request) -> Response:
        asked = request.query_params
        template, context = gallery(
            "/gallery",
            page=asked.get("page", "staff"),  # type: ignore[arg-type]  # one of VARIANTS
            direction=asked.get("direction", "ltr"),  # type: ignore[arg-type]
            is_longer=asked.get("longer") == "1",
        )
        return HTMLResponse(pages.text(template, "en", **context))

    async def posted(request: Request) -> Response:
        key = parse_qs((await request.body()).decode())["key"][0]
        return RedirectResponse(f"/gallery?posted={key}", 303)

    async def events() -> AsyncIterator[str]:
        yield "data: <b>streamed</b>\n\n"

    app = Starlette(
        routes=[
            Route("/gallery", show),
            Route("/gallery", posted, methods=["POST"]),
            Route("/posted", posted, methods=["POST"]),
            Route("/wrong", lambda _: staff_page("wrong.html")),
            Route("/live", lambda _: staff_page("live.html")),
            Route("/fragment", lambda _: HTMLResponse("<b>loaded</b>")),
            Route("/stream", lambda _: StreamingResponse(events(), media_type="text/event-stream")),
            Mount("/static", assets),
        ]
    )
    return SecureHeaders(app)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The gallery served on a free loopback port, in a thread of its own."""
    app = gallery_app(tmp_path_factory.mktemp("pages"))
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", ws="none")
    server = uvicorn.Server(config)
    listening = config.bind_socket()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started:
        assert time.monotonic() < deadline, "the gallery did not start"
        threading.Event().wait(0.01)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)
    listening.close()


@pytest.mark.parametrize("variant", VARIANTS)
async def test_axe_finds_nothing(page: Page, address: str, variant: str) -> None:
    await page.goto(f"{address}/gallery?{variant}")

    assert await axe_violations(page) == []


@pytest.mark.parametrize("variant", ["page=staff", "page=family"])
async def test_axe_finds_nothing_in_the_dark(
    open_page: OpenPage, address: str, variant: str
) -> None:
    page = await open_page(color_scheme="dark")
    await page.goto(f"{address}/gallery?{variant}")

    assert await page.evaluate("getComputedStyle(document.documentElement).color") == (
        "rgb(240, 240, 240)"
    )
    assert await axe_violations(page) == []


async def test_forced_colours_keep_every_border_and_the_current_page(
    open_page: OpenPage, address: str
) -> None:
    page = await open_page(forced_colors="active")
    await page.goto(f"{address}/gallery")

    current, other = (page.locator("header nav a").nth(n) for n in (0, 1))
    assert await border_below(current) == "3px"
    assert await border_below(other) == "0px"
    assert await border_below(page.locator(".tag").first) == "1px"
    assert await axe_violations(page) == []


async def border_below(locator: Locator) -> str:
    script = "e => getComputedStyle(e).borderBlockEndWidth"
    return str(await locator.evaluate(script))


@pytest.mark.parametrize("variant", VARIANTS)
async def test_320_pixels_are_wide_enough(open_page: OpenPage, address: str, variant: str) -> None:
    page = await open_page(width=320, height=640, is_touch=True)
    await page.goto(f"{address}/gallery?{variant}")

    assert await overflow(page) == 0


async def test_axe_finds_nothing_on_a_phone(phone: Page, address: str) -> None:
    await phone.goto(f"{address}/gallery")

    assert await axe_violations(phone) == []


@pytest.mark.parametrize("variant", ["page=staff", "page=family", "page=error"])
async def test_whatever_is_pressed_on_a_phone_is_44_pixels_high(
    phone: Page, address: str, variant: str
) -> None:
    await phone.goto(f"{address}/gallery?{variant}")

    low = await phone.evaluate(
        """() => [...document.querySelectorAll(
            '.button, summary, nav a, .choice, select, textarea, .field > input')]
            .filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 44)
            .map(e => e.outerHTML.slice(0, 80))"""
    )
    assert low == []


@pytest.mark.parametrize("variant", ["page=staff", "page=staff&direction=rtl", "page=family"])
async def test_the_keyboard_reaches_everything_and_the_focus_is_seen(
    page: Page, address: str, variant: str
) -> None:
    await page.goto(f"{address}/gallery?{variant}")
    reachable = await page.evaluate(
        """() => [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
            .filter(e => e.type != 'hidden' && e.checkVisibility()).length"""
    )

    seen = []
    await page.keyboard.press("Tab")
    while (now := await focused(page))["tag"] != "body":
        seen.append(now)
        await page.keyboard.press("Tab")

    assert seen[0]["text"] == "Skip to content"
    assert len(seen) >= reachable - 1  # two radios are one stop
    assert [one for one in seen if one["outline"] == "none" or one["width"] in {"0px", "1px"}] == []


async def test_the_skip_link_leads_to_the_content(page: Page, address: str) -> None:
    await page.goto(f"{address}/gallery")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")

    await expect(page.locator("#main")).to_be_focused()


@pytest.mark.parametrize("javascript", [True, False])
async def test_the_error_summary_has_the_focus_and_leads_to_the_field(
    open_page: OpenPage, address: str, *, javascript: bool
) -> None:
    page = await open_page(javascript=javascript)
    await page.goto(f"{address}/wrong")

    await expect(error_summary(page)).to_be_focused()
    await expect(error_summary(page)).to_contain_text("There is a problem")
    await page.get_by_role("link", name="Choose", exact=True).click()
    await expect(page.locator("#urgency")).to_be_focused()


async def test_a_question_opens_and_acts_without_javascript(
    open_page: OpenPage, address: str
) -> None:
    page = await open_page(javascript=False)
    await page.goto(f"{address}/gallery")
    yes = page.get_by_role("button", name="Yes, take it back")

    assert not await yes.is_visible()
    await page.get_by_text("Take the offer back", exact=True).press("Enter")
    await yes.click()

    assert "posted=00000000-0000-4000-8000-000000000000" in page.url


async def test_languages_open_without_javascript(open_page: OpenPage, address: str) -> None:
    page = await open_page(javascript=False, width=390, height=844)
    await page.goto(f"{address}/gallery?page=family")
    arabic = page.get_by_role("link", name="العربية")

    assert not await arabic.is_visible()
    await page.get_by_text("Kreyòl ayisyen").first.click()
    assert await arabic.is_visible()


async def test_right_to_left_starts_at_the_right(page: Page, address: str) -> None:
    await page.goto(f"{address}/gallery?direction=rtl")

    tag, act = page.locator(".rows .tag").first, page.locator(".rows .button").first
    tag_box, act_box = await tag.bounding_box(), await act.bounding_box()
    assert tag_box is not None
    assert act_box is not None
    assert tag_box["x"] > act_box["x"]


async def test_htmx_and_its_stream_run_under_the_content_security_policy(
    page: Page, address: str
) -> None:
    await page.goto(f"{address}/live")

    await page.locator("#loaded b").wait_for(timeout=5_000)
    await page.locator("#streamed b").wait_for(timeout=5_000)


async def test_print_leaves_out_what_cannot_be_pressed_on_paper(page: Page, address: str) -> None:
    await page.goto(f"{address}/gallery")
    await page.emulate_media(media="print", color_scheme="dark")

    for gone in ("header nav", ".button", ".news", ".pager"):
        assert not await page.locator(gone).first.is_visible(), gone
    ink = await page.evaluate("getComputedStyle(document.documentElement).color")
    assert ink == "rgb(27, 27, 27)"
