"""Nothing that reaches a family stands anywhere in the clear: in databases, topics or logs."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from bson.raw_bson import RawBSONDocument
from pymongo import MongoClient

from deploy.checker.outside import Outside

ADDRESSES: Final = re.compile(rb"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\+\d{8,15}")
Chunk = tuple[str, bytes]  # where, and what stands there


def in_the_clear(chunks: Iterable[Chunk], addresses: frozenset[bytes]) -> Iterator[str]:
    """Where an address or a telephone number of somebody's stands; never which one."""
    found: dict[str, int] = {}
    for where, content in chunks:
        found_in = ADDRESSES.findall(unquote_to_bytes(content))  # as an address of a page says it
        times = sum(each in addresses for each in found_in)
        if times:
            found[where] = found.get(where, 0) + times
    for where, times in found.items():
        yield f"{times} addresses of families stand in the clear in {where}"


def of_databases(outside: Outside) -> Iterator[Chunk]:
    """Every document of every database of the services, as it is stored."""
    plans = outside.settings["plans"]
    names = {each.own_database for each in outside.settings.values()} | {plans.platform_database}
    client: MongoClient[RawBSONDocument] = MongoClient(
        plans.mongo_url.get_secret_value(), document_class=RawBSONDocument
    )
    with client:
        for name in sorted(names):
            for collection in client[name].list_collection_names():
                for row in client[name][collection].find():
                    yield f"{name} {collection}", bytes(row.raw)


def of_topics(records: Iterable[Any]) -> Iterator[Chunk]:
    """Key, value and headers of records as Kafka gives them."""
    for each in records:
        for content in (each.key, each.value, *(value for _, value in each.headers)):
            if content:
                yield each.topic, content


def of_files(folder: Path) -> Iterator[Chunk]:
    """Every line of every log."""
    for path in sorted(folder.glob("*.log")):
        with path.open("rb") as lines:
            for line in lines:
                yield path.name, line
