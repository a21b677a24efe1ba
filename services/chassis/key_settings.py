"""The settings that are keys; each service needs those that it uses, and no others."""

from collections.abc import Mapping
from typing import Final, Self

from pydantic import Field, SecretStr, ValidationInfo, field_validator, model_validator

from services.chassis.environment import FromEnvironment, environment_name
from services.chassis.keys import KeyEncryptionKeys, decoded, key_encryption_keys

RANDOM: Final = "give 32 random bytes in base64"
NEEDED_IN: Final[Mapping[str, tuple[str, ...]]] = {  # all others are needed everywhere
    "pseudonym_key": ("plans", "notifications"),
    "ledger_key": ("plans",),
}


class KeySettings(FromEnvironment):
    """Keys, as text; whoever is given one that it does not need, leaves it alone."""

    service: str = Field(description="name the service: plans, referrals or notifications")
    key_encryption_keys: SecretStr = Field(
        description="give id:key pairs with commas between, keys of 32 bytes in base64"
    )
    key_encryption_current: str = Field(
        default="", description="name the id of the key that wraps new ones; default the first"
    )
    search_key: SecretStr = Field(description=RANDOM)
    pseudonym_key: SecretStr = Field(default=SecretStr(""), description=RANDOM)
    ledger_key: SecretStr = Field(default=SecretStr(""), description=RANDOM)

    @field_validator("search_key", "pseudonym_key", "ledger_key")
    @classmethod
    def _is_key(cls, given: SecretStr, about: ValidationInfo) -> SecretStr:
        text = given.get_secret_value()
        if text or about.field_name not in NEEDED_IN:
            decoded(text)
        return given

    @field_validator("key_encryption_keys")
    @classmethod
    def _are_keys(cls, given: SecretStr) -> SecretStr:
        key_encryption_keys(given.get_secret_value())
        return given

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> Self:
        for name, services in NEEDED_IN.items():
            if self.service in services and not getattr(self, name).get_secret_value():
                setting = environment_name(name, type(self).model_fields[name])
                raise ValueError(f"{setting} is not set: {RANDOM}")
        return self

    @property
    def keks(self) -> KeyEncryptionKeys:
        """The key-encryption keys."""
        pairs = self.key_encryption_keys.get_secret_value()
        return key_encryption_keys(pairs, self.key_encryption_current)

    @property
    def all_keys(self) -> list[bytes]:
        """Every key that was given."""
        named = (self.search_key, self.pseudonym_key, self.ledger_key)
        given = [text for each in named if (text := each.get_secret_value())]
        return [*self.keks.by_id.values(), *map(decoded, given)]

    @property
    def search(self) -> bytes:
        """The key of the name and sign-in indexes."""
        return decoded(self.search_key.get_secret_value())

    @property
    def pseudonym(self) -> bytes:
        """The key of pseudonyms that stand for source ids, and of links."""
        return decoded(self.pseudonym_key.get_secret_value())

    @property
    def ledger(self) -> bytes:
        """The key of the disclosure ledger's chain."""
        return decoded(self.ledger_key.get_secret_value())
