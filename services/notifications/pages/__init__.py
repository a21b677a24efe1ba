"""Pages of families at their links, and in the demo the page of every mail and text."""

from fastapi import APIRouter

from schemas.codes import LOCALES
from services.chassis.process import Process
from services.chassis.sessions import Sessions
from services.notifications.domain.tokens import Tokens
from services.notifications.pages import consent, leaving, link, outbox, place, step_up
from services.notifications.pages.visits import BOUNDS, COOKIE, SORT, Visits
from services.notifications.queries import Queries
from services.notifications.repository.letters import Letters
from services.notifications.usecases import Families, StepUp


def visits(process: Process) -> Visits:
    """What all pages of links share."""
    engine, clocks, templates = process.engine, process.clocks, process.templates
    return Visits(
        queries=Queries(process.database, engine.vault),
        templates=templates,
        sessions=Sessions(engine.platform, SORT, real_time=clocks.real, bounds=BOUNDS),
        cookie=process.cookie(COOKIE),
        clock=clocks.business,
        new_id=clocks.new_id,
        is_demo=process.settings.demo,
        drafts=frozenset(LOCALES) - templates.wording.reviewed,
    )


def routers(process: Process, visits: Visits) -> list[APIRouter]:
    """Every page of this service."""
    committer, tokens = process.engine.committer, Tokens(process.settings.pseudonym)
    families = Families(committer, tokens)
    steps = StepUp(committer, visits.queries, tokens, process.clocks.business)
    consents, places = consent.Consents(visits, families), place.Places(visits, families)
    return [
        _outbox(process),
        process.sign_in_routes(),
        step_up.routes(visits, steps),
        link.routes(visits, steps, consents, places),
        consent.routes(consents, visits),
        place.routes(places, visits),
        leaving.routes(visits, families),
    ]


def _outbox(process: Process) -> APIRouter:
    if not process.settings.demo:
        return outbox.closed()
    letters = Letters(process.database, process.engine.vault)
    return outbox.routes(
        letters, process.staff_templates, process.live, real_time=process.clocks.real
    )
