"""Files that somebody chooses in a page, which their client reads there, over a real connection."""

import asyncio
import hashlib
import os
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from msgspec.structs import replace

from chat_tui.gateway import browser_page
from chat_tui.gateway.browser_page import BrowserPage
from chat_tui.gateway.frames import MAX_CHOSEN
from chat_tui.gateway.web import session
from chat_tui.gateway.workers import Line
from chat_tui.model.outbox import PageFile
from support.gateway import OPENING, seat_in
from support.web import Page, Web, web_in

pytestmark = pytest.mark.asyncio

CONTENT = os.urandom(100_000)
FILE = PageFile("7.0", "report.pdf", len(CONTENT))


@dataclass
class Opened:
    """A page, and its client."""

    web: Web
    page: Page
    ticket: str

    @property
    def client(self) -> BrowserPage:
        """The page as the client has it."""
        return seat_in(self.web.spawner).page

    @property
    def line(self) -> Line:
        """The way from the front to the client."""
        (line,) = [line for worker in self.web.workers._workers for line in worker.lines]
        return line

    async def question(self) -> Any:
        """Return what the page is asked next."""
        return (await self.page.message())["read"]

    async def answer(self, number: int, content: bytes) -> None:
        await self.page.send(b"\xff" + number.to_bytes(4) + content)

    async def answer_next(self) -> None:
        """Answer the next question as a page does that has the file."""
        asked = await self.question()
        assert asked["file"] == FILE.id
        at, limit = asked["at"], asked["limit"]
        whole = hashlib.sha256(CONTENT).digest()
        await self.answer(asked["number"], CONTENT[at : at + limit] if limit else whole)

    async def wait_for_end(self) -> int | None:
        async with asyncio.timeout(10):
            return await self.page.wait_for_close()


@pytest_asyncio.fixture
async def opened(tmp_path: Path) -> AsyncGenerator[Opened]:
    async with web_in(tmp_path) as web:
        page = await web.page()
        ticket = await page.hello()
        await page.wait_for("Password")
        yield Opened(web, page, ticket)


def chosen(number: int = 1, **more: Any) -> dict[str, Any]:
    return {"files": [{"id": f"7.{n}", "name": "a", "size": 1, **more} for n in range(number)]}


async def test_a_client_reads_a_file_where_it_is(opened: Opened) -> None:
    digest, *parts = [
        asyncio.create_task(opened.client.sha256(FILE)),
        asyncio.create_task(opened.client.read(FILE, 0, 60_000)),
        asyncio.create_task(opened.client.read(FILE, 60_000, 40_000)),
    ]
    for _ in range(3):
        await opened.answer_next()

    assert await digest == hashlib.sha256(CONTENT).digest()
    assert b"".join(await asyncio.gather(*parts)) == CONTENT


async def test_the_page_is_told_to_let_files_be_chosen(opened: Opened) -> None:
    opened.client.choose("Our numbers")

    assert (await opened.page.message())["choose"]["caption"] == "Our numbers"


