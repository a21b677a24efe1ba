"""Events: their schemas, examples, seals and headers."""

import copy
import json
import shutil
from datetime import date, datetime, time
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

import jsonschema
import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event
from cloudevents.core.formats.json import JSONFormat
from pydantic import AwareDatetime

from schemas import gate, topics
from schemas.envelope import BadRecord, Event, envelope_of
from schemas.example import example_of
from schemas.plans import NeedIdentified
from schemas.registry import EVENTS, facts_of

ALL = pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS.keys())
OPEN_WORDS = {
    # public facts of organizations, services, schools and districts: nothing about a person
    "plans.school_card_changed.v1": {"name", "phone", "time_zone"},
    "plans.district_card_changed.v1": {"name"},
    "referrals.organization_card_changed.v1": {"name", "phone"},
    "referrals.service_card_changed.v1": {
        *("name", "organization_name", "category", "address", "phone", "url", "weekdays"),
        *("starts", "ends"),
    },
    # codes and ids that are plain strings
    "plans.staff_card_changed.v1": {"role"},
    "plans.disclosure_recorded.v1": {"mac", "previous_mac"},
    "referrals.referral_opened.v1": {"public_reference"},
    "referrals.offer_made.v1": {"public_reference"},
    "referrals.packet_closed.v1": {"code"},
    "referrals.view_denied.v1": {"code"},
    "referrals.act_refused.v1": {"code"},
    "notifications.message_queued.v1": {"locale"},
}


def test_committed_schemas_and_examples_are_what_the_models_give() -> None:
    assert gate.findings() == []


@ALL
def test_an_example_fits_its_schema(event: type[Event]) -> None:
    jsonschema.validate(example_of(event)["value"], gate.schema_of(event))


@ALL
def test_an_event_belongs_to_a_topic_of_its_service(event: type[Event]) -> None:
    known = {topic.name: topic for topic in topics.TOPICS}
    assert known[event.TOPIC].producer == event.TYPE.partition(".")[0]


@ALL
def test_subject_and_key_stand_in_the_clear(event: type[Event]) -> None:
    assert {event.SUBJECT, event.KEY} <= event.model_fields.keys() - facts_of(event).keys()


@ALL
def test_words_about_a_child_stand_only_in_seals(event: type[Event]) -> None:
    plain = {
        name
        for name, field in event.model_fields.items()
        if name not in facts_of(event) and field.annotation in {str, str | None}
        if not name.endswith("_id") and name not in {"answers", "viewed_by", "asked_by"}
    }
    assert plain - {"accepted_by"} <= OPEN_WORDS.get(event.TYPE, set())


@ALL
def test_whatever_else_stands_in_the_clear_is_a_code_a_time_or_a_number(event: type[Event]) -> None:
    plain = {
        name: field.annotation
        for name, field in event.model_fields.items()
        if name not in facts_of(event)
    }
    assert {name for name, kind in plain.items() if not leaves(kind) <= CLEAR} == set()


@ALL
def test_no_event_about_a_student_tells_in_the_clear_what_helps_or_who(event: type[Event]) -> None:
    if event.KEY != "student_id":
        return
    plain = event.model_fields.keys() - facts_of(event).keys()
    telling = ("category", "organization", "service", "party", "parties", "name", "text")
    assert [name for name in plain if any(word in name for word in telling)] == []


@ALL
def test_a_seal_names_its_person_and_is_of_a_kind_of_its_service(event: type[Event]) -> None:
    for name, facts in facts_of(event).items():
        (seal,) = leaves(event.model_fields[name].annotation)
        assert seal.model_fields["person"].is_required()
        assert facts.KIND.startswith(event.TYPE.partition(".")[0] + ".")


CLEAR = {str, bool, int, date, datetime, time, AwareDatetime, Literal}


def leaves(kind: Any) -> set[Any]:
    """What a field's values are made of: each sort once, codes as `Literal`."""
    if get_origin(kind) is Literal:
        return {Literal}
    inner = [each for each in get_args(kind) if each not in {type(None), ...}]
    if get_origin(kind) is Annotated:
        inner = inner[:1]
    return {leaf for each in inner for leaf in leaves(each)} if inner else {kind}


def test_no_two_seals_share_a_kind() -> None:
    kinds = [facts.KIND for event in EVENTS.values() for facts in facts_of(event).values()]
    classes = {facts for event in EVENTS.values() for facts in facts_of(event).values()}
    assert len({facts.KIND for facts in classes}) == len(classes)
    assert kinds


