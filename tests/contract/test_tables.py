"""The handler tables of all services, against the events and each other."""

import pytest

from schemas.envelope import ActEvent
from schemas.registry import EVENTS
from schemas.topics import TOPICS
from services.chassis.kernel import Act, Copy
from services.cli import PROCESSES, TABLES, reference_files

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
