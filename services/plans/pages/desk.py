"""What every staff page of this service is made with."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.chassis.accounts import Role
from services.chassis.days import DEFAULT_ZONE
from services.chassis.process import Process
from services.chassis.scope import Principal, Scope
from services.plans.pages.speech import Speech
from services.plans.pages.wording import ROLES
from services.plans.queries.lists import Lists
from services.plans.queries.reading import Reading
from services.plans.queries.records import Records
from services.plans.scopes import masks_restricted, scope_of
from services.plans.search import NameMarks
from services.plans.usecases import Plans

NAVIGATION: Final = (  # the top bar: route, text, roles
    ("today", "Today", (Role.CASE_MANAGER, Role.SUPERVISOR)),
    ("students", "Students", (Role.CASE_MANAGER, Role.SUPERVISOR, Role.PRIVACY_OFFICER)),
)


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Queries, use cases and templates behind the pages."""

    process: Process
    plans: Plans
    lists: Lists
    records: Records

    @property
    def new_key(self) -> Callable[[], UUID]:
        """A fresh idempotency key for each form."""
        return self.process.clocks.new_id

    def marks(self, scope: Scope) -> NameMarks:
        """Marks of names in the reader's district."""
        return NameMarks(self.process.settings.search, scope.district)

    async def speech(self, request: Request, person: Principal, zone: str | None = None) -> Speech:
        """Words for a reader; times are those of the school, else of the district."""
        locale = self.process.staff_templates.locale(request, person.locale)
        if zone is None:
            district = await self.records.district(scope_of(person))
            zone = district.time_zone if district else DEFAULT_ZONE
        return Speech(
            say=lambda sentence: self.process.staff_templates.say(locale, sentence),
            locale=locale,
            zone=zone,
            now=self.process.clocks.business(),
            masks=masks_restricted(person),
        )

    async def page(
        self,
        request: Request,
        person: Principal,
        template: str,
        /,
        *,
        here: str = "",
        status: int = 200,
        speech: Speech,
        **context: Any,
    ) -> Response:
        """A staff page in the reader's language."""
        frame = {
            "home": request.app.url_path_for("start"),
            "navigation": [
                {
                    "text": speech.say(text),
                    "href": request.app.url_path_for(route),
                    "current": route == here,
                }
                for route, text, roles in NAVIGATION
                if person.role in roles
            ],
            "viewer": await self._viewer(person, speech),
            "sign_out": {"action": request.app.url_path_for("sign_out"), "key": self.new_key()},
            "new_key": self.new_key,
        }
        return self.process.staff_templates.page(
            request, template, status=status, locale=person.locale, **{**frame, **context}
        )

    def fragment(
        self, request: Request, person: Principal, template: str, block: str, /, **context: Any
    ) -> Response:
        """One part of a page, when what it shows has changed; nothing stands around it."""
        around = {"home": "", "navigation": [], "viewer": "", "new_key": self.new_key}
        return self.process.staff_templates.fragment(
            request, template, block, locale=person.locale, **around, **context
        )

    async def _viewer(self, person: Principal, speech: Speech) -> str:
        schools = await self.records.schools(scope_of(person), person.school_ids)
        where = ", ".join(sorted(each.name for each in schools)[:2])
        parts = (person.name, speech.say(ROLES.get(person.role, "")), where)
        return " · ".join(each for each in parts if each)


def to_student(request: Request, student_id: str) -> Response:
    """Back to the student's page after something was done."""
    path = request.app.url_path_for("student", student_id=student_id)
    return RedirectResponse(path, 303)


def desk(process: Process) -> Desk:
    """The desk of a process."""
    reading = Reading(process.database, process.engine.vault)
    return Desk(
        process=process,
        plans=Plans(process.engine.committer),
        lists=Lists(reading),
        records=Records(reading),
    )
