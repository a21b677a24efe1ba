"""A request at a family link: whose link, who is around, and whether it was stepped up to."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from schemas.codes import LINK_LOCKED
from services.chassis.kernel import Refused
from services.chassis.rendering import COOKIE as LANGUAGE
from services.chassis.rendering import Templates
from services.chassis.sessions import Bounds, Cookie, Sessions
from services.notifications.composing import Caller, caller_of
from services.notifications.domain.cards import spoken
from services.notifications.domain.links import Link, Proof
from services.notifications.domain.mailbox import Mailbox
from services.notifications.queries import Queries, Surroundings
from services.notifications.wording import mark

SORT: Final = "family"
COOKIE: Final = "family"
BOUNDS: Final = Bounds(idle=timedelta(minutes=20), absolute=timedelta(hours=1))
DRAFT: Final = mark("Demo wording: nobody has checked these words yet.")


class LinkEnded(Exception):
    """The link that somebody came by is not known or not usable any more."""

    def __init__(self, token: str) -> None:
        super().__init__()
        self.token = token


class NotSteppedUp(LinkEnded):
    """The page is for somebody who showed who they are."""


@dataclass(frozen=True, kw_only=True)
class Visit:
    """Somebody at a link that is there."""

    token: str
    link: Link
    mailbox: Mailbox
    around: Surroundings
    locale: str
    step_up: Proof | None  # how they showed who they are, if they did

    @property
    def shown(self) -> Proof:
        """How they showed who they are.

        Raises:
            NotSteppedUp: they did not.
        """
        if self.step_up is None:
            raise NotSteppedUp(self.token)
        return self.step_up

    @property
    def child(self) -> str:
        """The child's first name: only ever shown after step-up."""
        return self.around.family.first_name


Shows = Callable[[Request, Visit], Awaitable[Response]]


