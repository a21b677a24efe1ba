"""Every address of every service: who may come there, and that no foreign form gets in."""

import re
from collections import defaultdict
from typing import Final

import httpx2
import pytest

from services.chassis.edge import SAFE_METHODS
from tests.contract.sites import ANYBODY, BUILDS, addresses, routes_of, site
from tests.contract.sources import ROOT

SERVICES = pytest.mark.parametrize("service", BUILDS)
MANAGER: Final = "case_manager"
READERS: Final = "case_manager supervisor"
LEDGER: Final = "case_manager privacy_officer supervisor"
PARTNER: Final = "partner_coordinator"
OFFER: Final = "/referrals/{referral_id}/offers/{offer_id}"
STUDENT: Final = "/plans/students/{student_id}"
ANSWER: Final = "/plans/needs/{need_id}/offers/{offer_id}/answer"
ALLOWED: Final[dict[str, dict[str, set[str]]]] = {
    "plans": {
        ANYBODY: {"GET /", "GET /plans/gallery"},  # where to sign in; the parts without data
        MANAGER: {
            f"GET {STUDENT}/needs/new",
            f"POST {STUDENT}/needs",
            "POST /plans/needs/{need_id}/choose",
            "POST /plans/needs/{need_id}/withdraw",
            f"GET {ANSWER}",
            f"POST {ANSWER}",
            f"POST {STUDENT}/consents/{{consent_id}}/revoke",
            f"POST {STUDENT}/standing",
        },
        READERS: {"GET /plans/", f"GET {STUDENT}", f"GET {STUDENT}/now", "GET /plans/live"},
        LEDGER: {"GET /plans/students", "POST /plans/students", f"GET {STUDENT}/ledger"},
    },
    "referrals": {
        "signed in": {"GET /referrals/live"},  # tells of what the person's scope covers
        PARTNER: {
            "GET /referrals/",
            "GET /referrals/to-start",
            "GET /referrals/closed",
            "GET /referrals/places",
            "POST /referrals/places/{service_id}",
            "GET /referrals/api/offers",
            f"GET {OFFER}",
            f"GET {OFFER}/packet",
            f"POST {OFFER}/accept",
            f"POST {OFFER}/decline",
        },
    },
    "notifications": {
        ANYBODY: {
            # the demo's own
            "GET /notifications/",
            "GET /notifications/outbox",
            "GET /notifications/live",
            # of a link that ended: the same for every address, and a tick that no scanner makes
            "GET /f/{token}/again",
            "POST /f/{token}/again",
            "GET /f/{token}/sent",
            "GET /f/{token}/",  # on to the link itself
            "GET /f/{token}/gone",
        },
        "link": {
            "GET /f/{token}",
            *(f"{method} /f/{{token}}/{each}" for each in ("who", "code", "pin", "not-me", "stop")
              for method in ("GET", "POST")),
        },
        "stepped up": {
            "GET /f/{token}/page",
            "GET /f/{token}/new-pin",
            "POST /f/{token}/new-pin",
            *(f"{method} /f/{{token}}/{each}" for each in ("consent", "revoke", "answer")
              for method in ("GET", "POST")),
            "GET /f/{token}/other-time",
            "POST /f/{token}/other-time",
            "GET /f/{token}/calendar.ics",
        },
    },
}  # fmt: skip


def everywhere(service: str) -> set[str]:
    """Signing in and out, and what watches a process: no cookie is asked for."""
    of_people = {
        "GET sign-in",
        "POST sign-in",
        "POST sign-in/held",
        "POST sign-in/persona",
        "POST sign-out",
    }
    return {each.replace(" ", f" /{service}/") for each in of_people} | {
        f"GET /{service}",  # on to the same with its slash
        *("GET /livez", "GET /readyz", "GET /metrics"),
    }


@SERVICES
def test_every_address_names_who_may_come(service: str) -> None:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for address, allowed in addresses(site(service)).items():
        found[allowed].add(address)

    wanted = {who: set(each) for who, each in ALLOWED[service].items()}
    wanted[ANYBODY] = wanted.get(ANYBODY, set()) | everywhere(service)
    assert found == wanted


@SERVICES
async def test_a_form_of_another_site_gets_in_nowhere(service: str) -> None:
    app = site(service)
    unsafe = [each.split() for each in addresses(app) if each.split()[0] not in SAFE_METHODS]
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        for method, path in unsafe:
            filled = re.sub(r"\{\w+\}", "x", path)
            foreign = {"sec-fetch-site": "cross-site", "accept": "application/json"}
            answer = await client.request(method, filled, headers=foreign)
            assert (answer.status_code, answer.json()["code"]) == (403, "foreign_form"), path
    assert unsafe


@SERVICES
def test_no_page_of_a_framework_is_served(service: str) -> None:
    """FastStream's AsyncAPI page can publish to the broker; FastAPI's load scripts from outside."""
    app = site(service)
    paths = [str(route.path) for route in routes_of(app)]
    assert [each for each in paths if re.search("asyncapi|openapi|docs|redoc|try", each)] == []
    assert (app.docs_url, app.redoc_url, app.openapi_url) == (None, None, None)


def test_no_page_or_style_loads_anything_from_another_origin() -> None:
    """Links that a person follows may lead out; what a browser fetches by itself may not."""
    fetched = re.compile(r"""(?:src|action|hx-\w+)=["']?https?:|<link[^>]+https?:|url\(["']?http""")
    shown = [
        path
        for path in (ROOT / "services").rglob("*")
        if path.suffix in {".html", ".css", ".svg"} and path.is_file()
    ]
    assert [path.name for path in shown if fetched.search(path.read_text(encoding="utf-8"))] == []
    assert shown


@pytest.mark.parametrize(
    ("service", "typed", "meant"),
    [
        ("plans", "/plans", "/plans/"),
        ("referrals", "/referrals", "/referrals/"),
        ("notifications", "/notifications", "/notifications/"),
        ("notifications", "/f/x/", "/f/x"),
    ],
)
async def test_a_slash_too_few_or_many_leads_on_whatever_the_gateway_spoke(
    service: str, typed: str, meant: str
) -> None:
    transport = httpx2.ASGITransport(site(service))
    of_gateway = {"x-forwarded-proto": "https", "accept": "text/html"}
    async with httpx2.AsyncClient(
        transport=transport, base_url="http://wraparound.example.org", headers=of_gateway
    ) as client:
        answer = await client.get(typed)
        elsewhere = await client.get(f"/{service}/sign-in/")
    assert (answer.status_code, answer.headers["location"]) == (303, meant)
    assert (elsewhere.status_code, elsewhere.headers.get("location")) == (404, None)


def test_the_gateway_sends_each_address_to_the_service_that_has_it() -> None:
    text = (ROOT / "deploy" / "gateway" / "Caddyfile").read_text(encoding="utf-8")
    prefixes = {
        service: [each.removesuffix("*") for each in found.split() if each.endswith("*")]
        for service, found in re.findall(r"@(\w+) path (.+)", text)
    }
    others = tuple(prefix for each in prefixes.values() for prefix in each)
    for service in BUILDS:
        own = [each.split()[1] for each in addresses(site(service))]
        outside = {"/livez", "/readyz", "/metrics", f"/{service}"}
        reached = [each for each in own if each not in outside]
        if service in prefixes:
            assert f"path /{service} " in text
            assert [p for p in reached if not p.startswith(tuple(prefixes[service]))] == []
        else:
            assert [p for p in reached if p.startswith(others)] == []
