"""The settings of Kafka: where it is, whether by TLS, and who signs in."""

import ssl
from typing import Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator

from services.chassis.addresses import is_loopback
from services.chassis.brokers import Brokers, Mechanism, Protocol
from services.chassis.environment import FromEnvironment, SettingsMissing, plain, sentence


class KafkaSettings(FromEnvironment):
    """How a process gets to Kafka."""

    kafka_servers: str = Field(
        validation_alias=plain("KAFKA_SERVERS"),
        description="name the Kafka brokers as host:port, or run `make demo`",
    )
    kafka_security: Protocol = Field(
        default="plaintext",
        validation_alias=plain("KAFKA_SECURITY"),
        description="plaintext, ssl, sasl_plaintext or sasl_ssl, as the brokers want it",
    )
    kafka_sasl_mechanism: Mechanism = Field(
        default="plain",
        validation_alias=plain("KAFKA_SASL_MECHANISM"),
        description="plain, scram-sha-256 or scram-sha-512",
    )
    kafka_username: str = Field(
        default="",
        validation_alias=plain("KAFKA_USERNAME"),
        description="name who signs in to the brokers",
    )
    kafka_password: SecretStr = Field(
        default=SecretStr(""),
        validation_alias=plain("KAFKA_PASSWORD"),
        description="give the password of that user",
    )
    kafka_ca_file: str = Field(
        default="",
        validation_alias=plain("KAFKA_CA_FILE"),
        description="name a file of the authorities to trust, in PEM; unset: this machine's",
    )

    @field_validator("kafka_ca_file")
    @classmethod
    def _can_be_read(cls, given: str) -> str:
        try:
            if given:
                ssl.create_default_context(cafile=given)
        except OSError:  # an ssl.SSLError is one, too
            raise ValueError("no authorities") from None
        return given

    @model_validator(mode="after")
    def _are_of_one_mind(self) -> Self:
        signs_in = self.kafka_security.startswith("sasl_")
        given = bool(self.kafka_username), bool(self.kafka_password.get_secret_value())
        if signs_in and not all(given):
            raise ValueError(
                f"KAFKA_SECURITY is {self.kafka_security}, and KAFKA_USERNAME or KAFKA_PASSWORD is"
                " not set: set both"
            )
        if any(given) and not signs_in:
            raise ValueError(
                "KAFKA_USERNAME or KAFKA_PASSWORD is set, and KAFKA_SECURITY lets nobody sign in:"
                " give sasl_ssl or sasl_plaintext, or unset them"
            )
        return self

    @model_validator(mode="after")
    def _says_no_password_aloud(self) -> Self:
        is_readable = (self.kafka_security, self.kafka_sasl_mechanism) == (
            "sasl_plaintext",
            "plain",
        )
        hosts = [each.strip().rpartition(":")[0] for each in self.kafka_servers.split(",")]
        if is_readable and not all(is_loopback(host.strip("[]")) for host in hosts):
            raise ValueError(
                "KAFKA_SECURITY is sasl_plaintext, and a password would leave this machine as"
                " anybody can read it: give sasl_ssl, or a KAFKA_SASL_MECHANISM of scram"
            )
        return self

    @property
    def brokers(self) -> Brokers:
        """What clients are made with."""
        return Brokers(
            servers=self.kafka_servers,
            protocol=self.kafka_security,
            mechanism=self.kafka_sasl_mechanism,
            user=self.kafka_username,
            password=self.kafka_password.get_secret_value(),
            ca_file=self.kafka_ca_file,
        )


def read_brokers() -> Brokers:
    """Kafka as the environment names it, for who needs nothing else.

    Raises:
        SettingsMissing: one sentence on the first setting that is missing or unusable.
    """
    try:
        return KafkaSettings().brokers
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        raise SettingsMissing(sentence(KafkaSettings, first)) from None
