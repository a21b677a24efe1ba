import shutil
from pathlib import Path

import pytest

from deploy.local import install, jars, java, places
from deploy.local.given import Given
from tests.integration.deploy.observed import program

INSTALL_ELSEWHERE = """
import sys
from pathlib import Path
from deploy.local import places
places.VAR = Path(sys.argv[1])
places.KAFKA = places.VAR / "kafka"
from deploy.local import install
from deploy.local.failure import said_in_one_sentence
from deploy.local.given import Given
with said_in_one_sentence():
    install.install(Given(mongo_url="mongodb://elsewhere"))
"""


@pytest.fixture
def installed_elsewhere(tmp_path: Path) -> Path:
    install.install(Given())
    shutil.copytree(places.KAFKA, tmp_path / "kafka")
    return tmp_path


def test_a_broken_jar_ends_the_installation_with_one_sentence(installed_elsewhere: Path) -> None:
    name = next(iter(jars.wanted(places.CHECKSUMS.read_text())))
    broken = installed_elsewhere / "kafka" / java.JARS / name
    broken.write_bytes(broken.read_bytes()[:-1])

    with program("-c", INSTALL_ELSEWHERE, str(installed_elsewhere)) as child:
        _, said = child.communicate(timeout=40)

    assert child.returncode == 1
    assert said.startswith(f"{broken} is broken")
    assert said.count("\n") == 1


def test_what_is_whole_is_left_alone(installed_elsewhere: Path) -> None:
    before = times(installed_elsewhere)

    with program("-c", INSTALL_ELSEWHERE, str(installed_elsewhere)) as child:
        _, said = child.communicate(timeout=40)

    assert (child.returncode, said) == (0, "")
    assert times(installed_elsewhere) == before


def times(folder: Path) -> dict[Path, float]:
    return {path: path.stat().st_mtime for path in (folder / "kafka").rglob("*") if path.is_file()}
