"""The notification service put together: `uvicorn services.notifications.main:create --factory`."""

from pathlib import Path

from fastapi import FastAPI

from schemas.codes import LOCALES
from services.chassis.languages import Wording
from services.chassis.leases import Lease
from services.chassis.process import CATALOGUES, Process, application_of
from services.chassis.settings import Settings, read_or_exit
from services.chassis.telemetry import Telemetry
from services.notifications import pages
from services.notifications.composing import Composer
from services.notifications.delivery import Mails, Texts
from services.notifications.domain.policy import Policy
from services.notifications.domain.tokens import Tokens
from services.notifications.handlers import TABLES
from services.notifications.http_texts import HttpTexts
from services.notifications.mailing import Mailing
from services.notifications.post import Post
from services.notifications.providers import providers
from services.notifications.queries import Queries
from services.notifications.repository.letters import Letters
from services.notifications.sender import LEASE_SECONDS, Sender
from services.notifications.smtp import Smtp
from services.notifications.usecases import Sending

SERVICE = "notifications"


def process(
    settings: Settings, telemetry: Telemetry | None = None, *, has_texts: bool | None = None
) -> Process:
    """One process of the service, without its pages; nothing is started yet."""
    policy = Policy(
        reviewed=frozenset(LOCALES) if settings.demo else Wording([CATALOGUES]).reviewed,
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


def build(
    settings: Settings,
    telemetry: Telemetry | None = None,
    *,
    mails: Mails | None = None,
    texts: Texts | None = None,
) -> FastAPI:
    """The application with its pages; `mails` and `texts` are by default those of the settings."""
    texts = texts or _texts(settings)
    made = process(settings, telemetry, has_texts=texts is not None)
    made.engine.beside("sender", _sender(made, mails or _mails(settings), texts).run)
    visits = pages.visits(made)
    app = application_of(made, "Wraparound: messages", pages.routers(made, visits))
    visits.install(app)
    return app


def create() -> FastAPI:
    """The application from the environment."""
    return build(read_or_exit(SERVICE))


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


def _sender(process: Process, mails: Mails, texts: Texts | None) -> Sender:
    settings, clocks = process.settings, process.clocks
    vault, tokens = process.engine.vault, Tokens(settings.pseudonym)
    queries = Queries(process.database, vault)
    post = Post(
        queries=queries,
        tokens=tokens,
        composer=Composer(queries, tokens, process.templates.say, settings.public_url),
        mailing=Mailing(templates=process.templates, sender_address=settings.smtp_from),
        mails=mails,
        texts=texts,
        letters=Letters(process.database, vault) if settings.demo else None,
        real_time=clocks.real,
    )
    return Sender(
        sending=Sending(process.engine.committer),
        queries=queries,
        tokens=tokens,
        post=post,
        lease=Lease(process.database, "sender", process.engine.holder, LEASE_SECONDS),
        telemetry=process.telemetry,
        clock=clocks.business,
        real_time=clocks.real,
        monotonic=clocks.monotonic,
        new_id=clocks.new_id,
    )