@dataclass(frozen=True, kw_only=True)
class Visits:
    """What all pages of links share."""

    queries: Queries
    templates: Templates
    sessions: Sessions
    cookie: Cookie
    clock: Callable[[], datetime]
    new_id: Callable[[], UUID]
    is_demo: bool
    drafts: frozenset[str]  # languages whose wording nobody reviewed

    async def find(self, request: Request, token: str) -> Visit | None:
        """Who is at which link; None: the link is not known or not usable any more."""
        link = await self.queries.link(token)
        if link is None:
            return None
        around = await self.queries.around(link.student_id, link.district)
        mailbox = await self.queries.mailbox(link.student_id, link.district)
        if mailbox is None or not link.is_usable(self.clock(), around.family):
            return None
        card = around.family.contact(link.contact_id)
        known = spoken(card.languages) if card else None
        return Visit(
            token=token,
            link=link,
            mailbox=mailbox,
            around=around,
            locale=self.templates.locale(request, known),
            step_up=await self._step_up(request, link),
        )

    async def here(self, request: Request, token: str) -> Visit:
        """Somebody at a link; a dependency of its pages.

        Raises:
            LinkEnded: it is not usable.
        """
        found = await self.find(request, token)
        if found is None:
            raise LinkEnded(token)
        return found

    async def inside(self, request: Request, token: str) -> Visit:
        """Somebody who stepped up; a dependency of the pages behind it.

        Raises:
            LinkEnded: the link is not usable, or nobody stepped up.
        """
        found = await self.here(request, token)
        if found.step_up is None:
            raise NotSteppedUp(token)
        return found

    async def at_place(self, request: Request, token: str) -> Visit:
        """Somebody who stepped up at a link to a place.

        Raises:
            LinkEnded: as `inside`, or the link is for something else.
        """
        found = await self.inside(request, token)
        if found.link.purpose != "confirm":
            raise LinkEnded(token)
        return found

    def install(self, app: FastAPI) -> None:
        """Answer with the plain page wherever a link ended."""

        async def ended(request: Request, error: Any) -> Response:
            if isinstance(error, NotSteppedUp):
                return led(request, "link_landing", error.token)
            return await self.ended(request, error.token)

        app.add_exception_handler(LinkEnded, ended)

    async def _step_up(self, request: Request, link: Link) -> Proof | None:
        session = await self.sessions.find(self.cookie.read(request))
        if session is None or session.subject != link.contact_id:
            return None
        step_up: Proof | None = session.facts.get("step_up")
        return step_up if session.facts.get("district") == link.district else None

    async def let_in(self, request: Request, visit: Visit, how: Proof, onward: str) -> Response:
        """Open a session of the contact and lead on."""
        response = RedirectResponse(onward, HTTPStatus.SEE_OTHER)
        facts = {"step_up": how, "district": visit.link.district}
        before = self.cookie.read(request)
        subject = visit.link.contact_id
        self.cookie.give(response, await self.sessions.open(subject, facts, instead_of=before))
        return response

    def page(
        self, request: Request, visit: Visit, name: str, /, *, status: int = 200, **context: Any
    ) -> Response:
        """A page of a link in the reader's language."""
        say = self.templates.say
        return self.templates.page(
            request,
            name,
            status=status,
            locale=visit.locale,
            token=visit.token,
            person=person_of(visit.around),
            notice=say(visit.locale, DRAFT) if self.has_draft(visit.locale) else "",
            key=self.new_id(),
            **({"errors": []} | context),
        )

    def has_draft(self, locale: str) -> bool:
        """Whether the demo must say that its words are drafts."""
        return self.is_demo and locale in self.drafts

    async def ended(self, request: Request, token: str) -> Response:
        """The one page for a link that is wrong, used up, too old or locked."""
        link = await self.queries.link(token)
        around = await self.queries.around(link.student_id, link.district) if link else None
        return self.templates.page(
            request,
            "ended.html",
            status=HTTPStatus.GONE if link else HTTPStatus.NOT_FOUND,
            locale=self._locale_of(request, link, around),
            token=token,
            is_locked=link is not None and link.locked_at is not None,
            locked_says=LINK_LOCKED[1],
            person=person_of(around) if around else None,
            notice="",
        )

    def _locale_of(self, request: Request, link: Link | None, around: Surroundings | None) -> str:
        card = around.family.contact(link.contact_id) if link and around else None
        return self.templates.locale(request, spoken(card.languages) if card else None)

    async def tried(
        self,
        request: Request,
        visit: Visit,
        work: Awaitable[Any],
        onward: str,
        shows: Shows | None = None,
    ) -> Response:
        """Do what a form asks and lead on.

        What is refused was answered or ended meanwhile, perhaps in another tab: what the link
        `shows` says how it stands, else that it has ended.
        """
        try:
            await work
        except Refused:
            now = await self.find(request, visit.token)
            if now is None or shows is None:
                return await self.ended(request, visit.token)
            page = await shows(request, now)
            page.status_code = max(page.status_code, HTTPStatus.CONFLICT)
            return page
        return RedirectResponse(onward, HTTPStatus.SEE_OTHER)


def person_of(around: Surroundings) -> dict[str, str] | None:
    """The person to talk to, who stands on every page."""
    caller: Caller = caller_of(around)
    if not caller.phone:
        return None
    return {"name": caller.name, "phone": caller.phone, "shown": caller.shown}


def address(request: Request, name: str, token: str) -> str:
    """The address of a page of a link."""
    return str(request.app.url_path_for(name, token=token))


def is_turned(request: Request) -> bool:
    """Whether a form comes to be read in another language: it does nothing, what was typed stays.

    Its own address names no language.
    """
    return LANGUAGE in request.query_params


def said(request: Request, errors: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """What is wrong with a form; read in another language, only if it was said in the first."""
    return errors if "wrong" in request.query_params or not is_turned(request) else []


def led(request: Request, name: str, token: str) -> Response:
    """On to a page of a link; a language that was chosen here goes along."""
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(address(request, name, token) + query, HTTPStatus.SEE_OTHER)
