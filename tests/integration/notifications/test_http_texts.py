"""Texts to the stand-in for a district's gateway."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from deploy.local.ports import LOOPBACK, free_port
from services.notifications.delivery import Never, NotNow
from services.notifications.http_texts import CONNECTIONS, HttpTexts
from tests.certificates import certificate, server_context
from tests.integration.notifications.gateways import TOKEN, gateway

TO = "+15550100142"
TEXT = "Harbor Elementary: Sam found a place. wrap.example/f/secret"
LATE_SECONDS = 0.3
DEADLINE_SECONDS = 30.0


@asynccontextmanager
async def texts(url: str, *, token: str = TOKEN, seconds: float = 10.0) -> AsyncIterator[HttpTexts]:
    made = HttpTexts(url, SecretStr(token), seconds=seconds)
    try:
        yield made
    finally:
        await made.close()


def kept(folder: Path) -> list[dict[str, str]]:
    return [json.loads(path.read_text()) for path in folder.glob("*")]


def troubles(lines: Iterable[Mapping[str, Any]]) -> list[tuple[str, int | None]]:
    return [(each["trouble"], each["code"]) for each in lines if "trouble" in each]


async def test_a_text_arrives_as_the_contract_says_and_the_same_key_is_kept_once(
    tmp_path: Path,
) -> None:
    with gateway(tmp_path) as at:
        async with texts(at.url) as ours:
            for _ in range(2):
                await ours.send(to=TO, text=TEXT, key="m-1")

    assert kept(tmp_path) == [{"to": TO, "text": TEXT, "reference": "m-1"}]


@pytest.mark.parametrize(
    ("status", "token", "raised", "told"),
    [
        (0, "another-token", NotNow, [("token", 401)]),
        (403, TOKEN, NotNow, [("token", 403)]),
        (429, TOKEN, NotNow, [("answer", 429)]),
        (503, TOKEN, NotNow, [("answer", 503)]),
        (307, TOKEN, NotNow, [("answer", 307)]),
        (422, TOKEN, Never, []),
    ],
)
async def test_what_a_gateway_refuses_waits_or_is_over_and_nothing_of_it_is_logged(
    tmp_path: Path, *, status: int, token: str, raised: type[Exception], told: list[Any]
) -> None:
    with capture_logs() as lines, gateway(tmp_path, refuse=status) as at:
        async with texts(at.url, token=token) as ours:
            with pytest.raises(raised) as error:
                await ours.send(to=TO, text=TEXT, key="m-1")

    assert troubles(lines) == told
    assert_says_nothing(lines, error.value)
    assert kept(tmp_path) == []


def assert_says_nothing(lines: Any, error: BaseException) -> None:
    """Neither the lines nor the error, nor what it carries along."""
    assert (error.__cause__, error.__context__, str(error)) == (None, None, "")
    for secret in (TO, TEXT, TOKEN, "another-token"):
        assert secret not in repr(lines)


async def test_a_text_that_was_taken_unheard_is_sent_again_and_kept_once(tmp_path: Path) -> None:
    with capture_logs() as lines, gateway(tmp_path, seconds=4 * LATE_SECONDS) as slow:
        async with texts(slow.url, seconds=LATE_SECONDS) as ours:
            with pytest.raises(NotNow) as error:
                await ours.send(to=TO, text=TEXT, key="m-1")
    assert troubles(lines) == [("connection", None)]
    assert_says_nothing(lines, error.value)
    assert len(kept(tmp_path)) == 1

    with gateway(tmp_path) as at:
        async with texts(at.url) as ours:
            await ours.send(to=TO, text=TEXT, key="m-1")
    assert len(kept(tmp_path)) == 1


async def test_a_gateway_that_never_gets_to_its_end_is_not_waited_for() -> None:
    is_over = asyncio.Event()

    async def dripping(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Each byte of an answer comes in time, and the last one late."""
        with suppress(ConnectionError):
            for byte in b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n":
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(LATE_SECONDS / 10)
        writer.close()
        is_over.set()

    server = await asyncio.start_server(dripping, LOOPBACK, (port := free_port()))
    async with server, texts(f"http://{LOOPBACK}:{port}/", seconds=LATE_SECONDS) as ours:
        with pytest.raises(NotNow):
            await ours.send(to=TO, text=TEXT, key="m-1")
        async with asyncio.timeout(DEADLINE_SECONDS):
            await is_over.wait()


async def test_a_gateway_that_is_away_is_asked_again_later() -> None:
    with capture_logs() as lines, pytest.raises(NotNow) as error:
        async with texts(f"http://{LOOPBACK}:{free_port()}/texts") as ours:
            await ours.send(to=TO, text=TEXT, key="m-1")

    assert troubles(lines) == [("connection", None)]
    assert_says_nothing(lines, error.value)


async def test_nothing_is_said_to_a_gateway_that_cannot_prove_who_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pem = certificate(tmp_path)
    folder = tmp_path / "texts"
    with capture_logs() as lines, gateway(folder, context=server_context(pem)) as at:
        async with texts(at.url) as ours:
            with pytest.raises(NotNow):
                await ours.send(to=TO, text=TEXT, key="m-1")
        assert (troubles(lines), kept(folder)) == ([("tls", None)], [])

        monkeypatch.setenv("SSL_CERT_FILE", str(pem))
        async with texts(at.url) as ours:
            await ours.send(to=TO, text=TEXT, key="m-1")
    assert len(kept(folder)) == 1


async def test_many_texts_at_once_share_few_connections(tmp_path: Path) -> None:
    with gateway(tmp_path) as at:
        async with texts(at.url) as ours:
            await asyncio.gather(
                *(ours.send(to=TO, text=TEXT, key=f"m-{n}") for n in range(3 * CONNECTIONS))
            )
        assert 0 < at.gateway.connections <= CONNECTIONS
    assert len(kept(tmp_path)) == 3 * CONNECTIONS


async def test_no_proxy_stands_between_us_and_a_gateway_on_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://{LOOPBACK}:{free_port()}")
    with gateway(tmp_path) as at:
        async with texts(at.url) as ours:
            await ours.send(to=TO, text=TEXT, key="m-1")
    assert len(kept(tmp_path)) == 1


async def test_who_was_closed_sends_no_more(tmp_path: Path) -> None:
    with gateway(tmp_path) as at:
        async with texts(at.url) as ours:
            await ours.send(to=TO, text=TEXT, key="m-1")
        with pytest.raises(RuntimeError):
            await ours.send(to=TO, text=TEXT, key="m-2")
