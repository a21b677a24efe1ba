import io

import pytest

from services.chassis.findings import Tally
from services.plans.roster.interchange import Interchange


def opened(text: str) -> tuple[Interchange, Tally]:
    tally = Tally("file.xml", "")
    stream = io.BytesIO(text.encode())
    return Interchange(stream, tally, rows={"A"}, fields={"B"}), tally


def test_a_row_knows_the_line_it_starts_at() -> None:
    interchange, _ = opened("<Root>\n\n<A><B>x</B></A>\n<A/>\n</Root>")

    assert [each.line for each in interchange.elements()] == [3, 4]


def test_names_come_without_their_namespace_prefix() -> None:
    interchange, _ = opened('<e:Root xmlns:e="urn:x"><e:A><e:B> x </e:B></e:A></e:Root>')

    (row,) = interchange.elements()

    assert (interchange.root, row.name, row.get("B")) == ("Root", "A", "x")


def test_what_is_never_kept_is_counted_and_gone_with_all_inside() -> None:
    interchange, tally = opened(
        "<Root><A><Citizenship><CitizenshipStatus>c</CitizenshipStatus><Visa>v</Visa></Citizenship>"
        "<B>kept</B></A><StudentMigrantEducationProgramAssociation><B>m</B>"
        "</StudentMigrantEducationProgramAssociation></Root>"
    )

    (row,) = interchange.elements()

    assert [each.name for each in row.children] == ["B"]
    assert row.get("B") == "kept"
    assert tally.report().dropped == {"citizenship": 1, "migrant": 1, "visa": 1}


def test_elements_not_named_leave_no_trace() -> None:
    interchange, tally = opened("<Root><X><A/></X><B/><A><X><B>x</B></X><B>y</B></A></Root>")

    (row,) = interchange.elements()

    assert [(each.name, each.text) for each in row.children] == [("B", "y")]
    assert tally.report().dropped == {}


def test_a_file_that_breaks_off_gives_its_first_rows_and_is_refused() -> None:
    interchange, tally = opened("<Root>\n<A/>\n<A>")

    assert len(list(interchange.elements())) == 1
    (finding,) = tally.report().findings
    assert (finding.code, finding.line) == ("xml_broken", 3)
    assert "line 3" in tally.report().refusal


@pytest.mark.parametrize("declared", ["", '[<!ENTITY a "aaaa">]', 'SYSTEM "http://x.example/"'])
def test_a_document_type_is_refused_before_any_entity_is_read(declared: str) -> None:
    interchange, tally = opened(f"<!DOCTYPE Root {declared}><Root><A/></Root>")

    assert list(interchange.elements()) == []
    assert [each.code for each in tally.report().findings] == ["xml_declares_entities"]


def test_a_file_without_xml_has_no_root() -> None:
    interchange, _ = opened("Apache License")

    assert interchange.root == ""


def test_long_files_are_read_in_pieces_and_text_stays_whole() -> None:
    words = "é" * 50_000
    interchange, _ = opened(f"<Root>{'<A><B>' + words + '</B></A>'}<A/></Root>")

    first, _ = interchange.elements()

    assert first.get("B") == words
