"""Connections that browsers do not open: too many, too slow, or without sense."""

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest

from chat_tui.gateway import places
from chat_tui.gateway.web import connections, site
from chat_tui.gateway.web.certificate import Certificate
from support.tls import client_context, own_credentials
from support.web import web_in

pytestmark = pytest.mark.asyncio

_REQUEST = b"GET /nothing HTTP/1.1\r\nHost: chat\r\n\r\n"
_LAST = b"GET /nothing HTTP/1.1\r\nHost: chat\r\nConnection: close\r\n\r\n"


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    """Return the first line of an answer, or nothing if the connection is closed."""
    writer.write(_REQUEST)
    return (await all_of(reader, "\n")).partition(b"\r")[0]


async def all_of(reader: asyncio.StreamReader, end: str = "") -> bytes:
    """Return what is received until `end`, or until the connection is closed or cut."""
    received = b""
    with suppress(ConnectionError):
        while data := await reader.read(1_000):
            received += data
            if end and end.encode() in received:
                break
    return received


async def test_from_one_address_there_are_only_so_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "MAX_PER_ADDRESS", 2)
    async with web_in(tmp_path) as web:
        held = [await web.connection() for _ in range(2)]
        for reader, writer in held:
            assert b"404" in await answer(reader, writer)

        assert await answer(*await web.connection()) == b""

        held[0][1].write(_LAST)
        await all_of(held[0][0])
        assert b"404" in await answer(*await web.connection())


async def test_too_many_handshakes_of_an_address_wait_their_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "HANDSHAKES", 1)
    monkeypatch.setattr(places, "HANDSHAKES_WITHIN", 0.8)
    credentials = own_credentials(tmp_path / "keys")
    certificate = Certificate(credentials.certificate, credentials.key)
    loop = asyncio.get_running_loop()
    async with web_in(tmp_path, certificate=certificate) as web:
        begin = loop.time()
        await web.connection()
        async with asyncio.TaskGroup() as group:
            second = group.create_task(
                asyncio.open_connection("127.0.0.1", web.port, ssl=client_context())
            )
            await asyncio.sleep(0)  # it connects first
            reader, _ = await web.connection()
            assert await all_of(reader) == b""  # it would have had to wait for too long
            assert not second.done()
        assert loop.time() - begin >= 0.8
        second.result()[1].close()


async def test_behind_a_proxy_there_are_as_many_as_in_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "MAX_PER_ADDRESS", 1)
    monkeypatch.setattr(connections, "MAX_CONNECTIONS", 2)
    async with web_in(tmp_path, trusted=["127.0.0.0/8"]) as web:
        held = [await web.connection() for _ in range(2)]
        for reader, writer in held:
            assert b"404" in await answer(reader, writer)

        assert await answer(*await web.connection()) == b""


@pytest.mark.parametrize("sent", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: chat\r\nX: "])
async def test_half_a_request_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(connections, "LOAD_DEADLINE", 0.05)
    async with web_in(tmp_path) as web:
        reader, writer = await web.connection()
        writer.write(sent)

        await all_of(reader)


async def test_who_reads_nothing_of_what_they_load_is_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "LOAD_DEADLINE", 0.05)
    async with web_in(tmp_path) as web:
        _, writer = await web.connection(buffered=4_096)
        writer.transport.pause_reading()  # type: ignore[attr-defined]

        with suppress(ConnectionError):
            while True:
                writer.write(b"GET /static/vendor/xterm.mjs HTTP/1.1\r\nHost: chat\r\n\r\n")
                await writer.drain()


async def test_a_page_stays_connected_for_longer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "LOAD_DEADLINE", 0.5)
    async with web_in(tmp_path) as web:
        page = await web.page()
        await page.hello()
        await page.wait_for("Password")
        await asyncio.sleep(0.6)

        await page.socket.send_bytes(b"\x11")  # Ctrl+Q
        assert (await page.message())["end"]["code"] == 0


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x16\x03\x01\x02\x00\x01",
        b"SSH-2.0-x\r\n\r\n",
        b"\x00" * 10_000,
        b"A" * 10_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 1_000 + b"\r\n",
        b"GET / HTTP/1.1\r\nX: " + b"y" * 10_000 + b"\r\n\r\n",
    ],
)
async def test_garbage_gets_an_error_and_is_not_logged(
    tmp_path: Path, garbage: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with web_in(tmp_path) as web:
        reader, writer = await web.connection()
        writer.write(garbage)
        writer.write_eof()

        received = await all_of(reader)
        assert b"200 OK" not in received
        assert b"aiohttp" not in received
        assert b"nosniff" in received or not received
        assert caplog.records == []


async def test_cookies_of_what_else_has_the_same_host_are_no_garbage(tmp_path: Path) -> None:
    async with web_in(tmp_path) as web:
        headers = {"Cookie": f"session={'x' * 8_000}"}
        async with web.browser.get(web.at("/"), headers=headers) as response:
            assert response.status == 200


async def test_no_request_has_a_body_that_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site, "REST_WITHIN", 0.05)
    async with web_in(tmp_path) as web:
        reader, writer = await web.connection()
        writer.write(b"POST / HTTP/1.1\r\nHost: chat\r\nTransfer-Encoding: chunked\r\n\r\n")

        assert (await all_of(reader)).startswith(b"HTTP/1.1 405 ")


@pytest.mark.parametrize("sent", [b"", b"\x16\x03\x01", _REQUEST])
async def test_half_a_handshake_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, sent: bytes
) -> None:
    monkeypatch.setattr(connections, "HANDSHAKE_DEADLINE", 0.05)
    credentials = own_credentials(tmp_path / "keys")
    certificate = Certificate(credentials.certificate, credentials.key)
    async with web_in(tmp_path, certificate=certificate) as web:
        reader, writer = await web.connection()
        writer.write(sent)

        await all_of(reader)
        assert caplog.records == []
