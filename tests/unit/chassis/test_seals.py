from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import ValidationError

from schemas.envelope import Erased, Sealed, SealedFacts, seal_of
from services.chassis.messages import Message
from services.chassis.outbox import Outgoing
from services.chassis.seals import Seals, box_of, close_seal, open_seal, seal_from
from services.chassis.vault import Keyring, SealBroken
from services.chassis.wiring import Told
from tests.toy.builders import a_total

NOW: Final = datetime(2026, 9, 14, 15, 0, tzinfo=UTC)


class Liking(SealedFacts):
    KIND = "toy.liking"
    word: str


KEYS = Keyring({"ada": AESGCM(bytes(32)), "ben": AESGCM(bytes(range(32))), "gone": None})
LIKES = Liking(word="drums")


def received(person: str = "ada", facts: SealedFacts = LIKES) -> Sealed[Liking]:
    """A seal as a topic brings it: bytes alone."""
    box = KEYS.seal(person, Liking.KIND, facts.model_dump_json().encode())
    return Sealed[Liking](person=person).model_copy(update={"box": box})


def test_a_seal_opened_says_what_was_sealed_and_keeps_its_bytes() -> None:
    closed = received()
    opened = open_seal(closed, KEYS)

    assert opened.facts == LIKES
    assert box_of(opened, KEYS) == closed.box
    assert seal_from(Sealed[Liking], "ada", closed.box, KEYS) == opened


@pytest.mark.parametrize("length", [1, 900, 1_100, 20_000])
def test_facts_of_any_length_come_back_as_they_were(length: int) -> None:
    box = KEYS.seal_facts("ada", Liking(word="o" * length))
    assert KEYS.open_facts("ada", Liking, box) == Liking(word="o" * length)


def test_what_says_the_same_again_and_again_is_sealed_short() -> None:
    box = KEYS.seal_facts("ada", Liking(word="drums " * 1_000))
    assert box is not None
    assert len(box) < 200


def test_a_seal_cannot_be_taken_for_one_of_another_scheme() -> None:
    box = KEYS.seal_facts("ada", Liking(word="o" * 2_000))
    assert box is not None
    for scheme in (b"\x01", b"\x03"):
        with pytest.raises(SealBroken):
            KEYS.open_facts("ada", Liking, scheme + box[1:])


def test_a_seal_that_was_not_opened_cannot_be_read() -> None:
    with pytest.raises(RuntimeError, match="before it was opened"):
        _ = received().facts


def test_plain_facts_that_a_record_brings_are_not_taken_for_opened_ones() -> None:
    forged = Sealed[Liking].model_validate_json('{"person": "ada", "plain": {"word": "drums"}}')
    assert forged.plain is None


def test_facts_are_read_once_and_only_when_asked_for() -> None:
    broken = open_seal(received(facts=OtherFacts()), KEYS)  # decrypts, and is no Liking
    with pytest.raises(ValidationError):
        _ = broken.facts

    opened = open_seal(received(), KEYS)
    assert opened.facts is opened.facts


def test_a_seal_of_somebody_else_is_found_at_once() -> None:
    stolen = received().model_copy(update={"person": "ben"})
    with pytest.raises(SealBroken):
        open_seal(stolen, KEYS)


def test_the_seal_of_an_erased_person_says_that_they_are_erased() -> None:
    gone = Sealed[Liking](person="gone").model_copy(update={"box": b"left over"})
    assert open_seal(gone, KEYS).facts == Erased()


def test_seals_are_equal_when_they_say_the_same_of_the_same_person() -> None:
    made = seal_of("ada", LIKES)

    assert open_seal(received(), KEYS) == open_seal(received(), KEYS) == made
    assert close_seal(made, KEYS) == made
    assert made != seal_of("ada", Liking(word="drum"))
    assert made != seal_of("ben", LIKES)
    assert made != received()
    assert received() != received()  # closed ones: other bytes


class OtherFacts(SealedFacts):
    KIND = "toy.liking"


def test_two_services_that_tell_of_one_subject_because_of_one_message_tell_two_events() -> None:
    message = Message(id=UUID(int=7), body=None, routes=(), district="d-1")
    told = Told(event=a_total(), sequence=1, number=1, message=message, time=NOW)
    ids = [dict(told_by(service, told).headers)["ce_id"] for service in ("one", "other", "one")]

    assert ids[0] == ids[2] != ids[1]


def told_by(service: str, told: Told) -> Outgoing:
    """An event as a service puts it on its topic."""
    vault: Any = None  # nothing is sealed here
    return Seals(vault, service).outgoing(told, KEYS)


def test_facts_that_nobody_changed_keep_their_bytes_when_they_are_stored_again() -> None:
    box = KEYS.seal_facts("ada", LIKES)
    opened = KEYS.open_facts("ada", Liking, box)

    assert KEYS.seal_facts("ada", opened) == box


def test_other_facts_are_sealed_anew_however_alike() -> None:
    box = KEYS.seal_facts("ada", LIKES)
    opened = KEYS.open_facts("ada", Liking, box)
    assert isinstance(opened, Liking)

    for person, facts in (("ada", opened.model_copy()), ("ben", opened)):
        anew = KEYS.seal_facts(person, facts)
        assert anew != box
        assert KEYS.open_facts(person, Liking, anew) == LIKES


def test_facts_opened_before_their_person_was_erased_are_not_stored_again() -> None:
    box = KEYS.seal_facts("ada", LIKES)
    opened = KEYS.open_facts("ada", Liking, box)

    assert KEYS.and_keys(Keyring({"ada": None})).seal_facts("ada", opened) is None
