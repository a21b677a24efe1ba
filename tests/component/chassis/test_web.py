import io
import json
from collections.abc import Iterator
from typing import Annotated
from uuid import UUID

import httpx2
import pytest
import structlog
from fastapi import APIRouter, Form
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from starlette.exceptions import HTTPException
from starlette.requests import Request

from services.chassis import logs
from services.chassis.edge import SECURITY_HEADERS
from services.chassis.faults import SignInNeeded
from services.chassis.kernel import Outage, Refused, TooBusy
from services.chassis.probes import Probes
from services.chassis.telemetry import Telemetry
from tests.component.chassis.sites import LIKE_A_BROWSER, US, a_site, browsing
from tests.endings import Ended
from tests.pages import check_page

MARK = "Maria Marked"
FAILURES = {
    "unknown": Refused("toy_unknown", "There is no such toy."),
    "closed": Refused("toy_closed", "This toy is taken."),
    "outage": Outage(),
    "busy": TooBusy(),
    "forbidden": HTTPException(403),
    "teapot": HTTPException(418),
    "bug": RuntimeError(MARK),
    "memory": MemoryError(),
}


def toys() -> APIRouter:
    router = APIRouter()

    @router.get("/toys/fails/{how}")
    @router.post("/toys/fails/{how}")
    async def fails(how: str) -> None:
        raise FAILURES[how]

    @router.get("/toys/private")
    @router.post("/toys/private")
    async def private() -> None:
        raise SignInNeeded

    @router.get("/toys/sign-in", name="sign_in")
    async def sign_in() -> str:
        return "sign in"

    @router.post("/toys")
    async def make(key: Annotated[UUID, Form()]) -> str:
        return str(key)

    @router.post("/hooks/sms")
    async def hook() -> str:
        return "heard"

    return router


@pytest.fixture(autouse=True)
def out() -> Iterator[io.BytesIO]:
    stream = io.BytesIO()
    logs.configure("toys", out=stream)
    yield stream
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def assert_good_page(response: httpx2.Response) -> None:
    assert check_page(response.text, response.headers, origin=US) == []


@pytest.mark.parametrize(
    ("how", "status", "said"),
    [
        ("unknown", 404, "There is no such toy."),
        ("closed", 409, "This toy is taken."),
        ("outage", 503, "A part of the system is away."),
        ("busy", 503, "A part of the system is away."),
        ("forbidden", 403, "You cannot open this"),
        ("teapot", 418, "Nothing was changed."),
        ("bug", 500, "It is our mistake"),
    ],
)
async def test_every_failure_is_a_page_that_says_what_to_do(
    how: str, status: int, said: str
) -> None:
    async with browsing(a_site(toys())) as browser:
        response = await browser.get(f"/toys/fails/{how}")
    assert response.status_code == status
    assert said in response.text
    assert 'href="/">Go to the start' in response.text
    assert "Sign out" not in response.text
    assert_good_page(response)


async def test_an_error_is_told_though_nobody_can_say_who_is_signed_in() -> None:
    class Away:
        async def who(self, request: Request) -> None:
            raise Outage

    app = a_site(toys())
    app.state.signed_in = Away()
    async with browsing(app) as browser:
        response = await browser.get("/toys/fails/forbidden")
    assert response.status_code == 403
    assert 'href="/">Go to the start' in response.text
    assert "Sign out" not in response.text
    assert_good_page(response)


async def test_only_a_failure_that_can_be_read_again_offers_other_languages() -> None:
    async with browsing(a_site(toys())) as browser:
        read = await browser.get("/toys/fails/closed")
        sent = await browser.post("/toys/fails/closed")
    assert 'href="/toys/fails/closed?language=es"' in read.text
    assert sent.status_code == 409
    assert "language=" not in sent.text
    assert_good_page(sent)


@pytest.mark.parametrize("how", ["outage", "busy"])
async def test_what_helps_to_wait_for_says_how_long(how: str) -> None:
    async with browsing(a_site(toys())) as browser:
        response = await browser.get(f"/toys/fails/{how}")
    assert response.headers["retry-after"] == "5"


