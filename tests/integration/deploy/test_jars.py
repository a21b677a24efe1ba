import hashlib
from pathlib import Path

import pytest

from deploy.local import jars, java, paths
from deploy.local.failure import Failure

WHOLE = {"a.jar": hashlib.sha256(b"whole").hexdigest()}


def test_a_broken_jar_is_named_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "a.jar").write_bytes(b"half")

    with pytest.raises(Failure, match=r"a\.jar is broken .*: delete it and run the command again"):
        jars.require_whole(tmp_path, WHOLE)


def test_a_whole_jar_passes(tmp_path: Path) -> None:
    (tmp_path / "a.jar").write_bytes(b"whole")

    jars.require_whole(tmp_path, WHOLE)


def test_only_absent_jars_are_missing(tmp_path: Path) -> None:
    (tmp_path / "a.jar").touch()

    assert jars.missing(tmp_path, {"a.jar": "", "b.jar": ""}) == ["b.jar"]


def test_the_committed_list_names_kafka_and_no_place() -> None:
    wanted = jars.wanted(paths.CHECKSUMS.read_text())

    assert f"kafka_2.13-{paths.KAFKA_VERSION}.jar" in wanted
    assert all(len(digest) == 64 and "/" not in name for name, digest in wanted.items())


def test_java_sees_no_jar_that_is_not_on_the_list(tmp_path: Path) -> None:
    names = [Path(entry).name for entry in java.class_path(tmp_path).split(":")]

    assert names == sorted(jars.wanted(paths.CHECKSUMS.read_text()))
