"""Where Kafka is and how it is spoken to: one answer for every client that we make of it."""

import ssl
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from aiokafka.conn import collect_hosts, create_conn
from aiokafka.errors import (
    IllegalSaslStateError,
    KafkaError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)

Protocol = Literal["plaintext", "ssl", "sasl_plaintext", "sasl_ssl"]
Mechanism = Literal["plain", "scram-sha-256", "scram-sha-512"]

ASKED_MS: Final = 5_000
NO_LOGIN: Final = (
    "Kafka does not let us in: check KAFKA_USERNAME, KAFKA_PASSWORD and KAFKA_SASL_MECHANISM."
)
NO_TLS: Final = "Kafka cannot prove its name by TLS: check KAFKA_SECURITY and KAFKA_CA_FILE."
REFUSALS: Final = (SaslAuthenticationFailed, UnsupportedSaslMechanismError, IllegalSaslStateError)


@dataclass(frozen=True, kw_only=True)
class Brokers:
    """The brokers of one cluster; without more said, in the clear and open to whoever asks."""

    servers: str  # host:port, with commas between
    protocol: Protocol = "plaintext"
    mechanism: Mechanism = "plain"
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: str = ""  # empty: the authorities that this machine trusts

    @property
    def client(self) -> dict[str, Any]:
        """What every client of aiokafka is made with."""
        return {"bootstrap_servers": self.servers, **self._access}

    @property
    def signs_in(self) -> bool:
        """Whether the brokers want to know who we are."""
        return self.protocol.startswith("sasl_")

    @property
    def context(self) -> ssl.SSLContext | None:
        """How TLS is spoken; None where it is not."""
        if not self.protocol.endswith("ssl"):
            return None
        return ssl.create_default_context(cafile=self.ca_file or None)

    @property
    def _access(self) -> dict[str, Any]:
        given = {"security_protocol": self.protocol.upper(), "ssl_context": self.context}
        if not self.signs_in:
            return given
        return given | {
            "sasl_mechanism": self.mechanism.upper(),
            "sasl_plain_username": self.user,
            "sasl_plain_password": self.password,
        }

    async def refusal(self) -> str | None:
        """Why a broker that is there does not take us, in one sentence; None if that is not why.

        The clients tell this to their log alone, and raise the same as if nobody were there.
        """
        for host, port, _ in collect_hosts(self.servers):
            try:
                link = await create_conn(host, port, request_timeout_ms=ASKED_MS, **self._access)
            except REFUSALS:
                return NO_LOGIN
            except ssl.SSLError:
                return NO_TLS
            except (OSError, KafkaError, TimeoutError):
                continue
            link.close()
        return None
