"""Pages before anything is shown: the nameless first one, the birthday, the code, the PIN."""

from collections.abc import Awaitable
from http import HTTPStatus
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from schemas.codes import STEP_UP_WRONG
from services.chassis import dates
from services.chassis.kernel import Refused
from services.notifications.domain.step_up import is_fit_for_pin, typed_digits
from services.notifications.pages.visits import (
    Visit,
    Visits,
    address,
    is_turned,
    led,
    said,
)
from services.notifications.usecases import StepUp
from services.notifications.wording import mark

MONTHS: Final = range(1, 13)
DAYS: Final = range(1, 32)
Errors = list[tuple[str, str]]
GIVE_MONTH: Final = mark("Choose the month.")
GIVE_DAY: Final = mark("Type the day as a number from 1 to 31.")
GIVE_CODE: Final = mark("Type the six digits of the code.")
GIVE_PIN: Final = mark("Type your PIN: four to six digits.")
HARD_PIN: Final = mark("Choose four to six digits that are hard to guess, not 1234.")
IN_DEMO: Final = mark("In this demo, answer: %(answer)s")


def routes(visits: Visits, step_up: StepUp) -> APIRouter:
    """`/f/<token>` and what leads from there to the page behind it."""
    router = APIRouter(prefix="/f", include_in_schema=False)
    steps = Steps(visits, step_up)
    _add_birthday(router, visits, steps)
    _add_code(router, visits, steps)
    _add_pins(router, visits, steps)

    @router.get("/{token}/", name="link_slashed")
    async def slashed(request: Request, token: str) -> Response:
        return led(request, "link_landing", token)  # some programs end an address so

    @router.get("/{token}", name="link_landing")
    async def landing(request: Request, visit: Annotated[Visit, Depends(visits.here)]) -> Response:
        if visit.step_up:
            onward = address(request, "link_page", visit.token)
            return RedirectResponse(onward, HTTPStatus.SEE_OTHER)
        first = "link_pin" if await steps.has_pin(visit) else "link_who"
        onward = address(request, first, visit.token)
        return visits.page(request, visit, "landing.html", onward=onward)

    return router


def _add_birthday(router: APIRouter, visits: Visits, steps: "Steps") -> None:
    @router.get("/{token}/who", name="link_who")
    async def who(request: Request, visit: Annotated[Visit, Depends(visits.here)]) -> Response:
        return await steps.who(request, visit)

    @router.post("/{token}/who")
    async def knock(
        request: Request,
        visit: Annotated[Visit, Depends(visits.here)],
        key: Annotated[UUID, Form()],
        month: Annotated[str, Form(max_length=2)] = "",
        day: Annotated[str, Form(max_length=4)] = "",
    ) -> Response:
        return await steps.knock(request, visit, key, month=month, day=typed_digits(day))


def _add_code(router: APIRouter, visits: Visits, steps: "Steps") -> None:
    @router.get("/{token}/code", name="link_code")
    async def code(request: Request, visit: Annotated[Visit, Depends(visits.here)]) -> Response:
        return await steps.code(request, visit)

    @router.post("/{token}/code")
    async def enter_code(
        request: Request,
        visit: Annotated[Visit, Depends(visits.here)],
        key: Annotated[UUID, Form()],
        code: Annotated[str, Form(max_length=20)] = "",
    ) -> Response:
        return await steps.enter_code(request, visit, key, typed_digits(code))


def _add_pins(router: APIRouter, visits: Visits, steps: "Steps") -> None:
    @router.get("/{token}/pin", name="link_pin")
    async def pin(request: Request, visit: Annotated[Visit, Depends(visits.here)]) -> Response:
        return visits.page(request, visit, "pin.html")

    @router.post("/{token}/pin")
    async def enter_pin(
        request: Request,
        visit: Annotated[Visit, Depends(visits.here)],
        key: Annotated[UUID, Form()],
        pin: Annotated[str, Form(max_length=20)] = "",
    ) -> Response:
        return await steps.enter_pin(request, visit, key, typed_digits(pin))

    @router.get("/{token}/new-pin", name="link_new_pin")
    async def new_pin(
        request: Request, visit: Annotated[Visit, Depends(visits.inside)]
    ) -> Response:
        return visits.page(request, visit, "new_pin.html")

    @router.post("/{token}/new-pin")
    async def set_pin(
        request: Request,
        visit: Annotated[Visit, Depends(visits.inside)],
        key: Annotated[UUID, Form()],
        pin: Annotated[str, Form(max_length=20)] = "",
    ) -> Response:
        return await steps.set_pin(request, visit, key, typed_digits(pin))


