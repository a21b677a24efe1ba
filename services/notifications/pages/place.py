"""The page of a place that was found: who, what, when, where, and whether the child comes."""

from datetime import date, datetime, time
from http import HTTPStatus
from typing import Annotated, Final, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from schemas.codes import CATEGORY_WORDS
from schemas.referrals import OfferFacts, ServiceCardChanged
from services.chassis import dates
from services.notifications.calendar_file import Appointment, calendar
from services.notifications.domain.answers import AnswerVisit, offer_of
from services.notifications.domain.mailbox import OfferNote
from services.notifications.pages.visits import Visit, Visits, address, is_turned, said
from services.notifications.scopes import scope_of_link
from services.notifications.usecases import Families
from services.notifications.wording import mark

VisitAnswer = Literal["confirmation", "cannot-come", "other-time"]
ANSWERS: Final[dict[str, VisitAnswer]] = {
    "yes": "confirmation",
    "no": "cannot-come",
}
WINDOWS: Final = 3
PARTS: Final = {
    "morning": mark("Morning"),
    "afternoon": mark("Afternoon"),
    "evening": mark("Evening"),
}
GIVE_TIME: Final = mark("Choose at least one day and time.")
GIVE_BOTH: Final = mark("Choose both the day and the time of day.")
APPOINTMENT: Final = mark("Appointment")


class Places:
    """Shows a place, takes the answer, gives the date for a calendar."""

    def __init__(self, visits: Visits, families: Families) -> None:
        self._visits = visits
        self._families = families

    async def page(self, request: Request, visit: Visit) -> Response:
        """Who, what, when and where; once answered, the answer with it."""
        note, facts = _offer(visit)
        if note is None or facts is None:
            return await self._visits.ended(request, visit.token)
        card = await self._card(visit, facts)
        return self._visits.page(
            request,
            visit,
            "place.html",
            child=visit.child,
            facts=facts,
            what=CATEGORY_WORDS[facts.category],
            is_free=card is not None and card.is_free is True,
            when=when(card, note, visit),
            where=card.address if card else None,
            phone=card.phone if card else None,
            starts_on=date.fromisoformat(note.starts_on) if note.starts_on else None,
            answer=visit.link.answer or "",
            is_over=note.is_recalled,
        )

    async def answer(self, request: Request, visit: Visit, *, key: UUID, given: str) -> Response:
        """Take a yes or a no; another time has a page of its own."""
        if given == "other":
            onward = address(request, "link_other", visit.token)
            return RedirectResponse(onward, HTTPStatus.SEE_OTHER)
        if given not in ANSWERS:
            return await self.page(request, visit)
        return await self._say(request, visit, key=key, answer=ANSWERS[given])

    async def other(
        self,
        request: Request,
        visit: Visit,
        *,
        chosen: list[tuple[str, str]] | None = None,
        errors: list[tuple[str, str]] | None = None,
    ) -> Response:
        """Ask for up to three other times."""
        blank = [("", "")] * WINDOWS
        return self._visits.page(
            request,
            visit,
            "other_time.html",
            status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
            days=[("", "–"), *weekdays(visit.locale)],
            parts=[("", "–"), *((each, self._word(visit, PARTS[each])) for each in PARTS)],
            chosen=(chosen or blank)[:WINDOWS],
            errors=errors or [],
        )

    async def propose(
        self,
        request: Request,
        visit: Visit,
        *,
        key: UUID,
        chosen: list[tuple[str, str]],
    ) -> Response:
        """Take other times, or say what is missing and keep what was chosen."""
        errors = [(field, self._word(visit, sentence)) for field, sentence in _missing(chosen)]
        if is_turned(request) or errors:
            wrong = said(request, errors)
            return await self.other(request, visit, chosen=chosen, errors=wrong)
        text = "; ".join(
            f"{ENGLISH_DAYS[day]} {part}" for day, part in chosen if _is_time(day, part)
        )
        return await self._say(request, visit, key=key, answer="other-time", text=text)

    async def _say(
        self,
        request: Request,
        visit: Visit,
        *,
        key: UUID,
        answer: VisitAnswer,
        text: str = "",
    ) -> Response:
        asked = AnswerVisit(
            key=key,
            scope=scope_of_link(visit.link),
            link_id=visit.link.link_id,
            answer=answer,
            text=text,
            locale=visit.locale,
            step_up=visit.shown,
        )
        onward = address(request, "link_page", visit.token)
        work = self._families.answer_visit(asked)
        return await self._visits.tried(request, visit, work, onward, self.page)

    async def date_for_calendar(self, request: Request, visit: Visit) -> Response:
        """The first visit as a file; what is restricted is an appointment and nothing more."""
        note, facts = _offer(visit)
        if note is None or facts is None or note.starts_on is None:
            return await self._visits.ended(request, visit.token)
        need = visit.mailbox.need(note.need_id)
        is_masked = need is None or need.restricted
        card = await self._card(visit, facts)
        appointment = Appointment(
            uid=note.offer_id,
            made_at=self._visits.clock(),
            on=date.fromisoformat(note.starts_on),
            starts=_clock_time(card.starts) if card else None,
            ends=_clock_time(card.ends) if card else None,
            zone=visit.around.zone,
            title=self._word(visit, APPOINTMENT) if is_masked else facts.service_name,
            place="" if is_masked or card is None else card.address or "",
        )
        headers = {"Content-Disposition": 'attachment; filename="appointment.ics"'}
        return Response(calendar(appointment), media_type="text/calendar", headers=headers)

    async def _card(self, visit: Visit, facts: OfferFacts) -> ServiceCardChanged | None:
        found = await self._visits.queries.service(facts.service_id, visit.link.district)
        return found.card if found else None

    def _word(self, visit: Visit, word: str) -> str:
        return self._visits.templates.say(visit.locale, word)


