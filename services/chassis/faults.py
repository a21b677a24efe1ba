"""Each way to fail has one answer: a page for people, a problem in JSON for programs."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, cast
from urllib.parse import urlencode

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from services.chassis.edge import SAFE_METHODS, add_headers
from services.chassis.hopeless import end_if_hopeless
from services.chassis.kernel import Outage, Refused
from services.chassis.landing import START, first_page
from services.chassis.languages import STAFF_LOCALES
from services.chassis.logs import log
from services.chassis.rendering import Templates
from services.chassis.scope import Principal

RETRY_AFTER: Final = 5  # seconds


class SignInNeeded(Exception):
    """Nobody is signed in, and the page is for somebody."""


@dataclass(frozen=True)
class Fault:
    """How one sort of failure is told: in English here, translated by the catalogues."""

    status: int
    code: str
    headline: str
    sentence: str
    may_repeat: bool = False


FAULTS: Final = {
    fault.status: fault
    for fault in (
        Fault(
            400, "malformed", "This did not arrive in one piece", "Please go back and try again."
        ),
        Fault(
            403,
            "not_allowed",
            "You cannot open this",
            "This page is for other people's work. Nothing was changed.",
        ),
        Fault(
            404,
            "not_found",
            "We cannot find this page",
            "It may have moved, or it is not yours to see.",
        ),
        Fault(
            405,
            "method_not_allowed",
            "This page does not do that",
            "Please go back to the start. Nothing was changed.",
        ),
        Fault(
            413,
            "too_large",
            "This is too large",
            "Please send less at a time. Nothing was changed.",
        ),
        Fault(
            422,
            "malformed",
            "Something is wrong with this form",
            "A part of it is missing or too long. Nothing was changed. "
            "Please go back and try again.",
        ),
        Fault(
            500,
            "failed",
            "Something went wrong",
            "It is our mistake and we have a record of it. Please try again.",
            may_repeat=True,
        ),
        Fault(
            503,
            "away",
            "Please try again in a moment",
            "A part of the system is away. Nothing was lost.",
            may_repeat=True,
        ),
    )
}
FOREIGN_FORM: Final = Fault(
    403,
    "foreign_form",
    "This did not come from our page",
    "Please open the page again and press the button there. Nothing was changed.",
)
REFUSAL: Final = "This cannot be done now"
TO_START: Final = "Go to the start"
AGAIN: Final = "Try again"


class FaultPages:
    """The answer to each way to fail: a page for people, a problem in JSON for programs.

    A page leads whoever is signed in to the first page of the role, and offers to sign out.
    """

    def __init__(self, templates: Templates, new_key: Callable[[], object], sign_in: str) -> None:
        self._templates = templates
        self._to_staff = templates.speaking(*STAFF_LOCALES)
        self._new_key = new_key
        self._sign_in = sign_in

    def install(self, app: FastAPI) -> None:
        """Handle every exception that may leave a route."""
        handlers: dict[type[Exception], Any] = {
            Refused: self._refused,
            Outage: self._away,  # TooBusy is one
            SignInNeeded: self._sign_in_first,
            RequestValidationError: self._malformed,
            HTTPException: self._by_status,
            Exception: self._failed,
        }
        for kind, handler in handlers.items():
            app.add_exception_handler(kind, handler)

    def foreign_form(self, request: Request) -> Response:
        """The answer to a form that no page of ours sent."""
        return self._told(request, FOREIGN_FORM)

    async def _refused(self, request: Request, error: Refused) -> Response:
        status = 404 if error.code.endswith("_unknown") else 409
        headline = FAULTS[404].headline if status == HTTPStatus.NOT_FOUND else REFUSAL
        fault = Fault(status, error.code, headline, error.message)
        return self._told(request, fault, person=await _who(request))

    async def _away(self, request: Request, error: Exception) -> Response:
        log("web").warning("request.put_off", error=type(error).__name__)
        return self._told(request, FAULTS[503], {"Retry-After": str(RETRY_AFTER)})

    async def _sign_in_first(self, request: Request, error: Exception) -> Response:
        del error
        place = str(request.app.url_path_for(self._sign_in))
        if not wants_page(request):
            fault = Fault(401, "sign_in_needed", "Sign in first", "Nobody is signed in.")
            return self._told(request, fault)
        if request.headers.get("hx-request"):
            return Response(status_code=401, headers={"HX-Redirect": place})
        if request.method not in SAFE_METHODS:
            # With its body: a form that somebody filled in is not lost.
            return RedirectResponse(f"{place}/held?" + urlencode({"to": request.url.path}), 307)
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"{place}?" + urlencode({"next": request.url.path + query}), 303)

    async def _malformed(self, request: Request, error: RequestValidationError) -> Response:
        fields = [".".join(map(str, each["loc"])) for each in error.errors()]
        log("web").info("request.malformed", fields=fields)
        return self._told(request, FAULTS[422], person=await _who(request))

    async def _by_status(self, request: Request, error: HTTPException) -> Response:
        known = FAULTS.get(error.status_code)
        phrase = HTTPStatus(error.status_code).phrase
        fault = known or Fault(error.status_code, "failed", phrase, "Nothing was changed.")
        headers = dict(error.headers or {})
        return self._told(request, fault, headers, person=await _who(request))

    async def _failed(self, request: Request, error: Exception) -> Response:
        end_if_hopeless(error)
        log("web").error("request.failed", exc_info=error)
        response = self._told(request, FAULTS[500])
        add_headers(response.headers)  # this answer is given outside the middleware
        return response

    def _told(
        self,
        request: Request,
        fault: Fault,
        headers: dict[str, str] | None = None,
        *,
        person: Principal | None = None,
    ) -> Response:
        if not wants_page(request):
            return _problem(self._templates, request, fault, headers)
        templates = self._to_staff if person else self._templates
        spoken, say = templates.locale(request), templates.say
        first = first_page(person.role) if person else START
        steps = [{"text": say(spoken, TO_START), "href": first}]
        is_read = request.method in SAFE_METHODS
        here: dict[str, Any] = {} if is_read else {"tongues": []}  # it may have no page to switch
        if fault.may_repeat and is_read:
            steps.insert(0, {"text": say(spoken, AGAIN), "href": request.url.path})
        response = templates.page(
            request,
            "error.html",
            status=fault.status,
            headline=say(spoken, fault.headline),
            sentence=say(spoken, fault.sentence),
            steps=steps,
            sign_out=self._sign_out(request) if person else None,
            **here,
        )
        response.headers.update(headers or {})
        return response

    def _sign_out(self, request: Request) -> dict[str, Any]:
        return {"action": request.app.url_path_for("sign_out"), "key": self._new_key()}


async def _who(request: Request) -> Principal | None:
    """Who is signed in, as far as that can be said now: only the way out depends on it."""
    signed_in = getattr(request.app.state, "signed_in", None)
    if signed_in is None or not wants_page(request):
        return None
    try:
        return cast("Principal | None", await signed_in.who(request))
    except Outage:
        return None


def wants_page(request: Request) -> bool:
    """Whether the answer is read by a person in a browser."""
    return "text/html" in request.headers.get("accept", "")


def _problem(
    templates: Templates, request: Request, fault: Fault, headers: dict[str, str] | None
) -> Response:
    spoken = templates.locale(request)
    told = {
        "status": fault.status,
        "code": fault.code,
        "title": templates.say(spoken, fault.headline),
        "detail": templates.say(spoken, fault.sentence),
    }
    return JSONResponse(told, fault.status, headers, media_type="application/problem+json")
