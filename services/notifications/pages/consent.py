"""The consent page: who gets what, why and until when, what is not shared, and the signature."""

from http import HTTPStatus
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Form
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from schemas.codes import CATEGORY_WORDS, CLASS_WORDS, RECORD_WORDS, RecordClass
from schemas.plans import ConsentTerms
from services.notifications.domain.answers import (
    LONGEST_NAME,
    AnswerConsent,
    RevokeConsent,
    consent_of,
)
from services.notifications.domain.links import Link
from services.notifications.domain.mailbox import ConsentNote
from services.notifications.pages.visits import Visit, Visits, address, is_turned, said
from services.notifications.scopes import scope_of_link
from services.notifications.usecases import Families
from services.notifications.wording import mark

PURPOSES: Final = {
    "arrange-service": mark("So that they can give your child a place"),
    "provide-service": mark("So that they can help your child well"),
    "report-outcome": mark("So that they can tell us how it went"),
}
SENSITIVE: Final[tuple[RecordClass, ...]] = ("academic", "attendance", "health", "counselling")
GIVE_NAME: Final = mark("Type your name to sign.")
GIVE_PARTY: Final = mark("Choose at least one, or press “No, thanks”.")
NOT_SIGNED: Final = mark("Press one of the two buttons.")
CHOSEN: Final = mark("Those you chose. Your copy names them.")
EVERYBODY: Final = mark("Every partner of the schools who offers this. Today:")
MORE: Final = mark("And %(count)s more. Ask us for the list.")
LATER: Final = mark("New partners may join. We tell you when one of them helps your child.")
MEMBERS_SHOWN: Final = 50


class Consents:
    """Shows a consent, takes the signature, the no, and the permission back."""

    def __init__(self, visits: Visits, families: Families) -> None:
        self._visits = visits
        self._families = families

    async def page(
        self,
        request: Request,
        visit: Visit,
        *,
        signed: str = "",
        chosen: list[str] | None = None,
        errors: list[tuple[str, str]] | None = None,
    ) -> Response:
        """What is asked; once it was answered, what was answered."""
        note = consent_of(visit.link, visit.mailbox)
        terms = note.terms if note else None
        if note is None or terms is None:
            return await self._visits.ended(request, visit.token)
        is_open = self._visits.clock() < note.open_until
        answer = answer_to(note, visit.link, is_open=is_open)
        is_asked = not answer and is_open
        if not answer and not is_asked:
            return await self._visits.ended(request, visit.token)
        parties = [(each.organization_id, each.name) for each in terms.parties]
        of_class = terms.consent_class
        return self._visits.page(
            request,
            visit,
            "consent.html" if is_asked else "consent_done.html",
            status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
            child=visit.child,
            terms=terms,
            what=CLASS_WORDS[of_class] if of_class else CATEGORY_WORDS[terms.category],
            is_standing=of_class is not None,
            who=await self._who(visit, note, terms),
            parties=parties,
            chosen=[each for each, _ in parties] if chosen is None else chosen,
            shared=[RECORD_WORDS[each] for each in terms.records],
            not_shared=not_shared(terms),
            purpose=PURPOSES[terms.purpose],
            signed=signed,
            answer=answer,
            errors=errors or [],
        )

    async def _who(self, visit: Visit, note: ConsentNote, terms: ConsentTerms) -> list[str]:
        """With whom: the parties, or the members of the class as the directory has them today."""
        say, locale = self._visits.templates.say, visit.locale
        if terms.consent_class is None:
            is_on_its_way = note.state == "asked" and visit.link.answer == "consent"
            if is_on_its_way and len(terms.parties) > 1:
                return [say(locale, CHOSEN)]  # plans says which ones
            return [each.name for each in terms.parties]
        found = await self._visits.queries.members(terms.consent_class, visit.link.district)
        left = len(found) - MEMBERS_SHOWN
        more = [say(locale, MORE) % {"count": left}] if left > 0 else []
        return [say(locale, EVERYBODY), *found[:MEMBERS_SHOWN], *more, say(locale, LATER)]

    async def sign(self, request: Request, visit: Visit, form: "Signing") -> Response:
        """Take the answer, or say what is missing and keep what was typed."""
        # A language was chosen, no answer: what is said to be wrong was wrong with a yes.
        answer = form.answer or ("agree" if is_turned(request) else "")
        chosen = form.organization_ids
        signed = " ".join(form.signed.split())
        note = consent_of(visit.link, visit.mailbox)
        named = {each.organization_id for each in note.terms.parties} if note and note.terms else {}
        # One partner alone needs no tick: the signature says it.
        agreed = chosen or (list(named) if len(named) == 1 else [])
        errors = [
            (field, self._visits.templates.say(visit.locale, sentence))
            for field, sentence in _missing(
                answer, signed, is_agreed=bool(agreed) or bool(note and note.is_standing)
            )
        ]
        if is_turned(request) or errors:
            wrong = said(request, errors)
            return await self.page(request, visit, signed=signed, chosen=chosen, errors=wrong)
        asked = AnswerConsent(
            key=form.key,
            scope=scope_of_link(visit.link),
            link_id=visit.link.link_id,
            answer="consent" if answer == "agree" else "refusal",
            typed_name=signed if answer == "agree" else "",
            organization_ids=tuple(sorted(agreed)) if answer == "agree" else (),
            locale=visit.locale,
            step_up=visit.shown,
        )
        onward = address(request, "link_page", visit.token)
        work = self._families.answer_consent(asked)
        return await self._visits.tried(request, visit, work, onward, self.page)

    async def revoke(self, request: Request, visit: Visit, key: UUID) -> Response:
        """Take the permission back."""
        asked = RevokeConsent(
            key=key,
            scope=scope_of_link(visit.link),
            link_id=visit.link.link_id,
            locale=visit.locale,
            step_up=visit.shown,
        )
        onward = address(request, "link_page", visit.token)
        work = self._families.revoke_consent(asked)
        return await self._visits.tried(request, visit, work, onward, self.page)


