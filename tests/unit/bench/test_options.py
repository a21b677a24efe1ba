import pytest

from deploy.local.failure import Failure
from tests.bench import __main__ as bench


def test_a_run_is_of_the_usual_parts_of_all_or_of_those_that_are_named() -> None:
    assert list(bench.parts_of(bench.options([]))) == ["flow"]
    assert list(bench.parts_of(bench.options(["--full"]))) == list(bench.PARTS)
    assert list(bench.parts_of(bench.options(["--parts", "burst,pages"]))) == ["burst", "pages"]
    assert list(bench.parts_of(bench.options(["--compare", "HEAD"]))) == ["compare"]
    with pytest.raises(Failure, match="no part sprint"):
        bench.parts_of(bench.options(["--parts", "sprint"]))


def test_pages_are_looked_at_in_the_sizes_that_are_named() -> None:
    assert bench.plan_of(bench.options([])).pages == ("S", "M")
    assert bench.plan_of(bench.options(["--quick", "--sizes", "S,L"])).pages == ("S", "L")
    with pytest.raises(Failure, match="no size XL"):
        bench.plan_of(bench.options(["--sizes", "XL"]))
