"""Key-encryption keys that are not the database's own: said in a sentence, and nothing is lost."""

import asyncio
import base64
import time
from collections.abc import AsyncIterator

import pytest

from services.chassis import key_proofs, vault
from services.chassis.engine import KEYS
from services.chassis.key_proofs import KeysUnfit
from services.chassis.keys import KeyEncryptionKeys
from services.chassis.mongo import Database
from services.chassis.vault import Vault
from tests.integration.chassis.conftest import Toys
from tests.settings import KEY
from tests.toy.builders import a_filling
from tests.toy.door import open_door
from tests.toy.running import database_of, engine_of

ONE, TWO, OTHER = b"1" * 32, b"2" * 32, b"3" * 32
NEW_KEY = base64.b64encode(TWO).decode()


@pytest.fixture
async def platform(toys: Toys) -> AsyncIterator[Database]:
    """A database with room for keys."""
    settings = toys.settings("boxes")
    database = database_of(settings).beside(settings.platform_database)
    await database.prepare(KEYS)
    yield database
    await database.close()


def vault_of(platform: Database, **keys: bytes) -> Vault:
    """A process that is given these keys; the first wraps."""
    return Vault(platform, KeyEncryptionKeys(keys, next(iter(keys))), time.monotonic)


async def test_keys_that_fit_are_not_spoken_of(platform: Database) -> None:
    await vault_of(platform, one=ONE).keyring(["person"])

    assert await vault_of(platform, one=ONE).look() is None
    assert await vault_of(platform, one=ONE, two=TWO).look() is None
    assert await vault_of(platform, two=TWO, one=ONE).look() is None


async def test_a_key_that_is_left_out_while_it_is_in_use_is_named(platform: Database) -> None:
    await vault_of(platform, one=ONE).keyring(["person"])
    lacking = vault_of(platform, two=TWO)

    said = await lacking.look()

    assert said is not None
    assert "with the key 'one', which" in said
    with pytest.raises(KeysUnfit, match="'one'"):
        await lacking.keyring(["person"])


async def test_another_key_under_a_known_id_is_named_before_it_wraps_anything(
    platform: Database,
) -> None:
    assert await vault_of(platform, one=ONE).look() is None

    said = await vault_of(platform, one=OTHER).look()

    assert said is not None
    assert "The key 'one' in" in said


async def test_of_processes_that_begin_at_once_with_keys_of_one_id_one_goes_on(
    platform: Database,
) -> None:
    begun = [vault_of(platform, one=bytes([number]) * 32) for number in range(6)]

    said = await asyncio.gather(*(each.look() for each in begun))

    assert said.count(None) == 1


async def test_in_a_database_older_than_proofs_what_was_wrapped_is_the_proof(
    platform: Database,
) -> None:
    await vault_of(platform, one=ONE).keyring(["person"])
    assert await platform.collection(key_proofs.COLLECTION).count({}) == 0

    assert await vault_of(platform, one=OTHER).look() is not None
    assert await vault_of(platform, one=ONE).look() is None
    assert await vault_of(platform, one=OTHER).look() is not None


async def test_a_key_that_wraps_nothing_any_more_may_be_left_out_and_its_id_not_used_again(
    platform: Database,
) -> None:
    old = vault_of(platform, one=ONE)
    assert await old.look() is None
    await old.keyring(["person", "erased"])
    await old.erase("erased")
    rotating = vault_of(platform, two=TWO, one=ONE)
    assert await rotating.look() is None

    assert await rotating.rewrap() == 1

    assert await vault_of(platform, two=TWO).look() is None
    assert await vault_of(platform, two=TWO, one=OTHER).look() is not None


async def test_what_comes_under_a_key_that_a_process_was_not_given_waits_and_is_not_parked(
    toys: Toys,
) -> None:
    both = toys.settings("counts", key_encryption_keys=f"two:{NEW_KEY},one:{KEY}")
    async with open_door(toys.settings("counts")) as late, open_door(both) as ahead:
        record = await ahead.record(a_filling())

        with pytest.raises(KeysUnfit, match="'two'"):
            await late.deliver(record)

        assert await late.parked() == []
        assert await late.rows("inbox") == []
        assert "'two'" in str((await late.engine.watch.readiness())["keys"])
        assert (await ahead.engine.watch.readiness())["keys"] is True

        await ahead.deliver(record)
        assert len(await ahead.rows("counts")) == 1


async def test_a_process_goes_on_when_what_it_could_not_open_was_wrapped_anew(toys: Toys) -> None:
    old = toys.settings("counts")
    ahead = toys.settings("counts", key_encryption_keys=f"two:{NEW_KEY},one:{KEY}")
    back = toys.settings("counts", key_encryption_keys=f"one:{KEY},two:{NEW_KEY}")
    async with open_door(old) as door, open_door(ahead) as second, open_door(back) as third:
        record = await second.record(a_filling())
        with pytest.raises(KeysUnfit):
            await door.deliver(record)

        assert await third.engine.vault.rewrap() == 1

        await door.deliver(record)
        await door.engine.vault.look()
        assert (await door.engine.watch.readiness())["keys"] is True


async def test_one_damaged_key_sets_its_own_events_aside_and_the_rest_goes_on(toys: Toys) -> None:
    async with (
        open_door(toys.settings("counts")) as door,
        open_door(toys.settings("counts")) as fresh,
    ):
        well, sick = await door.record(a_filling("well")), await door.record(a_filling("sick"))
        keys = door.engine.platform.collection(vault.COLLECTION)
        await keys.update_one({"_id": "sick"}, {"$set": {"wrapped": bytes(60)}})

        await fresh.deliver(well, sick)

        assert [row["error_class"] for row in await fresh.parked()] == ["InvalidTag"]
        assert len(await fresh.rows("counts")) == 1
        assert (await fresh.engine.watch.readiness())["keys"] is True


async def test_a_process_with_other_keys_does_not_begin(toys: Toys) -> None:
    async with open_door(toys.settings("boxes")) as door:
        await door.record(a_filling())
    engine = engine_of(toys.settings("boxes", key_encryption_keys=f"one:{NEW_KEY}"))
    try:
        with pytest.raises(KeysUnfit, match="'one'"):
            async with engine.running():
                pass
    finally:
        await engine.database.close()
