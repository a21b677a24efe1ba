import pytest

from services.chassis.failpoints import FailPoints


def test_a_fail_point_that_is_not_there_is_named() -> None:
    with pytest.raises(ValueError, match=r"no fail-point 'nowhere'; there are commit\.writing"):
        FailPoints("nowhere")
