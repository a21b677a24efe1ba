"""Groups of tests that share what is costly: all there, and the narrowest counts."""

from deploy.local.paths import ROOT
from tests.together import TOGETHER, group_of


def test_every_group_names_tests_that_are_there() -> None:
    assert [each for each in TOGETHER if not (ROOT / each).exists()] == []


def test_a_test_is_in_the_narrowest_group_that_names_it() -> None:
    assert group_of("tests/e2e/test_gallery.py::test_print") == "tests/e2e/test_gallery.py"
    assert group_of("tests/e2e/test_of_a_new_journey.py::test_it") == "tests/e2e/"
    assert group_of("tests/unit/plans/test_gate.py::test_it") is None
