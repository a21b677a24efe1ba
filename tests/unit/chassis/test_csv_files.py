import io

from services.chassis.csv_files import CsvFile
from services.chassis.findings import Tally


def read(content: bytes) -> tuple[list[tuple[int, dict[str, str]]], list[str]]:
    tally, table = Tally("f.csv", ""), CsvFile(io.BytesIO(content))
    rows = [(each.row.line, dict(each.cells)) for each in table.rows(tally)]
    return rows, [each.code for each in tally.report().findings]


def test_cells_are_trimmed_and_a_row_knows_its_first_line() -> None:
    rows, codes = read(b'\xef\xbb\xbfid , name\r\n1," two\nlines "\r\n\r\n 2 ,x\r\n')

    assert rows == [(2, {"id": "1", "name": "two\nlines"}), (5, {"id": "2", "name": "x"})]
    assert codes == []


def test_a_short_row_has_empty_cells_and_a_long_one_a_warning() -> None:
    table, tally = CsvFile(io.BytesIO(b"id,name\n1\n2,b,c\n")), Tally("f.csv", "")

    short, long = table.rows(tally)

    assert (short["name"], long["name"]) == ("", "b")
    assert [each.code for each in tally.report().findings] == ["row_too_long"]


def test_letters_that_are_not_utf_8_are_remarked_on() -> None:
    assert read("id,name\n1,Inés\n".encode("latin-1"))[1] == ["letters_unreadable"]


def test_a_cell_beyond_all_measure_is_rejected_and_the_next_row_read() -> None:
    rows, codes = read(b"id,name\n1," + b"x" * 200_000 + b"\n2,b\n")

    assert [cells["id"] for _, cells in rows] == ["2"]
    assert codes == ["row_unreadable"]


def test_every_line_that_an_open_quote_swallows_is_rejected_and_refuses_the_file() -> None:
    lines = [f"{number},name" for number in range(2, 101)]
    content = "\n".join(["id,name", "1,name", '2,"name', *lines, ""]).encode()
    tally = Tally("f.csv", "")

    read = list(CsvFile(io.BytesIO(content)).rows(tally))

    report = tally.report()
    assert [each["id"] for each in read] == ["1"]
    assert [each.line for each in report.findings] == list(range(3, 103))
    assert {each.code for each in report.findings} == {"row_unreadable"}
    assert "line 3" in report.findings[-1].sentence
    assert report.refusal


def test_a_quote_of_another_row_does_not_close_an_open_one() -> None:
    rows, codes = read(b'id,name\n1,a\n2,"b\n3,c\n4,"d"\n5,e\n')

    assert [cells["id"] for _, cells in rows] == ["1", "5"]
    assert codes == ["row_unreadable"] * 3


def test_a_header_with_an_open_quote_names_no_columns() -> None:
    assert CsvFile(io.BytesIO(b'id,"name\n1,a\n')).columns == ()


def test_an_empty_file_has_no_columns() -> None:
    assert CsvFile(io.BytesIO(b"")).columns == ()


def test_the_stream_stays_open_for_its_owner() -> None:
    stream = io.BytesIO(b"id\n1\n")
    CsvFile(stream).close()

    assert not stream.closed
