import shutil
from pathlib import Path

import pytest

from deploy.local import install, jars, java, paths
from deploy.local.given import Given
from deploy.local.ports import free_port
from tests.integration.deploy.observed import program

INSTALL_ELSEWHERE = """
import sys
from pathlib import Path
from deploy.local import paths
paths.VAR = Path(sys.argv[1])
paths.KAFKA = paths.VAR / "kafka"
from deploy.local import install
from deploy.local.failure import said_in_one_sentence
from deploy.local.given import Given
with said_in_one_sentence():
    install.install(Given(mongo_url="mongodb://elsewhere"))
"""


@pytest.fixture
def installed_elsewhere(tmp_path: Path) -> Path:
    install.install(Given())
    shutil.copytree(paths.KAFKA, tmp_path / "kafka")
    return tmp_path


def test_a_broken_jar_ends_the_installation_with_one_sentence(installed_elsewhere: Path) -> None:
    name = next(iter(jars.wanted(paths.CHECKSUMS.read_text())))
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


def test_without_a_network_the_sentence_names_the_ways_out(installed_elsewhere: Path) -> None:
    name = next(iter(jars.wanted(paths.CHECKSUMS.read_text())))
    (installed_elsewhere / "kafka" / java.JARS / name).unlink()
    nowhere = f"http://127.0.0.1:{free_port()}"

    with program(
        *("-c", INSTALL_ELSEWHERE, str(installed_elsewhere)),
        **dict.fromkeys(("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"), nowhere),
    ) as child:
        _, said = child.communicate(timeout=60)

    assert child.returncode == 1
    assert "Traceback" not in said
    assert said.splitlines()[-1].startswith("Kafka's jars could not be downloaded")
    assert "check the network and run again, or set KAFKA_SERVERS" in said


def test_a_folder_that_cannot_be_written_is_named(installed_elsewhere: Path) -> None:
    lock = installed_elsewhere / "install.lock"
    lock.mkdir()  # root may write everywhere, but not a file in place of a folder

    with program("-c", INSTALL_ELSEWHERE, str(installed_elsewhere)) as child:
        _, said = child.communicate(timeout=40)

    assert child.returncode == 1
    assert said.startswith(f"{lock} cannot be used (Is a directory): make it")
    assert said.count("\n") == 1


def times(folder: Path) -> dict[Path, float]:
    return {path: path.stat().st_mtime for path in (folder / "kafka").rglob("*") if path.is_file()}
