import pytest

from deploy.local.failure import Failure
from deploy.local.install import require_platform


def test_linux_on_x86_64_is_served() -> None:
    require_platform("Linux", "x86_64")


@pytest.mark.parametrize(
    ("system", "machine"), [("Darwin", "arm64"), ("Linux", "aarch64"), ("Darwin", "x86_64")]
)
def test_elsewhere_the_sentence_names_the_ways_out(system: str, machine: str) -> None:
    with pytest.raises(Failure, match=r"MONGO_URL .* `docker compose up`"):
        require_platform(system, machine)