@pytest.mark.parametrize(("how", "code"), [("closed", "toy_closed"), ("bug", "failed")])
async def test_a_program_gets_a_problem_with_a_code(how: str, code: str) -> None:
    async with browsing(a_site(toys()), {"accept": "application/json"}) as program:
        response = await program.get(f"/toys/fails/{how}")
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["code"] == code


async def test_a_bug_tells_neither_reader_nor_log_what_was_typed(out: io.BytesIO) -> None:
    async with browsing(a_site(toys())) as browser:
        response = await browser.get("/toys/fails/bug")
    assert MARK not in response.text
    (line,) = [json.loads(each) for each in out.getvalue().splitlines()]
    assert (line["event"], line["error"]) == ("request.failed", "RuntimeError")
    assert MARK not in out.getvalue().decode()


async def test_a_page_that_takes_all_memory_ends_the_process(endings: list[str]) -> None:
    async with browsing(a_site(toys())) as browser:
        with pytest.raises(Ended):
            await browser.get("/toys/fails/memory")
    assert endings == ["ended"]


async def test_every_answer_has_the_security_headers() -> None:
    async with browsing(a_site(toys())) as browser:
        answers = [
            await browser.get(path)
            for path in ("/toys/sign-in", "/nowhere", "/toys/fails/bug", "/livez")
        ]
    for answer in answers:
        told = {name: answer.headers.get(name) for name in SECURITY_HEADERS}
        assert told == SECURITY_HEADERS
        assert answer.headers["cache-control"] == "no-store"
        assert "unsafe" not in answer.headers["content-security-policy"]


async def test_a_form_from_elsewhere_changes_nothing() -> None:
    foreign = {"accept": "text/html", "sec-fetch-site": "cross-site"}
    async with browsing(a_site(toys()), foreign) as browser:
        response = await browser.post("/toys", data={"key": str(UUID(int=1))})
        hook = await browser.post("/hooks/sms")
    assert response.status_code == 403
    assert "This did not come from our page" in response.text
    assert_good_page(response)
    assert hook.status_code == 403


async def test_a_form_of_ours_passes_also_from_an_old_browser() -> None:
    async with browsing(a_site(toys()), {"accept": "text/html", "origin": US}) as browser:
        response = await browser.post("/toys", data={"key": str(UUID(int=1))})
    assert response.status_code == 200


async def test_a_machine_that_signs_needs_no_page_of_ours() -> None:
    app = a_site(toys(), signed=("/hooks/",))
    async with browsing(app, {"accept": "*/*"}) as machine:
        assert (await machine.post("/hooks/sms")).status_code == 200
        assert (await machine.post("/toys")).status_code == 403


async def test_what_does_not_fit_is_named_in_the_log_but_not_repeated(out: io.BytesIO) -> None:
    async with browsing(a_site(toys())) as browser:
        response = await browser.post("/toys", data={"key": MARK})
    assert response.status_code == 422
    assert MARK not in response.text
    assert json.loads(out.getvalue())["fields"] == ["body.key"]
    assert MARK not in out.getvalue().decode()


async def test_a_body_too_large_is_refused() -> None:
    async with browsing(a_site(toys())) as browser:
        response = await browser.post("/toys", content=b"x" * (2 * 1024 * 1024 + 1))
    assert response.status_code == 413


async def test_nobody_signed_in_is_led_to_the_sign_in_page_and_back() -> None:
    async with browsing(a_site(toys())) as browser:
        response = await browser.get("/toys/private?q=1&r=2")
        posted = await browser.post("/toys/private")
    assert response.status_code == 303
    assert response.headers["location"] == "/toys/sign-in?next=%2Ftoys%2Fprivate%3Fq%3D1%26r%3D2"
    assert posted.status_code == 307  # with what was typed
    assert posted.headers["location"] == "/toys/sign-in/held?to=%2Ftoys%2Fprivate"


