"""What the pages are made of: use cases, queries, templates, and who asks."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from schemas.codes import DECLINE_WORDS, RESTRICTED_WORD
from services.chassis.kernel import Refused
from services.chassis.people_in import SignedIn
from services.chassis.rendering import Templates
from services.chassis.scope import Principal, Scope
from services.referrals import scopes
from services.referrals.domain.answers import is_unreported
from services.referrals.domain.sharing import ViewPreview
from services.referrals.pages import wording
from services.referrals.pages.forms import Given
from services.referrals.queries import PAGE, Line, Listed, ListName, Queries
from services.referrals.usecases import Referrals

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
    signed_in: SignedIn
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

    async def look(self, person: Principal, referral_id: str, offer_id: str) -> Line:
        """One offer, once its Preview may be shown and the look is recorded.

        Raises:
            Refused: as `domain.sharing.view_preview`.
        """
        await self.referrals.view_preview(self._look(person, referral_id, offer_id))
        return await self.queries.line(scopes.of_referrals(person), referral_id, offer_id)

    async def _look_at_list(self, person: Principal, name: ListName, page: int) -> Listed:
        """A page of a list whose Previews may be shown now, each look recorded before.

        Only somebody's first look at an offer is an act; at later ones there is nothing to record.
        """
        scope = scopes.of_referrals(person)
        listed = await self.queries.listed(scope, name, page=page)
        if name == "ended" or not listed.lines:
            return listed  # what has ended shows no Preview
        unseen = [each for each in listed.lines if not _has_seen(scope, each)]
        if unseen:
            looks = (self._note_look(person, each) for each in unseen)
            await asyncio.gather(*looks)  # one batch at the door
            listed = await self.queries.listed(scope, name, page=page)
        seen = [each for each in listed.lines if _has_seen(scope, each)]
        return replace(listed, lines=tuple(await self.queries.allowed(seen)))

    async def _note_look(self, person: Principal, line: Line) -> None:
        """Record a look at an offer's Preview; where it is refused, nothing is recorded."""
        with suppress(Refused):
            await self.referrals.view_preview(
                self._look(person, line.referral.referral_id, line.offer.offer_id)
            )

    def _look(self, person: Principal, referral_id: str, offer_id: str) -> ViewPreview:
        scope = scopes.of_referrals(person)
        return ViewPreview(
            key=self.new_id(), scope=scope, referral_id=referral_id, offer_id=offer_id
        )

    async def show_list(
        self, request: Request, person: Principal, name: ListName, page: int
    ) -> Response:
        """A list, or only its rows when a live page asks again."""
        listed = await self._look_at_list(person, name, page)
        context = await self.frame(request, person, name)
        context |= {"listed": listed, "rows": [self._row(each) for each in listed.lines]}
        context |= {"pages": _pages(request.url.path, listed.page, listed.total), "list_name": name}
        own = await self.queries.places(scopes.of_directory(person))
        context |= {"places": own.services}
        if context["is_fragment"]:
            return self.templates.fragment(
                request, f"{name}.html", "work", locale=person.locale, **context
            )
        return self.templates.page(request, f"{name}.html", locale=person.locale, **context)

    def _row(self, line: Line) -> dict[str, Any]:
        referral, offer = line.referral, line.offer
        return {
            "line": line,
            "offer": offer,
            "reference": referral.public_reference,
            "preview": wording.preview_of(referral),
            "time_left": wording.time_left(offer.answer_by, self.now(), line.zone),
            "ids": {"referral_id": referral.referral_id, "offer_id": offer.offer_id},
        }

    async def show_offer(
        self, request: Request, person: Principal, line: Line, given: Given | None = None
    ) -> Response:
        """One offer with its forms; after a mistake with what was typed."""
        watched = line.referral.referral_id  # no other change may disturb who types here
        context = await self.frame(request, person, _list_of(line), watched=watched)
        say = self.say(request, person)
        errors = [(name, say(text)) for name, text in given.errors] if given else []
        context |= self._row(line) | {
            "errors": errors,
            "wrong": dict(errors),
            "values": given.values if given else {},
            "reasons": list(DECLINE_WORDS.items()),
            "is_unreported": is_unreported(line.referral.category),
            "restricted_word": RESTRICTED_WORD,
        }
        status = 422 if errors else 200
        if context["is_fragment"] and not given:
            return self.templates.fragment(
                request, "offer.html", "work", locale=person.locale, **context
            )
        return self.templates.page(
            request, "offer.html", status=status, locale=person.locale, **context
        )

    async def show_places(
        self,
        request: Request,
        person: Principal,
        page: int,
        given: Given | None = None,
        service_id: str = "",
    ) -> Response:
        """The seats of the organization's services; after a mistake with what was typed."""
        own = await self.queries.places(scopes.of_directory(person), page=page)
        context = await self.frame(request, person, "places")
        say = self.say(request, person)
        errors = [(f"{n}-{service_id}", say(text)) for n, text in given.errors] if given else []
        context |= {
            "places": own.services,
            "pages": _pages(request.app.url_path_for("show_places"), own.page, own.total),
            "errors": errors,
            "wrong": dict(errors),
            "values": given.values if given else {},
            "edited": service_id,
        }
        return self.templates.page(
            request,
            "places.html",
            status=422 if errors else 200,
            locale=person.locale,
            **context,
        )


def _has_seen(scope: Scope, line: Line) -> bool:
    return scope.actor in line.offer.previewed_by


def _list_of(line: Line) -> ListName:
    by_state: dict[str, ListName] = {"OFFERED": "to_answer", "ACCEPTED": "to_start"}
    return by_state.get(line.offer.state, "ended")


def _pages(here: str, page: int, total: int) -> dict[str, Any]:
    return {
        "number": page,
        "here": f"{here}?page={page}",
        "first": (page - 1) * PAGE + 1,
        "last": min(page * PAGE, total),
        "total": total,
        "previous": f"{here}?page={page - 1}" if page > 1 else "",
        "next": f"{here}?page={page + 1}" if page * PAGE < total else "",
    }
