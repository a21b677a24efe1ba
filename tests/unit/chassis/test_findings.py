import io

from services.chassis.findings import FINDINGS_KEPT, FileReport, Tally, refusals, write_findings


def test_a_row_counts_once_by_its_worst_finding() -> None:
    tally = Tally("f.csv", "people")
    first, second, _ = tally.row(2), tally.row(3), tally.row(4)
    first.reject("id", "id_missing", "No id.")
    first.warn("name", "name_odd", "Odd.")
    second.warn("name", "name_odd", "Odd.")
    second.warn("age", "age_odd", "Odd.")

    report = tally.report()

    assert (report.rows, report.ok, report.warned, report.rejected) == (3, 1, 1, 1)
    assert [(each.line, each.column) for each in report.findings] == [
        (2, "id"),
        (2, "name"),
        (3, "name"),
        (3, "age"),
    ]


def test_a_finding_made_later_still_counts_for_its_own_row() -> None:
    tally = Tally("f.csv", "people")
    row = tally.row(2)
    tally.row(3)
    row.reject("id", "unknown", "Unknown.")

    assert (tally.report().rejected, tally.report().findings[0].line) == (1, 2)


def test_a_file_is_refused_above_a_fifth_rejected_and_not_at_it() -> None:
    assert FileReport(file="f", kind="k", rows=5, rejected=1).refusal == ""
    assert "2 of 9 rows" in FileReport(file="f", kind="k", rows=9, rejected=2).refusal
    assert FileReport(file="f", kind="k").refusal == ""


def test_a_file_that_breaks_off_is_refused_with_its_sentence() -> None:
    tally = Tally("f.xml", "people")
    tally.breaks_off(7, "xml_broken", "It ends early.")

    assert refusals([tally.report()]) == ("f.xml: It ends early.",)


def test_a_remark_on_the_file_blames_no_row() -> None:
    tally = Tally("f.txt", "people")
    tally.row(2)
    tally.remark("no_directory", "Passed over.")

    assert (tally.report().ok, len(tally.report().findings)) == (1, 1)


def test_findings_past_the_limit_are_counted_only() -> None:
    tally = Tally("f.csv", "people")
    for line in range(FINDINGS_KEPT + 5):
        tally.row(line).warn("", "odd", "Odd.")

    report = tally.report()

    assert (len(report.findings), report.findings_not_kept) == (FINDINGS_KEPT, 5)
    assert report.warned == FINDINGS_KEPT + 5


def test_the_error_file_has_a_row_per_finding_and_no_formula() -> None:
    tally = Tally("=1+1.csv", "people")
    tally.row(2).reject("id", "id_missing", 'No "id", none.')
    out = io.StringIO()

    assert write_findings([tally.report()], out) == 1
    assert out.getvalue().splitlines() == [
        "file,line,column,code,sentence,level",
        '\'=1+1.csv,2,id,id_missing,"No ""id"", none.",rejected',
    ]