async def test_chosen_files_reach_the_client_with_clean_names(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered = asyncio.get_running_loop().create_future()
    monkeypatch.setattr(opened.client, "_chosen", lambda *chosen: offered.set_result(chosen))

    await opened.page.socket.send_json({**chosen(name="../\x1b[2J\u202egnp.exe"), "caption": "x"})

    assert await offered == ((PageFile("7.0", "[2Jgnp.exe", 1),), "x")


async def test_nothing_is_sent_before_the_log_in(opened: Opened) -> None:
    await opened.page.socket.send_json(chosen())

    await opened.page.wait_for("Log in first")


@pytest.mark.parametrize(
    "wrong",
    [
        {"files": []},
        chosen(MAX_CHOSEN + 1),
        chosen(id=""),
        chosen(id="x" * 65),
        chosen(size=-1),
        chosen(size="1"),
        {"files": "report.pdf"},
    ],
)
async def test_what_no_page_chooses_disconnects_it(opened: Opened, wrong: dict[str, Any]) -> None:
    await opened.page.socket.send_json(wrong)

    assert await opened.wait_for_end() == aiohttp.WSCloseCode.POLICY_VIOLATION


async def test_an_answer_is_no_longer_than_was_asked(opened: Opened) -> None:
    reading = asyncio.create_task(opened.client.read(FILE, 0, 10))
    asked = await opened.question()

    await opened.answer(asked["number"], bytes(11))

    assert await opened.wait_for_end() == aiohttp.WSCloseCode.POLICY_VIOLATION
    reading.cancel()


@pytest.mark.parametrize("answer", [b"\xff", b"\xff\x00\x00", b"\xff\x00\x00\x00\x63soup"])
async def test_an_answer_to_nothing_is_ignored(opened: Opened, answer: bytes) -> None:
    await opened.page.send(answer)

    reading = asyncio.create_task(opened.client.read(FILE, 0, 10))
    await opened.answer_next()
    assert await reading == CONTENT[:10]


async def test_answers_to_nothing_are_counted_and_others_are_not(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "MAX_MESSAGES", 5)
    for _ in range(10):
        reading = asyncio.create_task(opened.client.read(FILE, 0, 10))
        await opened.answer_next()
        assert await reading == CONTENT[:10]

    with suppress(ConnectionError):
        for number in range(1_000, 1_006):
            await opened.answer(number, b"")
    assert await opened.wait_for_end() == aiohttp.WSCloseCode.POLICY_VIOLATION


async def test_what_is_typed_is_no_answer(opened: Opened) -> None:
    await opened.page.send("ÿ1234".encode())

    await opened.page.wait_for("ÿ")


async def test_after_a_cut_a_page_is_asked_again(opened: Opened) -> None:
    reading = asyncio.create_task(opened.client.read(FILE, 0, 10))
    first = await opened.question()
    again = await opened.web.page()
    assert await again.hello(ticket=opened.ticket) == opened.ticket
    opened.page = again

    assert await opened.question() == first
    await opened.answer(first["number"], CONTENT[:10])

    assert await reading == CONTENT[:10]


async def test_a_page_that_has_not_the_file_says_so(opened: Opened) -> None:
    reading = asyncio.create_task(opened.client.read(FILE, 0, 10))
    asked = await opened.question()

    await opened.answer(asked["number"], b"")

    assert await reading == b""


async def test_a_page_that_does_not_answer_is_not_waited_for(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browser_page, "READ_WITHIN", 0.01)

    assert await opened.client.read(FILE, 0, 10) == b""


async def test_a_page_that_is_away_is_waited_for(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    seat = seat_in(opened.web.spawner)
    seat._entered("ada")  # or nobody could come back
    await _until(lambda: opened.line.account == "ada")
    monkeypatch.setattr(browser_page, "READ_WITHIN", 0.01)
    await opened.page.socket.close()
    await _until(lambda: not seat.terminal.is_connected)
    reading = asyncio.create_task(opened.client.read(FILE, 0, 10))
    await asyncio.sleep(0.05)
    monkeypatch.setattr(browser_page, "READ_WITHIN", 10.0)

    opened.page = await opened.web.page()
    await opened.page.hello(ticket=opened.ticket)
    await opened.answer_next()

    assert await reading == CONTENT[:10]


async def test_a_client_that_is_shown_in_a_terminal_by_now_has_no_files(opened: Opened) -> None:
    seat, page = seat_in(opened.web.spawner), opened.client
    reading = asyncio.create_task(page.read(FILE, 0, 10))
    await opened.question()

    seat.come_back(replace(OPENING, via="ssh"))

    assert await reading == b""
    assert await page.sha256(FILE) == b""


async def test_files_that_are_chosen_while_the_client_reads_nothing_are_not_kept(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(opened.line), "unsent", 1_000_000)
    await opened.page.socket.send_json(chosen())
    await opened.page.socket.send_json({"columns": 100, "lines": 50})
    await opened.page.wait_for("\x1b[50;")  # something in the last row

    assert not seat_in(opened.web.spawner)._app._notifications


async def _until(condition: Callable[[], bool]) -> None:
    for _ in count():
        if condition():
            return
        await asyncio.sleep(0)