class Steps:
    """The steps, one after the other; what is empty or no number is no try."""

    def __init__(self, visits: Visits, step_up: StepUp) -> None:
        self._visits = visits
        self._step_up = step_up

    async def has_pin(self, visit: Visit) -> bool:
        """Whether the contact set a PIN on an earlier visit."""
        link = visit.link
        choice = await self._visits.queries.choice(link.contact_id, link.district)
        return choice.pin_hash is not None

    async def who(
        self,
        request: Request,
        visit: Visit,
        *,
        month: str = "",
        day: str = "",
        errors: Errors | None = None,
    ) -> Response:
        """Ask for the child's birthday."""
        return self._visits.page(
            request,
            visit,
            "who.html",
            status=_status(errors),
            months=months(visit.locale),
            month=month,
            day=day,
            errors=errors or [],
            hint=self._hint(visit, _birthday(visit)),
        )

    async def knock(
        self, request: Request, visit: Visit, key: UUID, *, month: str, day: str
    ) -> Response:
        """Take the birthday, and send a code if it is right."""
        errors = [
            (name, self._say(visit, sentence))
            for name, given, allowed, sentence in (
                ("month", month, MONTHS, GIVE_MONTH),
                ("day", day, DAYS, GIVE_DAY),
            )
            if not (given.isascii() and given.isdigit() and int(given) in allowed)
        ]
        if is_turned(request) or errors:
            wrong = said(request, errors)
            return await self.who(request, visit, month=month, day=day, errors=wrong)
        knocked = self._step_up.knock(visit.link, key, month=int(month), day=int(day))
        is_right = await self._tried(knocked)
        if is_right is None:
            return await self._visits.ended(request, visit.token)
        if is_right:
            onward = address(request, "link_code", visit.token)
            return RedirectResponse(onward, HTTPStatus.SEE_OTHER)
        wrong = [("month", self._say(visit, STEP_UP_WRONG[1]))]
        return await self._after_wrong(
            request, visit, self.who(request, visit, month=month, day=day, errors=wrong)
        )

    async def code(
        self, request: Request, visit: Visit, *, errors: Errors | None = None
    ) -> Response:
        """Ask for the code that was sent."""
        codes = await self._step_up.codes(visit.link) if self._visits.is_demo else []
        is_text = _channel(visit) == "sms"
        return self._visits.page(
            request,
            visit,
            "code.html",
            status=_status(errors),
            is_text=is_text,
            errors=errors or [],
            hint=self._hint(visit, codes[-1] if codes else ""),
        )

    async def enter_code(self, request: Request, visit: Visit, key: UUID, given: str) -> Response:
        """Take the code; then this visit sets the PIN."""
        if not (given.replace(" ", "").isascii() and given.replace(" ", "").isdigit()):
            errors = [("code", self._say(visit, GIVE_CODE))]
            return await self.code(request, visit, errors=errors)
        is_right = await self._tried(self._step_up.enter_code(visit.link, key, given))
        if is_right is None:
            return await self._again(request, visit)
        if is_right:
            onward = address(request, "link_new_pin", visit.token)
            return await self._visits.let_in(request, visit, "code", onward)
        wrong = [("code", self._say(visit, STEP_UP_WRONG[1]))]
        return await self._after_wrong(request, visit, self.code(request, visit, errors=wrong))

    async def enter_pin(self, request: Request, visit: Visit, key: UUID, given: str) -> Response:
        """Take the PIN."""
        if not (given.isascii() and given.isdigit()):
            errors = [("pin", self._say(visit, GIVE_PIN))]
            return self._visits.page(request, visit, "pin.html", status=422, errors=errors)
        is_right = await self._tried(self._step_up.enter_pin(visit.link, key, given))
        if is_right is None:
            return await self._visits.ended(request, visit.token)
        if is_right:
            onward = address(request, "link_page", visit.token)
            return await self._visits.let_in(request, visit, "pin", onward)
        wrong = [("pin", self._say(visit, STEP_UP_WRONG[1]))]
        page = self._visits.page(request, visit, "pin.html", status=422, errors=wrong)
        return await self._after_wrong(request, visit, _ready(page))

    async def set_pin(self, request: Request, visit: Visit, key: UUID, given: str) -> Response:
        """Set the PIN and go to what the link is about."""
        if not is_fit_for_pin(given):
            errors = [("pin", self._say(visit, HARD_PIN))]
            return self._visits.page(request, visit, "new_pin.html", status=422, errors=errors)
        await self._step_up.set_pin(visit.link, key, given)
        onward = address(request, "link_page", visit.token)
        return RedirectResponse(onward, HTTPStatus.SEE_OTHER)

    async def _tried(self, trying: Awaitable[bool]) -> bool | None:
        """Whether it was right; None when nothing may be tried now."""
        try:
            return await trying
        except Refused:
            return None

    async def _again(self, request: Request, visit: Visit) -> Response:
        """The code came too late, or the link ended: the first page knows which."""
        onward = address(request, "link_landing", visit.token)
        return RedirectResponse(onward, HTTPStatus.SEE_OTHER)

    async def _after_wrong(
        self, request: Request, visit: Visit, otherwise: Awaitable[Response]
    ) -> Response:
        """The same page again, unless this was the fifth wrong answer."""
        page = await otherwise
        still = await self._visits.find(request, visit.token)
        return page if still else await self._visits.ended(request, visit.token)

    def _say(self, visit: Visit, sentence: str) -> str:
        return self._visits.templates.say(visit.locale, sentence)

    def _hint(self, visit: Visit, answer: str) -> str:
        """In the demo the answer stands beside the field."""
        if not (self._visits.is_demo and answer):
            return ""
        return self._say(visit, IN_DEMO) % {"answer": answer}


def months(locale: str) -> list[tuple[str, str]]:
    """Each month's number and name, for a list to choose from."""
    return [(str(number), name) for number, name in enumerate(dates.months(locale), 1)]


def _birthday(visit: Visit) -> str:
    card: Any = visit.around.family.student.facts if visit.around.family.student else None
    month, day = getattr(card, "birth_month", None), getattr(card, "birth_day", None)
    return f"{dict(months(visit.locale))[str(month)]} {day}" if month and day else ""


def _channel(visit: Visit) -> str:
    sent = [m for m in visit.mailbox.messages if m.link_id == visit.link.link_id and m.channels]
    return sent[-1].channel if sent else "email"


def _status(errors: Errors | None) -> int:
    return HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK


async def _ready(page: Response) -> Response:
    return page
