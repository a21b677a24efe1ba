from pathlib import Path
from types import SimpleNamespace

from deploy.checker.clear import in_the_clear, of_files, of_topics

FAMILY = frozenset({b"ada@families.example", b"+14105550101"})


def test_an_address_or_a_number_in_the_clear_is_told_by_its_place_alone() -> None:
    chunks = [
        ("plans needs", b"\x00call +14105550101 or ada@families.example."),
        ("plans needs", b"+14105550101"),
        ("plans.log", b"desk@partners.example +14105550102"),
    ]

    found = [*in_the_clear(chunks, FAMILY)]

    assert found == ["3 addresses of families stand in the clear in plans needs"]


def test_an_address_in_the_query_of_a_page_is_found_as_well() -> None:
    chunks = [("a.log", b"GET /plans?to=ada%40families.example&call=%2B14105550101 100%")]

    assert [*in_the_clear(chunks, FAMILY)] == [
        "2 addresses of families stand in the clear in a.log"
    ]


def test_keys_values_and_headers_of_records_are_looked_at() -> None:
    mail = b"ada@families.example"
    nothing = {"topic": "t", "key": None, "value": None, "headers": ()}
    records = [
        SimpleNamespace(**nothing | each)
        for each in ({}, {"key": mail}, {"value": mail}, {"headers": (("a", None), ("b", mail))})
    ]

    assert [*in_the_clear(of_topics(records), FAMILY)] == [
        "3 addresses of families stand in the clear in t"
    ]


def test_every_line_of_every_log_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("nothing\nto ada@families.example\n")
    (tmp_path / "b.txt").write_text("ada@families.example")

    assert len([*in_the_clear(of_files(tmp_path), FAMILY)]) == 1
