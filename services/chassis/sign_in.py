"""The sign-in page, signing out, and in the demo one press per person."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Final, Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import UUID

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from schemas import codes
from services.chassis import landing
from services.chassis.accounts import Identities
from services.chassis.kernel import Refused
from services.chassis.rendering import Templates
from services.chassis.scope import Principal
from services.chassis.signed_in import SignedIn
from services.chassis.telemetry import Telemetry

WRONG: Final = "This name and password do not go together."


class Personas(Protocol):
    """People of the demo, who sign in with one press."""

    async def personas(self) -> list[Principal]:
        """All of them."""

    async def persona(self, user_id: str) -> Principal | None:
        """One of them."""


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """What the sign-in page of a service needs; `personas` in the demo only."""

    signed_in: SignedIn
    identities: Identities
    templates: Templates
    telemetry: Telemetry
    new_id: Callable[[], UUID]
    personas: Personas | None = None

    async def page(
        self, request: Request, *, onward: str, error: str = "", name: str = "", held: str = ""
    ) -> Response:
        """The page, with what went wrong, the name that was given and the form that waits."""
        spoken = self.templates.locale(request)
        return self.templates.page(
            request,
            "sign_in.html",
            status=409 if error else 200,
            error=self.templates.say(spoken, error) if error else "",
            name=name,
            onward=onward,
            held=held,
            personas=await self.personas.personas() if self.personas else [],
            new_key=self.new_id,
        )

    async def enter(
        self, request: Request, *, name: str, password: str, onward: str, held: str = ""
    ) -> Response:
        """Let somebody in by name and password, or say that these do not go together."""
        try:
            person = await self.identities.vouch({"name": name, "password": password})
        except Refused as refused:
            self.telemetry.count("sign_ins_total", outcome="put_off")
            return await self.page(
                request, onward=onward, error=refused.message, name=name, held=held
            )
        if person is None:
            self.telemetry.count("sign_ins_total", outcome="wrong")
            return await self.page(request, onward=onward, error=WRONG, name=name, held=held)
        return await self.welcome(request, person, onward, held)

    async def welcome(
        self, request: Request, person: Principal, onward: str, held: str = ""
    ) -> Response:
        """Open a session and go on to where somebody wanted to go, else where the role begins.

        A form that came too late for the session before is asked about first: whoever signs in
        may be somebody else.
        """
        self.telemetry.count("sign_ins_total", outcome="in")
        response: Response = RedirectResponse(landing.onward(inside(onward), person.role), 303)
        if held and inside(onward):
            response = self.templates.page(
                request,
                "held.html",
                action=inside(onward),
                fields=parse_qsl(held, keep_blank_values=True),
                first_page=landing.first_page(person.role),
            )
        await self.signed_in.enter(request, response, person)
        return response


def routes(sign_in: SignIn, *, prefix: str) -> APIRouter:
    """`<prefix>/sign-in` and `<prefix>/sign-out`."""
    router = APIRouter(prefix=prefix, include_in_schema=False)

    @router.get("/sign-in", name="sign_in")
    async def show(request: Request, next: str = "") -> Response:
        return await sign_in.page(request, onward=inside(next))

    @router.post("/sign-in", name="do_sign_in")
    async def enter(
        request: Request,
        name: Annotated[str, Form(max_length=200)] = "",
        password: Annotated[str, Form(max_length=200)] = "",
        onward: Annotated[str, Form()] = "",
        held: Annotated[str, Form()] = "",
    ) -> Response:
        return await sign_in.enter(request, name=name, password=password, onward=onward, held=held)

    @router.post("/sign-in/held", name="hold_form")
    async def hold(request: Request, to: str) -> Response:
        sent = await request.form()
        fields = [(name, value) for name, value in sent.multi_items() if isinstance(value, str)]
        onward = inside(to) if fields else ""  # where forms go there is no page to open
        return await sign_in.page(request, onward=onward, held=urlencode(fields))

    @router.post("/sign-out", name="sign_out")
    async def leave(request: Request) -> Response:
        response = RedirectResponse(request.app.url_path_for("sign_in"), 303)
        await sign_in.signed_in.leave(request, response)
        return response

    if sign_in.personas is not None:
        _add_personas(router, sign_in, sign_in.personas)
    return router


def _add_personas(router: APIRouter, sign_in: SignIn, personas: Personas) -> None:
    @router.post("/sign-in/persona", name="sign_in_persona")
    async def enter(
        request: Request,
        user_id: Annotated[str, Form(max_length=64)],
        onward: Annotated[str, Form()] = "",
        held: Annotated[str, Form()] = "",
    ) -> Response:
        person = await personas.persona(user_id)
        if person is None:
            raise Refused(*codes.PERSONA_UNKNOWN)
        return await sign_in.welcome(request, person, onward, held)


def inside(address: str) -> str:
    """An address of this site as it stands; of any other nothing is left."""
    parts = urlsplit(address)
    is_path = address.startswith("/") and not address.startswith("//")
    is_plain = address.isprintable() and "\\" not in address
    return address if is_path and is_plain and not parts.netloc else ""
