"""The handler tables of all services, against the events and each other."""

import pytest

from schemas.envelope import ActEvent
from schemas.referrals import ActRefused, ActSettled, OfferMade
from schemas.registry import EVENTS
from schemas.topics import TOPICS
from services.chassis.kernel import UNDECLARED, Act, Copy, On, Route
from services.cli import TABLES, reference_files
from services.notifications import usecases as notifications_usecases
from services.notifications.domain.mailbox import clock_of as partner_clock
from services.plans import importing as plans_importing
from services.plans import usecases as plans_usecases
from services.plans.domain.consents import clock_of as signature_clock
from services.plans.domain.needs import Need
from services.referrals import usecases
from services.referrals.domain.referral import ANSWER, REMATCH, Referral
from services.referrals.usecases import CONSENTS
from services.terminal import PROCESSES
from tests.contract.sources import calls

SERVICES = pytest.mark.parametrize("service", TABLES)


def test_the_reference_is_what_models_and_tables_give() -> None:
    stale = [
        path.name
        for path, text in reference_files().items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]
    assert stale == [], "run `wraparound reference --write`"


@SERVICES
def test_a_service_listens_to_declared_topics_only(service: str) -> None:
    assert set(TABLES[service].topics) <= {topic.name for topic in TOPICS}


@SERVICES
def test_each_row_handles_a_registered_event(service: str) -> None:
    assert {row.message for row in TABLES[service].rows} <= set(EVENTS.values())


@SERVICES
def test_no_two_kinds_share_a_collection(service: str) -> None:
    names = [kind.collection for kind in TABLES[service].kinds]
    assert len(set(names)) == len(names)


@SERVICES
def test_each_row_is_for_a_kind_that_is_stored(service: str) -> None:
    tables = TABLES[service]
    stored = {kind.state for kind in tables.kinds}
    routes = [*tables.rows, *tables.clocks]
    assert {route.kind for route in routes} <= stored
    assert {each.kind for route in routes for each in route.relies_on} <= stored


@SERVICES
def test_a_copy_is_fed_by_one_topic(service: str) -> None:
    fed: dict[type, set[str]] = {}
    for row in TABLES[service].rows:
        if isinstance(row, Copy):
            fed.setdefault(row.kind, set()).add(row.message.TOPIC)
    assert {kind.__name__: topics for kind, topics in fed.items() if len(topics) > 1} == {}


NOT_REBUILDABLE = {
    # who was erased is told on another topic, and stays forgotten
    "notifications.families": {"plans.student_erased.v1"},
}


def test_a_copy_that_something_else_writes_to_is_listed_and_not_rebuilt() -> None:
    mixed: dict[str, set[str]] = {}
    pure: set[str] = set()
    for service, tables in TABLES.items():
        for kind in tables.kinds:
            rows = [row for row in tables.rows if row.kind is kind.state]
            others = {row.message.TYPE for row in rows if not isinstance(row, Copy)}
            others |= {"clock" for clock in tables.clocks if clock.kind is kind.state}
            if any(isinstance(row, Copy) for row in rows):
                name = f"{service}.{kind.collection}"
                (mixed.update({name: others}) if others else pure.add(name))
    assert mixed == NOT_REBUILDABLE
    assert {
        f"{service}.{name}" for service, tables in TABLES.items() for name in tables.copies
    } == pure


COMMANDS = {
    "plans": [plans_usecases, plans_importing],
    "referrals": [usecases],
    "notifications": [notifications_usecases],
}


@SERVICES
def test_no_command_writes_to_a_copy(service: str) -> None:
    routes = [
        each
        for module in COMMANDS[service]
        for each in vars(module).values()
        if isinstance(each, Route)
    ]
    assert routes
    copies = {row.kind for row in TABLES[service].rows if isinstance(row, Copy)}
    assert {route.kind.__name__ for route in routes if route.kind in copies} == set()


CLOCKS = {  # every clock that a decision sets, about something that is called "offer-1"
    "plans": (signature_clock("offer-1"),),
    "referrals": (ANSWER, REMATCH),
    "notifications": (partner_clock("offer-1"),),
}


@SERVICES
def test_a_clock_begins_with_a_declared_sort_which_tells_about_no_one(service: str) -> None:
    (clock,) = TABLES[service].clocks
    sorts = [clock.sort_of(name) for name in CLOCKS[service]]
    assert sorted(sorts) == sorted(clock.sorts)
    assert not any("offer-1" in each for each in sorts)
    assert clock.sort_of("anything else") == UNDECLARED


def test_each_act_is_answered_by_exactly_one_service() -> None:
    acts = {event for event in EVENTS.values() if issubclass(event, ActEvent) and event.TYPE}
    handlers = {
        act: [
            name
            for name, tables in TABLES.items()
            for row in tables.rows
            if isinstance(row, Act) and row.message is act
        ]
        for act in acts
    }
    assert {act.TYPE: names for act, names in handlers.items() if len(names) != 1} == {}


def test_every_way_an_act_may_be_answered_reaches_what_was_asked_for() -> None:
    askers = {
        event.TYPE.partition(".")[0]
        for event in EVENTS.values()
        if issubclass(event, ActEvent) and event.TYPE
    }
    types = {event.__name__: event for event in EVENTS.values()}
    answers = {
        types[name]
        for service, tables in TABLES.items()
        if tables.answers
        for _, name, call in calls(f"services/{service}")
        if name in types and any(given.arg == "answers" for given in call.keywords)
    }
    assert {ActRefused, ActSettled, OfferMade} < answers
    assert askers == {"plans"}
    heard = {
        row.message for row in TABLES["plans"].rows if row.kind is Need and isinstance(row, On)
    }
    assert {each.TYPE for each in answers - heard} == set()


def test_whatever_offers_accepts_or_shows_relies_on_the_consents() -> None:
    tables = TABLES["referrals"]
    commands = [each for each in vars(usecases).values() if isinstance(each, Route)]
    routes = [*tables.rows, *tables.clocks, *commands]
    deciding = [route for route in routes if route.kind is Referral]
    assert len(deciding) > len(commands)
    careless = [route.decide.__name__ for route in deciding if CONSENTS not in route.relies_on]
    assert careless == []


@SERVICES
def test_whoever_answers_acts_says_how(service: str) -> None:
    tables = TABLES[service]
    has_acts = any(isinstance(row, Act) for row in tables.rows)
    assert has_acts == (tables.answers is not None)


def test_every_event_has_somebody_who_handles_it() -> None:
    handled = {row.message for tables in TABLES.values() for row in tables.rows}
    assert {event.TYPE for event in set(EVENTS.values()) - handled} <= UNHEARD


UNHEARD = {
    "referrals.organization_card_changed.v1",  # for reports and registers that come later
}


def test_the_tables_are_those_that_run() -> None:
    assert PROCESSES.keys() == TABLES.keys()
