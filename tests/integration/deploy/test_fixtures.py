from typing import Any

from pymongo import MongoClient

from tests.servers import dropped


def test_a_database_of_a_test_is_dropped_after_it(mongo_url: str, unique: str) -> None:
    client: MongoClient[dict[str, Any]] = MongoClient(mongo_url)
    with client:
        with dropped(mongo_url, unique) as name:
            client.get_database(name).get_collection("rows").insert_one({})
            assert name in client.list_database_names()

        assert unique not in client.list_database_names()


def test_a_test_has_a_name_of_its_own(database: str, topic_prefix: str, unique: str) -> None:
    assert database == unique
    assert topic_prefix == f"{unique}."
