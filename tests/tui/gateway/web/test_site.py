"""What a browser gets, and what a page may do."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import suppress
from itertools import count
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from chat_tui.gateway import relay
from chat_tui.gateway.places import MAX_PER_ADDRESS
from chat_tui.gateway.web import session, site
from support.web import HELLO, ORIGIN, Web, web_in

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def web(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> AsyncGenerator[Web]:
    async with web_in(tmp_path) as web:
        yield web
    assert caplog.get_records("call") == []  # whatever a page does


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("HEAD", "/", 200),
        ("GET", "/plain", 200),
        ("GET", "/static/terminal.js", 200),
        ("GET", "/static/vendor/xterm.mjs", 200),
        ("GET", "/static/vendor/LICENSE.txt", 200),
        ("GET", "/static/terminal.html", 404),
        ("GET", "/static/../site.py", 404),
        ("GET", "/static/%2e%2e/site.py", 404),
        ("GET", "/static//etc/passwd", 404),
        ("GET", "/favicon.ico", 404),
        ("POST", "/", 405),
        ("GET", "/socket", 400),
    ],
)
async def test_every_response_allows_a_page_as_little_as_it_can(
    web: Web, method: str, path: str, status: int
) -> None:
    async with web.browser.request(method, web.at(path)) as response:
        policy = response.headers["Content-Security-Policy"]

        assert response.status == status
        assert policy.startswith("default-src 'none'")
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert response.headers["Server"] == "Trialogue"
        assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize("passed_on", ["/chat", ""])  # or left out by the web server
async def test_the_pages_may_be_in_a_folder_of_a_web_server(tmp_path: Path, passed_on: str) -> None:
    async with web_in(tmp_path, url="https://chat.example.org/chat/") as web:
        for path in "/", "/plain", "/static/terminal.js":
            async with web.browser.get(web.at(passed_on + path)) as response:
                assert response.status == 200
        async with web.browser.get(web.at(f"{passed_on}/chat/plain")) as response:
            assert response.status == (404 if passed_on else 200)
        page = await web.page(folder=passed_on)
        await page.hello()
        await page.wait_for("Password")


async def test_the_folder_of_the_pages_ends_with_a_slash(tmp_path: Path) -> None:
    async with web_in(tmp_path, url="https://chat.example.org/chat/") as web:
        async with web.browser.get(web.at("/chat"), allow_redirects=False) as response:
            assert (response.status, response.headers["Location"]) == (301, "/chat/")
        async with web.browser.get(web.at("/chatter")) as response:
            assert response.status == 404


async def test_a_page_says_which_server_this_is_and_has_nothing_inline(tmp_path: Path) -> None:
    async with (
        web_in(tmp_path, name="Tom & <script>") as web,
        web.browser.get(web.at("/")) as response,
    ):
        page = await response.text()

        assert "<h1>Tom &amp; &lt;script&gt;</h1>" in page
        assert page.count("<script") == 1
        assert 'src="static/terminal.js"' in page
        assert "<style" not in page
        assert " style=" not in page


async def test_a_file_is_sent_once_and_compressed(web: Web) -> None:
    async with web.browser.get(web.at("/static/vendor/xterm.mjs")) as response:
        assert response.headers["Content-Encoding"] == "gzip"
        tag = response.headers["ETag"]

    headers = {"If-None-Match": tag}
    async with web.browser.get(web.at("/static/vendor/xterm.mjs"), headers=headers) as response:
        assert response.status == 304


@pytest.mark.parametrize(
    "origin",
    ["", "null", "https://evil.example", "http://chat.example.org", "http://127.0.0.1:{port}"],
)
async def test_a_page_of_another_origin_is_refused(web: Web, origin: str) -> None:
    headers = {"Origin": origin.format(port=web.port)} if origin else {}

    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await web.browser.ws_connect(web.at("/socket"), headers=headers)

    assert refused.value.status == 403


async def test_a_page_shows_the_form_follows_its_size_and_hears_of_the_end(web: Web) -> None:
    page = await web.page()
    assert len(await page.hello()) > 40
    await page.wait_for("Password")

    await page.socket.send_json({"columns": 100, "lines": 50})
    await page.wait_for("\x1b[50;")  # something in the last row
    await page.socket.send_bytes(b"\x11")  # Ctrl+Q

    assert await page.message() == {"end": {"code": 0, "sentence": ""}}
    assert await page.wait_for_close() == aiohttp.WSCloseCode.OK


async def test_the_invitation_in_a_link_is_in_the_form(web: Web) -> None:
    page = await web.page()
    await page.hello(invite="join-0adn-nvky-ks9y")

    await page.wait_for("0adn-nvky-ks9y")


async def test_a_copy_of_a_page_takes_its_place(web: Web) -> None:
    first = await web.page()
    ticket = await first.hello()
    await first.wait_for("Password")

    second = await web.page()
    assert await second.hello(ticket=ticket) == ticket

    await second.wait_for("Password")
    assert "another tab" in (await first.message())["end"]["sentence"]


async def test_a_ticket_of_nobody_is_replaced(web: Web) -> None:
    page = await web.page()

    assert await page.hello(ticket="guessed") != "guessed"


@pytest.mark.parametrize(
    "first",
    [
        "",
        "{",
        "[]",
        b"\x00\x01",
        '{"size": {"columns": -1, "lines": 24}}',
        '{"size": {"columns": 1e99, "lines": 24}}',
        '{"size": {"columns": 80, "lines": 24}, "ticket": 5}',
        "[" * 60_000,
    ],
)
async def test_a_page_that_is_none_of_ours_is_disconnected(web: Web, first: str | bytes) -> None:
    page = await web.page()

    await page.send(first)

    assert await page.wait_for_close() == aiohttp.WSCloseCode.POLICY_VIOLATION


async def test_a_page_that_says_nothing_is_disconnected(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "HELLO_WITHIN", 0.05)
    page = await web.page()

    assert await page.wait_for_close() == aiohttp.WSCloseCode.POLICY_VIOLATION


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("not a size", aiohttp.WSCloseCode.POLICY_VIOLATION),
        (b"x" * (site.MAX_MESSAGE + 1), aiohttp.WSCloseCode.MESSAGE_TOO_BIG),
    ],
)
async def test_a_message_that_no_page_sends_disconnects_it(
    web: Web, sent: str | bytes, code: aiohttp.WSCloseCode
) -> None:
    page = await web.page()
    await page.hello()
    await page.wait_for("Password")

    await page.send(sent)

    assert await page.wait_for_close() == code


@pytest.mark.parametrize("kind", [aiohttp.WSMsgType.PING, aiohttp.WSMsgType.BINARY])
async def test_a_page_that_sends_more_messages_than_any_page_is_disconnected(
    web: Web, kind: aiohttp.WSMsgType
) -> None:
    page = await web.page()
    await page.hello()

    with suppress(ConnectionError):
        for _ in range(session.MAX_MESSAGES + 1):
            await (page.socket.ping() if kind is aiohttp.WSMsgType.PING else page.send(b""))

    assert await page.wait_for_close() == aiohttp.WSCloseCode.POLICY_VIOLATION


async def test_what_waits_for_the_client_to_read_has_a_bound(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "MAX_HELD", 100_000)
    page = await web.page()
    await page.hello(view="plain")  # which takes a line, and then the next one when it wants it

    with suppress(ConnectionError):
        for _ in range(10):
            await page.send(b"x" * 20_000)

    assert await page.wait_for_close() == aiohttp.WSCloseCode.POLICY_VIOLATION


async def test_a_page_that_answers_no_ping_is_disconnected(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site, "PING_EVERY", 0.05)
    page = await web.page(answers_pings=False)
    await page.hello()

    assert await page.wait_for_close() == aiohttp.WSCloseCode.ABNORMAL_CLOSURE


async def test_without_a_place_there_is_a_sentence(web: Web) -> None:
    taken = [web.places.terminal("127.0.0.1") for _ in range(MAX_PER_ADDRESS)]
    for place in taken:
        place.__enter__()
    page = await web.page()
    await page.hello()

    assert "from your address" in (await page.message())["end"]["sentence"]


async def test_a_page_that_reads_nothing_is_cut_off(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "UNREAD_FOR", 0.05)
    reader, writer = await web.connection(buffered=4_096)
    writer.write(_handshake())
    await reader.readuntil(b"\r\n\r\n")
    writer.write(_frame(1, json.dumps(HELLO).encode()))
    writer.transport.pause_reading()  # type: ignore[attr-defined]

    with suppress(ConnectionError):
        for lines in count():  # each is drawn
            size = {"columns": 240, "lines": 20 + lines % 50}
            writer.write(_frame(1, json.dumps(size).encode()))
            await writer.drain()
            await asyncio.sleep(0)


def _handshake() -> bytes:
    lines = [
        "GET /socket HTTP/1.1", "Host: chat.example.org", "Upgrade: websocket",
        "Connection: Upgrade", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
        "Sec-WebSocket-Version: 13", f"Origin: {ORIGIN['Origin']}", "", "",
    ]  # fmt: skip
    return "\r\n".join(lines).encode()


def _frame(opcode: int, data: bytes) -> bytes:
    """Return a frame as a browser sends it: masked, here by zeros (RFC 6455, 5.2)."""
    assert len(data) < 126
    return bytes([0x80 | opcode, 0x80 | len(data)]) + bytes(4) + data