class Signing(BaseModel):
    """The form of the consent page; it has no field for whom the consent is about."""

    key: UUID
    answer: str = Field(default="", max_length=10)
    signed: str = Field(default="", max_length=LONGEST_NAME)
    organization_ids: list[str] = Field(default_factory=list)


def routes(consents: Consents, visits: Visits) -> APIRouter:
    """Forms of the consent page."""
    router = APIRouter(prefix="/f", include_in_schema=False)

    @router.post("/{token}/consent", name="link_consent")
    async def sign(
        request: Request,
        visit: Annotated[Visit, Depends(visits.inside)],
        form: Annotated[Signing, Form()],
    ) -> Response:
        return await consents.sign(request, visit, form)

    @router.post("/{token}/revoke", name="link_revoke")
    async def revoke(
        request: Request,
        visit: Annotated[Visit, Depends(visits.inside)],
        key: Annotated[UUID, Form()],
    ) -> Response:
        return await consents.revoke(request, visit, key)

    return router


def not_shared(terms: ConsentTerms) -> list[str]:
    """What families fear most, of all that is not shared."""
    return [RECORD_WORDS[each] for each in SENSITIVE if each not in terms.records]


def _missing(answer: str, signed: str, *, is_agreed: bool) -> list[tuple[str, str]]:
    if answer not in {"agree", "refuse"}:
        return [("signed", NOT_SIGNED)]
    if answer == "refuse":
        return []
    named = [] if signed else [("signed", GIVE_NAME)]
    return named if is_agreed else [*named, ("organization_ids", GIVE_PARTY)]


def answer_to(note: ConsentNote, link: Link, *, is_open: bool) -> str:
    """What was answered: as plans recorded it, or here, on its way to plans.

    What plans did not take while the question was open it takes no more: the need has ended.
    """
    by_state = {"given": "consent", "refused": "refusal", "revoked": "revocation", "asked": ""}
    recorded = by_state[note.state]
    if recorded == "consent" and link.answer == "revocation":
        return "revocation"
    return recorded or (link.answer if is_open else None) or ""
