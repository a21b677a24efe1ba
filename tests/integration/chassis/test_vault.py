"""A key per person: sealed, erased, rotated."""

import asyncio
from collections.abc import Mapping

import pytest

from schemas.envelope import Erased
from services.chassis.engine import KEYS as COLLECTIONS
from services.chassis.keys import KeyEncryptionKeys
from services.chassis.mongo import Database
from services.chassis.vault import CACHE_SECONDS, COLLECTION, Keyring, SealBroken, Vault
from tests.integration.chassis.conftest import Toys
from tests.toy.events import Note
from tests.toy.running import database_of

KEYS: Mapping[str, bytes] = {"old": bytes(32), "new": bytes(range(32))}
OLD = KeyEncryptionKeys({"old": KEYS["old"]}, "old")
BOTH = KeyEncryptionKeys(KEYS, "new")
NEW = KeyEncryptionKeys({"new": KEYS["new"]}, "new")


class Stopwatch:
    """Seconds that a test moves."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def platform(toys: Toys):  # type: ignore[no-untyped-def]
    """A database with room for keys."""
    settings = toys.settings("boxes")
    database = database_of(settings).beside(settings.platform_database)
    await database.prepare(COLLECTIONS)
    yield database
    await database.close()


def vault_of(platform: Database, keks: KeyEncryptionKeys = BOTH) -> Vault:
    """A process that has looked at no key yet."""
    return Vault(platform, keks, Stopwatch())


async def sealed(vault: Vault, person: str = "person") -> bytes:
    """Facts under a person's key."""
    box = (await vault.keyring([person])).seal_facts(person, Note(text="plain"))
    assert box is not None
    return box


async def opened(vault: Vault, box: bytes, person: str = "person") -> Note | Erased:
    """What a vault reads."""
    return (await vault.keyring([person])).open_facts(person, Note, box)


async def test_every_process_opens_what_another_sealed(platform: Database) -> None:
    box = await sealed(vault_of(platform))

    assert await opened(vault_of(platform), box) == Note(text="plain")
    assert b"plain" not in box


async def test_processes_that_meet_a_person_at_once_get_one_key(platform: Database) -> None:
    vaults = [vault_of(platform) for _ in range(6)]

    boxes = await asyncio.gather(*(sealed(vault) for vault in vaults))

    for box in boxes:
        assert await opened(vault_of(platform), box) == Note(text="plain")


async def test_an_erased_person_has_no_key_and_never_gets_one_again(platform: Database) -> None:
    vault = vault_of(platform)
    box = await sealed(vault)

    await vault.erase("person")
    await vault.erase("person")

    for each in (vault, vault_of(platform)):
        assert await opened(each, box) == Erased()
        keys = await each.keyring(["person"])
        assert keys.seal_facts("person", Note(text="again")) is None
    (row,) = await platform.collection(COLLECTION).find({})
    assert row == {"_id": "person", "wrapped": None, "kek": None}


async def test_a_person_erased_before_ever_seen_gets_no_key(platform: Database) -> None:
    await vault_of(platform).erase("person")

    keys = await vault_of(platform).keyring(["person"])

    assert keys.seal("person", "kind", b"plain") is None


async def test_minting_and_erasing_at_once_leaves_no_key(platform: Database) -> None:
    for number in range(10):
        person = f"person-{number}"
        minting, erasing = vault_of(platform), vault_of(platform)
        await asyncio.gather(minting.keyring([person]), erasing.erase(person))
        assert (await vault_of(platform).keyring([person])).keys == {person: None}


async def test_a_key_is_remembered_for_a_minute_at_most(platform: Database) -> None:
    watch = Stopwatch()
    vault = Vault(platform, BOTH, watch)
    box = await sealed(vault)
    await vault_of(platform).erase("person")  # another process

    watch.now += CACHE_SECONDS - 1
    assert await opened(vault, box) == Note(text="plain")
    watch.now += 1
    assert await opened(vault, box) == Erased()


async def test_a_seal_swapped_to_another_person_or_kind_breaks(platform: Database) -> None:
    vault = vault_of(platform)
    box = await sealed(vault)
    keys = await vault.keyring(["person", "another"])

    with pytest.raises(SealBroken):
        keys.open("another", Note.KIND, box)
    with pytest.raises(SealBroken):
        keys.open("person", "another.kind", box)
    with pytest.raises(SealBroken):
        keys.open("person", Note.KIND, b"\x02" + box[1:])
    with pytest.raises(SealBroken):
        keys.open("person", Note.KIND, box[:-1] + bytes([box[-1] ^ 1]))


async def test_keys_are_rotated_while_both_are_in_use(platform: Database) -> None:
    old, during = vault_of(platform, OLD), vault_of(platform, BOTH)
    boxes = {f"person-{n}": await sealed(old, f"person-{n}") for n in range(5)}

    assert await opened(during, boxes["person-0"], "person-0") == Note(text="plain")
    boxes["late"] = await sealed(during, "late")
    assert [await during.rewrap(limit=3) for _ in range(3)] == [3, 2, 0]

    after = vault_of(platform, NEW)
    for person, box in boxes.items():
        assert await opened(after, box, person) == Note(text="plain")


async def test_rewrapping_never_brings_an_erased_key_back(platform: Database) -> None:
    people = [f"person-{n}" for n in range(40)]
    await vault_of(platform, OLD).keyring(people)
    rewrapping, erasing = vault_of(platform), vault_of(platform)

    await asyncio.gather(rewrapping.rewrap(), *(erasing.erase(each) for each in people))

    rows = await platform.collection(COLLECTION).find({})
    assert [row["wrapped"] for row in rows] == [None] * 40
    assert await vault_of(platform).rewrap() == 0


def test_a_person_whose_key_was_not_asked_for_is_a_bug() -> None:
    with pytest.raises(KeyError):
        Keyring({}).seal("person", "kind", b"plain")
