"""The notification service put together."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from fastapi import APIRouter, FastAPI

from schemas.codes import Locale
from services.chassis.languages import LOCALES, Wording
from services.chassis.leases import Lease
from services.chassis.process import CATALOGUES, Process, application_of
from services.chassis.sessions import Sessions
from services.chassis.settings import Settings, read_or_exit
from services.chassis.telemetry import Telemetry
from services.notifications.composing import Composer
from services.notifications.delivery import Mails, Texts
from services.notifications.domain.policy import Policy
from services.notifications.domain.tokens import Tokens
from services.notifications.handlers import TABLES
from services.notifications.http_texts import HttpTexts
from services.notifications.mailing import Mailing
from services.notifications.pages import consent, leaving, link, outbox, step_up, visit
from services.notifications.pages.visits import BOUNDS, COOKIE, SORT, Visits
from services.notifications.providers import providers
from services.notifications.queries import Queries
from services.notifications.repository.letters import Letters
from services.notifications.sender import LEASE_SECONDS, Sender
from services.notifications.smtp import Smtp
from services.notifications.usecases import Families, Sending, StepUp

SOURCE: Final = "en"  # the language that the code is written in
REVIEWED: Final = "reviewed"


def process(
    settings: Settings, telemetry: Telemetry | None = None, *, has_texts: bool | None = None
) -> Process:
    """One process of the service, without its pages; nothing is started yet."""
    policy = Policy(
        reviewed=frozenset(cast("tuple[Locale, ...]", LOCALES))
        if settings.demo
        else reviewed_locales(),
        has_texts=bool(settings.sms_url) if has_texts is None else has_texts,
    )
    tokens = Tokens(settings.pseudonym)
    return Process(
        settings,
        TABLES,
        Path(__file__).parent,
        providers=lambda _: providers(policy, tokens),
        telemetry=telemetry,
    )


def create() -> FastAPI:
    """The application, for uvicorn."""
    return build(read_or_exit("notifications"))


def build(
    settings: Settings,
    telemetry: Telemetry | None = None,
    *,
    mails: Mails | None = None,
    texts: Texts | None = None,
) -> FastAPI:
    """The application; `mails` and `texts` are the providers, by default those of the settings."""
    texts = texts or _texts(settings)
    made = process(settings, telemetry, has_texts=texts is not None)
    reviewed = reviewed_locales()
    parts = Parts(
        process=made,
        queries=Queries(made.database, made.engine.vault),
        tokens=Tokens(settings.pseudonym),
        letters=Letters(made.database, made.engine.vault) if settings.demo else None,
        mails=mails or _mails(settings),
        texts=texts,
    )
    visits = _visits(parts, reviewed)
    app = application_of(made, "Wraparound: messages", _routers(parts, visits))
    visits.install(app)
    made.engine.beside("sender", _sender(parts).run)
    return app


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What pages and sender are made of."""

    process: Process
    queries: Queries
    tokens: Tokens
    letters: Letters | None
    mails: Mails
    texts: Texts | None


def _mails(settings: Settings) -> Mails:
    return Smtp(
        settings.smtp_host,
        settings.smtp_port,
        security=settings.smtp_security or "none",
        user=settings.smtp_user,
        password=settings.smtp_password,
    )


def _texts(settings: Settings) -> Texts | None:
    return HttpTexts(settings.sms_url, settings.sms_token) if settings.sms_url else None


def reviewed_locales() -> frozenset[Locale]:
    """The languages whose catalogue says that a person reviewed its wording."""
    wording = Wording([CATALOGUES])
    found = {
        locale
        for locale in LOCALES
        if locale == SOURCE or wording.of(locale).info().get("x-wording") == REVIEWED
    }
    return cast("frozenset[Locale]", frozenset(found))


def _visits(parts: Parts, reviewed: frozenset[Locale]) -> Visits:
    process = parts.process
    platform, clocks = process.engine.platform, process.clocks
    return Visits(
        queries=parts.queries,
        templates=process.templates,
        sessions=Sessions(platform, SORT, real_time=clocks.real, bounds=BOUNDS),
        cookie=process.cookie(COOKIE),
        clock=clocks.business,
        new_id=clocks.new_id,
        is_demo=process.settings.demo,
        drafts=frozenset(LOCALES) - reviewed,
    )


def _routers(parts: Parts, visits: Visits) -> list[APIRouter]:
    process, letters = parts.process, parts.letters
    committer, clock = process.engine.committer, process.clocks.business
    families = Families(committer, parts.tokens)
    steps = StepUp(committer, parts.queries, parts.tokens, clock)
    consents, places = consent.Consents(visits, families), visit.Places(visits, families)
    return [
        outbox.routes(letters, process.templates, process.live, real_time=process.clocks.real)
        if letters
        else outbox.closed(),
        process.sign_in_routes(),
        step_up.routes(visits, steps),
        link.routes(visits, steps, consents, places),
        consent.routes(consents, visits),
        visit.routes(places, visits),
        leaving.routes(visits, families),
    ]


def _sender(parts: Parts) -> Sender:
    process = parts.process
    settings, clocks, say = process.settings, process.clocks, process.templates.say
    return Sender(
        sending=Sending(process.engine.committer),
        queries=parts.queries,
        tokens=parts.tokens,
        composer=Composer(parts.queries, parts.tokens, say, settings.public_url),
        mailing=Mailing(templates=process.templates, sender_address=settings.smtp_from),
        mails=parts.mails,
        texts=parts.texts,
        letters=parts.letters,
        lease=Lease(process.database, "sender", process.engine.holder, LEASE_SECONDS),
        telemetry=process.telemetry,
        clock=clocks.business,
        real_time=clocks.real,
        monotonic=clocks.monotonic,
        new_id=clocks.new_id,
    )
