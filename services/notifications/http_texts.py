"""Texts to a gateway over HTTP: the contract is ours, docs/how-to/mail-and-texts.md states it."""

import asyncio
import ssl
from typing import Final, Literal
from urllib.parse import urlsplit

import httpx2
from pydantic import SecretStr

from services.chassis.addresses import is_loopback
from services.chassis.logs import log
from services.notifications.delivery import Never, NotNow, is_about_tls

SECONDS: Final = 10.0  # for one text, whatever it waits for
CONNECTIONS: Final = 8  # as many as the sender has in hand
TAKEN: Final = range(200, 300)
FOR_GOOD: Final = frozenset({400, 404, 410, 422})  # no such number, none that takes texts, stopped
NO_ACCESS: Final = frozenset({401, 403})
Meaning = Literal["taken", "for good", "token", "answer"]


class HttpTexts:
    """Texts over HTTP; one client with few connections for as long as a process runs."""

    def __init__(self, url: str, token: SecretStr, *, seconds: float = SECONDS) -> None:
        self._url = url
        self._seconds = seconds
        self._client = httpx2.AsyncClient(
            headers={"Authorization": f"Bearer {token.get_secret_value()}"},
            timeout=seconds,
            limits=httpx2.Limits(
                max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS
            ),
            verify=ssl.create_default_context(),  # or whom SSL_CERT_FILE names, as for mail
            trust_env=not is_loopback(urlsplit(url).hostname or ""),  # no proxy on the way to here
        )

    async def send(self, *, to: str, text: str, key: str) -> None:
        """Hand one over; what is wrong on our side or the gateway's is logged, without any text.

        Raises:
            NotNow: no connection, silence, too much, no access, or an answer nobody agreed on.
            Never: the gateway will not take it for this number.
        """
        status = await self._status(to=to, text=text, key=key)
        meaning = meaning_of(status)
        if meaning == "taken":
            return
        if meaning == "for good":
            raise Never
        log("texts").warning("sms_gateway.failed", trouble=meaning, code=status)
        raise NotNow

    async def _status(self, *, to: str, text: str, key: str) -> int:
        try:
            async with asyncio.timeout(self._seconds):  # the client's own is for each step
                answer = await self._client.post(
                    self._url,
                    json={"to": to, "text": text, "reference": key},
                    headers={"Idempotency-Key": key},
                )
        except (httpx2.HTTPError, OSError) as error:
            trouble = "tls" if is_about_tls(error) else "connection"
        else:
            return answer.status_code
        # Raised here, so that it does not carry the request, and the text in it, as its context.
        log("texts").warning("sms_gateway.failed", trouble=trouble, code=None)
        raise NotNow

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()


def meaning_of(status: int) -> Meaning:
    """What a gateway says with a status; what was not agreed on is no answer for good."""
    if status in TAKEN:
        return "taken"
    if status in FOR_GOOD:
        return "for good"
    return "token" if status in NO_ACCESS else "answer"
