"""A Kafka that wants to know who comes, with TLS and without."""

from pathlib import Path
from typing import Final

from deploy.local import java, paths
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.servers import Kafka
from tests.certificates import certificate

USER: Final = "wraparound"
PASSWORD: Final = "correct horse"
JAAS: Final = "org.apache.kafka.common.security"
PLAIN: Final = f'{JAAS}.plain.PlainLoginModule required user_{USER}="{PASSWORD}";'
SCRAM: Final = f"{JAAS}.scram.ScramLoginModule required;"


class GuardedKafka(Kafka):
    """One node with a way in for each kind of security."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.ways = {"SASL_PLAINTEXT": free_port(), "SSL": free_port(), "SASL_SSL": free_port()}
        self.ca_file = folder / "certificate.pem"

    def at(self, protocol: str) -> str:
        """The bootstrap server of one kind."""
        return f"{LOOPBACK}:{self.ways[protocol.upper()]}"

    def prepare(self) -> None:
        """As ever, and the other ways in; the last value of a name counts."""
        super().prepare()
        certificate(self.folder)
        ways = {"PLAINTEXT": self.port, **self.ways}
        told = ",".join(f"{name}://{LOOPBACK}:{port}" for name, port in ways.items())
        kinds = ",".join(f"{name}:{name}" for name in ways)
        lines = [
            f"listeners={told},CONTROLLER://{LOOPBACK}:{self.controller_port}",
            f"advertised.listeners={told}",
            f"listener.security.protocol.map={kinds},CONTROLLER:PLAINTEXT",
        ]
        for name in (each.lower() for each in self.ways):
            lines += [
                f"listener.name.{name}.ssl.keystore.type=PEM",
                f"listener.name.{name}.ssl.keystore.location={self.ca_file}",
                f"listener.name.{name}.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256",
                f"listener.name.{name}.plain.sasl.jaas.config={PLAIN}",
                f"listener.name.{name}.scram-sha-256.sasl.jaas.config={SCRAM}",
            ]
        with (self.folder / "server.properties").open("a") as settings:
            settings.write("\n".join(lines) + "\n")

    def let_in_by_scram(self) -> None:
        """Tell a running broker the user's password, as SCRAM wants it."""
        secret = f"SCRAM-SHA-256=[password={PASSWORD}]"
        java.run(
            *("-cp", java.class_path(paths.KAFKA), "kafka.admin.ConfigCommand"),
            *("--bootstrap-server", self.servers, "--alter", "--add-config", secret),
            *("--entity-type", "users", "--entity-name", USER),
        )