@ALL
def test_headers_are_cloudevents_in_kafka_binary_mode(event: type[Event]) -> None:
    example = example_of(event)
    headers: dict[str, Any] = {name: text.encode() for name, text in example["headers"].items()}
    message = KafkaMessage(
        headers=headers, key=example["key"].encode(), value=json.dumps(example["value"]).encode()
    )
    read = from_binary_event(message, JSONFormat())

    assert read.get_type() == event.TYPE
    assert read.get_specversion() == "1.0"
    assert read.get_data() == example["value"]
    assert envelope_of(list(headers.items())).subject == read.get_subject()


def a_schema() -> dict[str, Any]:
    return gate.schema_of(NeedIdentified)


def test_the_gate_lets_an_optional_property_through() -> None:
    changed = a_schema()
    changed["properties"]["note"] = {"type": "string", "default": ""}
    assert list(gate.breaks(a_schema(), changed)) == []


def without_a_property(schema: dict[str, Any]) -> None:
    del schema["properties"]["urgency"]


def with_a_required_property(schema: dict[str, Any]) -> None:
    schema["required"].append("note")


def with_another_type(schema: dict[str, Any]) -> None:
    schema["properties"]["restricted"]["type"] = "string"


def with_one_more_code(schema: dict[str, Any]) -> None:
    schema["properties"]["urgency"]["enum"].append("soon")


def on_another_topic(schema: dict[str, Any]) -> None:
    schema["x-topic"] = topics.CONSENTS


def with_another_sealed_type(schema: dict[str, Any]) -> None:
    schema["x-sealed"]["sealed"]["properties"]["summary"]["type"] = "integer"


@pytest.mark.parametrize(
    "change",
    [
        without_a_property,
        with_a_required_property,
        with_another_type,
        with_one_more_code,
        on_another_topic,
        with_another_sealed_type,
    ],
)
def test_the_gate_refuses(change: Any) -> None:
    changed = copy.deepcopy(a_schema())
    change(changed)
    assert list(gate.breaks(a_schema(), changed))


@pytest.fixture
def committed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the committed schemas and examples, which the gate takes for them."""
    for folder in ("json", "examples"):
        shutil.copytree(gate.HERE / folder, tmp_path / folder)
    monkeypatch.setattr(gate, "HERE", tmp_path)
    return tmp_path


def told_before(committed: Path, change: Any) -> Path:
    """The committed schema of an event as if an earlier version had told something else."""
    path = committed / "json" / f"{NeedIdentified.TYPE}.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    change(schema)
    path.write_text(json.dumps(schema), encoding="utf-8")
    return path


def with_a_property_more(schema: dict[str, Any]) -> None:
    schema["properties"]["note"] = {"type": "string"}


def with_other_words(schema: dict[str, Any]) -> None:
    schema["description"] = "Other words."


@pytest.mark.usefixtures("committed")
def test_the_gate_is_open_for_what_is_committed() -> None:
    assert gate.main([]) == 0


def test_the_gate_closes_before_a_change_that_breaks_readers_and_writes_nothing(
    committed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = told_before(committed, with_a_property_more)
    before = path.read_bytes()

    assert (gate.main([]), gate.main(["--write"])) == (1, 1)

    said = capsys.readouterr().err
    assert f"{NeedIdentified.TYPE}: .note is gone" in said
    assert "Make a new type .v2 instead" in said
    assert path.read_bytes() == before


def test_the_gate_closes_until_what_breaks_nobody_is_written(committed: Path) -> None:
    told_before(committed, with_other_words)

    assert (gate.main([]), gate.main(["--write"]), gate.main([])) == (1, 0, 0)


def test_an_event_that_is_gone_closes_the_gate(
    committed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (committed / "json" / "plans.need_dreamt.v1.json").write_text("{}", encoding="utf-8")

    assert gate.main([]) == 1
    assert "a type on a live topic stays" in capsys.readouterr().err


def headers_with(**changed: bytes | None) -> list[tuple[str, bytes | None]]:
    named: dict[str, bytes | None] = {
        name: text.encode() for name, text in example_of(NeedIdentified)["headers"].items()
    }
    return list((named | changed).items())


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"ce_id": b""}, "header_missing"),
        ({"ce_type": b""}, "header_missing"),
        ({"ce_specversion": b"0.3"}, "specversion"),
        ({"anything": None}, "header_null"),
        ({"anything": b"\xff"}, "header_not_text"),
        ({"ce_sequence": b"first"}, "header_malformed"),
        ({"ce_time": b"yesterday"}, "header_malformed"),
    ],
)
def test_a_bad_header_has_a_code(changed: dict[str, bytes | None], code: str) -> None:
    with pytest.raises(BadRecord) as refused:
        envelope_of(headers_with(**changed))
    assert refused.value.code == code