def routes(places: Places, visits: Visits) -> APIRouter:
    """Forms of the place's page."""
    router = APIRouter(prefix="/f", include_in_schema=False)

    @router.post("/{token}/answer", name="link_answer")
    async def answer(
        request: Request,
        visit: Annotated[Visit, Depends(visits.at_place)],
        key: Annotated[UUID, Form()],
        answer: Annotated[str, Form(max_length=10)] = "",
    ) -> Response:
        return await places.answer(request, visit, key=key, given=answer)

    @router.get("/{token}/other-time", name="link_other")
    async def other(
        request: Request, visit: Annotated[Visit, Depends(visits.at_place)]
    ) -> Response:
        return await places.other(request, visit)

    @router.post("/{token}/other-time")
    async def propose(
        request: Request,
        visit: Annotated[Visit, Depends(visits.at_place)],
        key: Annotated[UUID, Form()],
    ) -> Response:
        form = await request.form()
        chosen = [
            (str(form.get(f"day{n}", "")), str(form.get(f"part{n}", "")))
            for n in range(1, WINDOWS + 1)
        ]
        return await places.propose(request, visit, key=key, chosen=chosen)

    @router.get("/{token}/calendar.ics", name="link_calendar")
    async def date_for_calendar(
        request: Request, visit: Annotated[Visit, Depends(visits.at_place)]
    ) -> Response:
        return await places.date_for_calendar(request, visit)

    return router


def weekdays(locale: str) -> list[tuple[str, str]]:
    """Each ISO weekday's number and name."""
    return [(str(number), name) for number, name in enumerate(dates.weekdays(locale), 1)]


ENGLISH_DAYS: Final = dict(weekdays("en"))


def _is_time(day: str, part: str) -> bool:
    return day in ENGLISH_DAYS and part in PARTS


def _missing(chosen: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The fields of half-filled lines; without any line that is filled in, the first."""
    lines = [(day in ENGLISH_DAYS, part in PARTS) for day, part in chosen]
    halves = [
        (f"{'part' if has_day else 'day'}{number}", GIVE_BOTH)
        for number, (has_day, has_part) in enumerate(lines, 1)
        if has_day is not has_part
    ]
    return halves if halves or (True, True) in lines else [("day1", GIVE_TIME)]


def when(card: ServiceCardChanged | None, note: OfferNote, visit: Visit) -> list[str]:
    """On which days, from when to when; what is not known is left out."""
    names = dict(weekdays(visit.locale))
    days = [names[str(each)] for each in card.weekdays] if card else []
    starts, ends = (_clock_time(card.starts), _clock_time(card.ends)) if card else (None, None)
    joined = ("، " if visit.locale == "ar" else ", ").join(days)
    hours = f"{_hour(starts, visit)} – {_hour(ends, visit)}" if starts and ends else ""
    return [each for each in (joined, hours) if each]


def _hour(at: time, visit: Visit) -> str:
    zone = visit.around.zone
    moment = datetime.combine(date(2000, 1, 3), at, ZoneInfo(zone))
    return dates.hour(moment, visit.locale, zone)


def _clock_time(text: str | None) -> time | None:
    try:
        return time.fromisoformat(text) if text else None
    except ValueError:
        return None


def _offer(visit: Visit) -> tuple[OfferNote | None, OfferFacts | None]:
    note = offer_of(visit.link, visit.mailbox)
    return note, note.facts if note else None