async def test_a_fragment_and_a_program_hear_that_nobody_is_signed_in() -> None:
    async with browsing(a_site(toys())) as browser:
        fragment = await browser.get("/toys/private", headers={"hx-request": "true"})
        program = await browser.get("/toys/private", headers={"accept": "application/json"})
    assert (fragment.status_code, fragment.headers["hx-redirect"]) == (401, "/toys/sign-in")
    assert program.json()["code"] == "sign_in_needed"


async def test_static_files_are_kept_for_good_under_their_exact_version_only() -> None:
    app = a_site(toys())
    async with browsing(app) as browser:
        page = (await browser.get("/nowhere")).text
        address = page.split('rel="stylesheet" href="')[1].split('"')[0]
        exact = await browser.get(address)
        other = await browser.get("/toys/static/wraparound.css?v=000000000000")
        outside = await browser.get("/toys/static/../web.py")
    assert "immutable" in exact.headers["cache-control"]
    assert exact.headers["content-type"].startswith("text/css")
    assert other.headers["cache-control"] == "no-cache"
    assert outside.status_code == 404


async def test_a_process_is_ready_once_nothing_says_no() -> None:
    async def slow() -> bool:
        return True

    def well(probes: Probes) -> None:
        probes.ready("mongo", slow)

    def ill(probes: Probes) -> None:
        async def more() -> dict[str, bool | str]:
            return {"line": "stopped", "assigned": True}

        probes.ready("mongo", lambda: "cannot be written to")
        probes.ready_together(more)

    async with browsing(a_site(fill=well)) as machine:
        assert (await machine.get("/readyz")).status_code == 200
    async with browsing(a_site(fill=ill)) as machine:
        response = await machine.get("/readyz")
    assert response.status_code == 503
    assert response.json() == {
        "ok": False,
        "checks": {"mongo": "cannot be written to", "line": "stopped", "assigned": True},
    }


async def test_a_process_whose_parts_died_is_not_alive() -> None:
    def fill(probes: Probes) -> None:
        probes.live("consumer", lambda: False)

    async with browsing(a_site(fill=fill)) as machine:
        response = await machine.get("/livez")
    assert response.status_code == 503
    assert response.json()["checks"] == {"loop": True, "consumer": False}


async def test_requests_are_measured_by_route_and_never_by_address() -> None:
    exporter = InMemorySpanExporter()
    told = Telemetry("toys", exporter=exporter)
    async with browsing(a_site(toys(), telemetry=told)) as browser:
        await browser.get("/toys/fails/closed")
        await browser.get(f"/toys/nothing/{MARK}")
        metrics = (await browser.get("/metrics")).text
    spans = [dict(each.attributes or {}) for each in exporter.get_finished_spans()]
    assert spans[0] == {
        "http.request.method": "GET",
        "http.route": "/toys/fails/{how}",
        "http.response.status_code": 409,
    }
    assert 'route="/toys/fails/{how}",status="409"} 1.0' in metrics
    assert 'route="unmatched",status="404"} 1.0' in metrics
    assert "Maria" not in metrics + str(spans)


async def test_a_trace_that_a_browser_claims_is_not_believed() -> None:
    exporter = InMemorySpanExporter()
    claimed = LIKE_A_BROWSER | {"traceparent": "00-" + "1" * 32 + "-" + "a" * 16 + "-01"}
    app = a_site(toys(), telemetry=Telemetry("toys", exporter=exporter))
    async with browsing(app, claimed) as browser:
        await browser.get("/toys/sign-in")
    (span,) = exporter.get_finished_spans()
    assert span.parent is None


async def test_no_page_of_the_framework_loads_scripts_from_elsewhere() -> None:
    async with browsing(a_site(toys(), openapi_url="/toys/openapi.json")) as browser:
        found = [
            (await browser.get(path)).status_code
            for path in ("/toys/openapi.json", "/docs", "/redoc")
        ]
    assert found == [200, 404, 404]
