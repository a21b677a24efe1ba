"""The settings of the two ways out: the mail server, and the gateway for text messages."""

from string import ascii_letters, digits, punctuation
from typing import Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from services.chassis.addresses import is_loopback, require_private
from services.chassis.environment import FromEnvironment

IN_A_TOKEN: Final = frozenset(ascii_letters + digits + punctuation)
Security = Literal["none", "starttls", "tls"]


class MessageSettings(FromEnvironment):
    """Where messages are handed over, and how safely."""

    smtp_host: str = Field(default="127.0.0.1", description="name the mail server")
    smtp_port: int = Field(
        default=25, ge=1, le=65535, description="give its port: 587 for starttls, 465 for tls"
    )
    smtp_from: str = Field(default="no-reply@wraparound.invalid", description="give an address")
    smtp_security: Security | None = Field(
        default=None, description="starttls, tls or none; must be said of a mail server elsewhere"
    )
    smtp_user: str = Field(default="", description="name who signs in to the mail server")
    smtp_password: SecretStr = Field(
        default=SecretStr(""), description="give the password of that user"
    )
    sms_url: str = Field(
        default="",
        description="give the gateway's https address, or http on this machine; unset: no texts",
    )
    sms_token: SecretStr = Field(
        default=SecretStr(""), description="give the gateway's token, printable ASCII"
    )

    @field_validator("sms_url")
    @classmethod
    def _is_private(cls, given: str) -> str:
        if given:
            require_private(given)
        return given

    @field_validator("sms_token")
    @classmethod
    def _fits_a_header(cls, given: SecretStr) -> SecretStr:
        if not set(given.get_secret_value()) <= IN_A_TOKEN:
            raise ValueError("no token")
        return given

    @model_validator(mode="after")
    def _go_together(self) -> Self:
        if bool(self.smtp_user) != bool(self.smtp_password.get_secret_value()):
            raise ValueError(
                "WRAPAROUND_SMTP_USER and WRAPAROUND_SMTP_PASSWORD go together: set both or neither"
            )
        if self.sms_url and not self.sms_token.get_secret_value():
            raise ValueError(
                "WRAPAROUND_SMS_URL is set and WRAPAROUND_SMS_TOKEN is not: set both or neither"
            )
        return self

    @model_validator(mode="after")
    def _are_safe(self) -> Self:
        is_here = is_loopback(self.smtp_host)
        if self.smtp_security is None and not is_here:
            raise ValueError(
                "WRAPAROUND_SMTP_SECURITY is not set, and mails would leave this machine as anybody"
                " can read them: give starttls or tls, or none if that is what you want"
            )
        if self.smtp_user and self.smtp_security == "none" and not is_here:
            raise ValueError(
                "WRAPAROUND_SMTP_SECURITY is none, and a password would leave this machine as"
                " anybody can read it: give starttls or tls"
            )
        return self

    @property
    def stay_here(self) -> bool:
        """Whether what is handed over goes no further than this machine, as far as we can see."""
        sms_host = urlsplit(self.sms_url).hostname
        return is_loopback(self.smtp_host) and (sms_host is None or is_loopback(sms_host))
