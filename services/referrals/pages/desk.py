"""What the pages are made with: use cases, queries, templates, and the frame around each page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from services.chassis.accounts import Role
from services.chassis.process import Process
from services.chassis.rendering import Templates
from services.chassis.scope import Principal
from services.chassis.signed_in import require
from services.referrals import scopes
from services.referrals.domain.sharing import ViewPreview
from services.referrals.pages import wording
from services.referrals.pages.forms import Given
from services.referrals.queries import PAGE, Line, ListName, Queries
from services.referrals.usecases import Referrals

Partner = Annotated[Principal, Depends(require(Role.PARTNER_COORDINATOR))]
Page = Annotated[int, Query(ge=1, le=1_000)]
NAVIGATION: tuple[tuple[ListName, str, str], ...] = (
    ("to_answer", "show_to_answer", "To answer"),
    ("to_start", "show_to_start", "To start"),
    ("ended", "show_ended", "Closed"),
)


@dataclass(frozen=True, kw_only=True)
class Desk:
    """One process's pages."""

    referrals: Referrals
    queries: Queries
    templates: Templates
    now: Callable[[], datetime]
    real_time: Callable[[], datetime]
    new_id: Callable[[], UUID]

    async def frame(
        self, request: Request, person: Principal, here: str, *, watched: str = ""
    ) -> dict[str, Any]:
        """What stands around every page of a coordinator; lists watch the organization."""
        watched = watched or scopes.organization_of(person)
        scope = scopes.of_referrals(person)
        counts = await self.queries.counts(scope)
        path = request.app.url_path_for
        say = self.say(request, person)
        entries: list[dict[str, Any]] = [
            {
                "text": say(text),
                "href": path(route),
                "current": here == name,
                **({"count": counts[name]} if name != "ended" else {}),
            }
            for name, route, text in NAVIGATION
        ]
        places = {"text": say("Our places"), "href": path("show_places")}
        return {
            "home": path("show_to_answer"),
            "navigation": [*entries, {**places, "current": here == "places"}],
            "viewer": await self.queries.organization_name(scope) or person.name,
            "sign_out": {"action": path("sign_out"), "key": self.new_id()},
            "now": self.now(),
            "new_key": self.new_id,
            "words": wording,
            "is_fragment": bool(request.headers.get("hx-request")),
            "live": self._live(request, watched),
            "watched": watched,
        }

    def _live(self, request: Request, watched: str) -> str:
        since = round(self.real_time().timestamp() * 1000)
        asked = urlencode({"ids": watched, "since": since})
        return f"{request.app.url_path_for('live')}?{asked}"

    def say(self, request: Request, person: Principal) -> Callable[[str], str]:
        """A sentence of the code in the reader's language."""
        spoken = self.templates.locale(request, person.locale)
        return lambda sentence: self.templates.say(spoken, sentence)

    def page(
        self,
        request: Request,
        person: Principal,
        name: str,
        /,
        *,
        status: int = 200,
        **context: Any,
    ) -> Response:
        """A page in the reader's language."""
        return self.templates.page(request, name, status=status, locale=person.locale, **context)

    def work(self, request: Request, person: Principal, name: str, /, **context: Any) -> Response:
        """What a live page asks for again: the part of it that changes."""
        return self.templates.fragment(request, name, "work", locale=person.locale, **context)

    def typed(
        self, request: Request, person: Principal, given: Given | None, *, of: str = ""
    ) -> dict[str, Any]:
        """Fields as typed, and what is wrong with them; `of` tells one form of several apart."""
        say = self.say(request, person)
        errors = [(name + of, say(text)) for name, text in given.errors] if given else []
        return {
            "errors": errors,
            "wrong": dict(errors),
            "values": given.values if given else {},
        }

    def view_preview(self, person: Principal, referral_id: str, offer_id: str) -> ViewPreview:
        """Somebody's look at the Preview of an offer."""
        scope = scopes.of_referrals(person)
        return ViewPreview(
            key=self.new_id(), scope=scope, referral_id=referral_id, offer_id=offer_id
        )

    async def rows(self, lines: Sequence[Line]) -> list[dict[str, Any]]:
        """Offers as lists and their own pages show them."""
        shown = await self.queries.open_packets(lines, self.now())
        return [self._row(each, may_call=each.offer.offer_id in shown) for each in lines]

    def _row(self, line: Line, *, may_call: bool) -> dict[str, Any]:
        referral, offer = line.referral, line.offer
        return {
            "may_call": may_call,
            "line": line,
            "offer": offer,
            "reference": referral.public_reference,
            "preview": wording.preview_of(referral),
            "time_left": wording.time_left(offer.answer_by, self.now(), line.zone),
            "ids": {"referral_id": referral.referral_id, "offer_id": offer.offer_id},
        }


def desk(process: Process, queries: Queries) -> Desk:
    """The desk of a process."""
    return Desk(
        referrals=Referrals(process.engine.committer),
        queries=queries,
        templates=process.staff_templates,
        now=process.clocks.business,
        real_time=process.clocks.real,
        new_id=process.clocks.new_id,
    )


def numbered(here: str, page: int, total: int) -> dict[str, Any]:
    """Which lines of how many a page shows, and where the pages before and after are."""
    return {
        "number": page,
        "here": f"{here}?page={page}",
        "first": (page - 1) * PAGE + 1,
        "last": min(page * PAGE, total),
        "total": total,
        "previous": f"{here}?page={page - 1}" if page > 1 else "",
        "next": f"{here}?page={page + 1}" if page * PAGE < total else "",
    }
