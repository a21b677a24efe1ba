import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, cast
from uuid import UUID

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from services.chassis.accounts import COLLECTION, Accounts, NewAccount, Role
from services.chassis.kernel import Outage, Refused
from services.chassis.mongo import Database, Driver
from services.chassis.tries import Tries
from tests.integration.chassis.platforms import Turned, a_platform, a_vault
from tests.servers import Databases

PASSWORD = "correct horse battery"
RIGHT = {"name": "Ana.Almeida", "password": PASSWORD}
WRONG = RIGHT | {"password": "incorrect horse"}


class Counted(PasswordHasher):
    """A quick hasher that counts how often it verifies."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.verified = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> Any:
        self.verified += 1
        return super().verify(hash, password)


@pytest.fixture(params=["motor", "pymongo"])
async def platform(
    request: pytest.FixtureRequest, mongo_url: str, databases: Databases
) -> AsyncIterator[Database]:
    async with a_platform(mongo_url, databases("platform"), cast("Driver", request.param)) as made:
        yield made


@pytest.fixture
def clock() -> Turned:
    return Turned()


@pytest.fixture
def hasher() -> Counted:
    return Counted()


@pytest.fixture
def accounts(platform: Database, clock: Turned, hasher: Counted) -> Accounts:
    return Accounts(
        platform,
        a_vault(platform),
        search_key=b"s" * 32,
        tries=Tries(platform=platform, real_time=clock),
        hasher=hasher,
    )


def an_account(**more: Any) -> NewAccount:
    fields: dict[str, Any] = {
        "user_id": "u1",
        "sign_in_name": "ana.almeida",
        "name": "Ana Almeida",
        "role": Role.CASE_MANAGER,
        "district": "d1",
        "school_ids": frozenset({"s2", "s1"}),
    }
    return NewAccount(**fields | more)


async def test_a_name_and_its_password_prove_a_person(accounts: Accounts) -> None:
    await accounts.add(an_account(), PASSWORD)
    person = await accounts.vouch(RIGHT)
    assert person is not None
    assert (person.user_id, person.role, person.district) == ("u1", "case_manager", "d1")
    assert (person.name, sorted(person.school_ids)) == ("Ana Almeida", ["s1", "s2"])


@pytest.mark.parametrize(
    "claimed", [WRONG, RIGHT | {"name": "nobody"}, {"name": "ana.almeida"}, {}]
)
async def test_anything_else_proves_nobody_at_the_same_cost(
    accounts: Accounts, hasher: Counted, claimed: dict[str, str]
) -> None:
    await accounts.add(an_account(), PASSWORD)
    assert await accounts.vouch(claimed) is None
    assert hasher.verified == 1


async def test_a_password_that_cannot_be_looked_at_is_no_try(
    accounts: Accounts, hasher: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    await accounts.add(an_account(), PASSWORD)

    def starves(hash: str | bytes, password: str | bytes) -> bool:
        raise VerificationError("Memory allocation error")

    with monkeypatch.context() as starved:
        starved.setattr(hasher, "verify", starves)
        for _ in range(10):  # more than anybody may be wrong
            with pytest.raises(Outage):
                await accounts.vouch(RIGHT)

    assert await accounts.vouch(RIGHT) is not None


async def test_a_closed_account_lets_nobody_in(accounts: Accounts) -> None:
    await accounts.add(an_account(), PASSWORD)
    assert await accounts.close("u1")
    assert await accounts.vouch(RIGHT) is None
    assert not await accounts.close("u2")


async def test_a_new_password_takes_the_place_of_the_old_one_and_gives_the_tries_back(
    accounts: Accounts,
) -> None:
    await accounts.add(an_account(), PASSWORD)
    for _ in range(5):
        await accounts.vouch(WRONG)

    await accounts.set_password("u1", "another horse battery")

    assert await accounts.vouch(RIGHT) is None
    assert await accounts.vouch(RIGHT | {"password": "another horse battery"})
    with pytest.raises(Refused) as told:
        await accounts.set_password("u1", "short")
    assert told.value.code == "password_short"


async def test_a_closed_account_stays_closed_with_a_new_password_unless_it_is_opened(
    accounts: Accounts,
) -> None:
    await accounts.add(an_account(), PASSWORD)
    await accounts.close("u1")

    await accounts.set_password("u1", PASSWORD)
    closed = await accounts.named("ana.almeida")
    assert closed is not None
    assert closed.is_closed
    assert await accounts.vouch(RIGHT) is None

    await accounts.set_password("u1", PASSWORD, opens=True)
    assert await accounts.vouch(RIGHT) == closed.person


async def test_what_changes_of_a_person_is_what_signs_in_then(accounts: Accounts) -> None:
    await accounts.add(an_account(), PASSWORD)
    before = an_account().person
    after = replace(before, name="Ana Alves", school_ids=frozenset({"s3"}), locale="pt")

    await accounts.change(after)

    assert await accounts.vouch(RIGHT) == after
    assert [each.person for each in await accounts.everybody()] == [after]


async def test_a_new_account_s_id_follows_from_its_sign_in_name_and_tells_nothing(
    accounts: Accounts,
) -> None:
    first = accounts.id_of("ana.almeida")
    assert accounts.id_of(" ANA.Almeida ") == first != accounts.id_of("ana.almeid")
    assert str(UUID(first)) == first


@pytest.mark.parametrize("name", ["ana.almeida", "somebody.unknown"])
async def test_after_five_wrong_tries_a_name_waits_known_or_not(
    accounts: Accounts, clock: Turned, name: str
) -> None:
    await accounts.add(an_account(), PASSWORD)
    for _ in range(5):
        assert await accounts.vouch({"name": name, "password": "wrong"}) is None
    with pytest.raises(Refused) as told:
        await accounts.vouch({"name": name, "password": PASSWORD})
    assert told.value.code == "too_many_tries"
    clock.forward(minutes=1)
    await accounts.vouch({"name": name, "password": PASSWORD})


async def test_waiting_long_saves_up_no_more_than_five_tries(
    accounts: Accounts, clock: Turned
) -> None:
    await accounts.vouch(WRONG)
    clock.forward(days=1)
    for _ in range(5):
        assert await accounts.vouch(WRONG) is None
    with pytest.raises(Refused):
        await accounts.vouch(WRONG)


async def test_tries_at_the_same_moment_are_counted_each(accounts: Accounts) -> None:
    await accounts.add(an_account(), PASSWORD)
    answers = await asyncio.gather(
        *(accounts.vouch(WRONG) for _ in range(12)), return_exceptions=True
    )
    assert sum(answer is None for answer in answers) == 5
    assert sum(isinstance(answer, Refused) for answer in answers) == 7


async def test_signing_in_forgives_the_wrong_tries_before(accounts: Accounts) -> None:
    await accounts.add(an_account(), PASSWORD)
    for _ in range(3):
        for _ in range(4):
            assert await accounts.vouch(WRONG) is None
        assert await accounts.vouch(RIGHT)


@pytest.mark.parametrize(
    ("more", "password", "code"),
    [
        ({}, "too short", "password_short"),
        ({}, None, "password_missing"),
        ({"user_id": "u2", "sign_in_name": " ANA.Almeida "}, PASSWORD, "sign_in_name_taken"),
        ({"sign_in_name": "ana.the.second"}, PASSWORD, "account_there"),
    ],
)
async def test_an_account_that_cannot_be_is_refused(
    accounts: Accounts, more: dict[str, Any], password: str | None, code: str
) -> None:
    await accounts.add(an_account(), PASSWORD)
    with pytest.raises(Refused) as told:
        await accounts.add(an_account(**more), password)
    assert told.value.code == code


@pytest.mark.parametrize(
    ("is_closed", "password", "code"),
    [
        (False, PASSWORD, "sign_in_name_taken"),
        (True, PASSWORD, "sign_in_name_closed"),
        (False, "too short", "password_short"),
    ],
)
async def test_what_cannot_be_added_is_known_before(
    accounts: Accounts, *, is_closed: bool, password: str, code: str
) -> None:
    await accounts.check(an_account(), PASSWORD)
    await accounts.add(an_account(), PASSWORD)
    if is_closed:
        await accounts.close("u1")
    with pytest.raises(Refused) as told:
        await accounts.check(an_account(user_id="u2"), password)
    assert told.value.code == code


async def test_neither_name_nor_sign_in_name_stands_in_the_clear(
    accounts: Accounts, platform: Database
) -> None:
    await accounts.add(an_account(), PASSWORD)
    (row,) = await platform.collection(COLLECTION).find({})
    shown = b" ".join(v if isinstance(v, bytes) else str(v).encode() for v in row.values())
    assert b"almeida" not in shown.lower()
    assert PASSWORD.encode() not in shown


async def test_a_persona_is_listed_and_has_no_password_to_guess(accounts: Accounts) -> None:
    await accounts.add(an_account(), PASSWORD)
    await accounts.add(an_account(user_id="p1", sign_in_name="demo.ben", is_persona=True))
    assert [each.user_id for each in await accounts.personas()] == ["p1"]
    assert await accounts.persona("p1")
    assert await accounts.persona("u1") is None
    assert await accounts.vouch({"name": "demo.ben", "password": ""}) is None


def test_passwords_are_hashed_with_argon2id_and_the_library_s_own_cost() -> None:
    assert PasswordHasher().hash(PASSWORD).startswith("$argon2id$v=19$m=65536,t=3")
