from pathlib import Path
from typing import Any, Final

from services.chassis.findings import FINDINGS_KEPT, FileReport, Finding, Level
from services.chassis.terminal import remarks

FINDING: Final = Finding(
    file="a.csv", line=2, column="who", code="who_unknown", sentence="Write.", level=Level.WARNING
)


def a_report(**given: Any) -> FileReport:
    return FileReport(file="a.csv", kind="languages", **given)


def test_findings_that_are_not_kept_are_counted_aloud() -> None:
    found = [a_report(findings=(FINDING, FINDING), findings_not_kept=412), a_report()]

    assert remarks(found, Path("found.csv")) == (
        "2 remarks stand in found.csv. "
        f"412 more are only counted: of a file {FINDINGS_KEPT} are kept."
    )
    assert remarks(found[:1], None).startswith("2 remarks: --errors FILE lists them. 412 more")


def test_where_nothing_was_found_nothing_is_said() -> None:
    assert remarks([a_report()], None) == ""
