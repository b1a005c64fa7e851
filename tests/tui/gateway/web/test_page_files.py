"""Files that a client lets its page save, each once."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from chat_tui.gateway.frames import PassedFile
from chat_tui.gateway.web import page_files
from chat_tui.gateway.web.page_files import MAX_WAITING, PageFiles
from support.gateway import seat_in
from support.web import Page, Web, web_in

pytestmark = pytest.mark.asyncio

NAME = 'Größe "1"; x.html'


@dataclass
class Opened:
    """A page, and its client."""

    web: Web
    page: Page
    folder: Path

    async def saved(self, data: bytes = b"<script>soup</script>", name: str = NAME) -> str:
        """Let the client save a file; return what the page is told to fetch."""
        path = self.folder / f"{len(list(self.folder.iterdir()))}.tmp"
        path.write_bytes(data)
        seat_in(self.web.spawner).page.save(path, name)
        return str((await self.page.message())["download"])

    async def fetch(self, place: str, method: str = "GET") -> tuple[int, bytes]:
        async with self.web.browser.request(method, self.web.at(f"/{place}")) as response:
            return response.status, await response.read()

    @property
    def on_disk(self) -> int:
        return len(list(self.folder.iterdir()))


@pytest_asyncio.fixture
async def opened(tmp_path: Path) -> AsyncGenerator[Opened]:
    folder = tmp_path / "files"
    folder.mkdir()
    async with web_in(tmp_path) as web:
        page = await web.page()
        await page.hello()
        await page.wait_for("Password")
        yield Opened(web, page, folder)


async def test_a_file_is_saved_once_and_never_shown(opened: Opened) -> None:
    place = await opened.saved()

    async with opened.web.browser.get(opened.web.at(f"/{place}")) as response:
        assert await response.read() == b"<script>soup</script>"
        assert response.headers["Content-Type"] == "application/octet-stream"
        assert response.headers["Content-Disposition"] == (
            "attachment; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%221%22%3B%20x.html"
        )
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in response.headers["Content-Security-Policy"]
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"

    assert opened.on_disk == 0
    assert (await opened.fetch(place))[0] == 404


async def test_who_does_not_know_the_id_gets_nothing(opened: Opened) -> None:
    place = await opened.saved()

    for guess in ("files/x", "files/", "files/../files", f"{place}x", f"x/{place}"):
        assert (await opened.fetch(guess))[0] == 404
    assert (await opened.fetch(place, "HEAD"))[0] == 405
    assert await opened.fetch(place) == (200, b"<script>soup</script>")


async def test_few_files_wait_for_a_page(opened: Opened) -> None:
    places = [await opened.saved(b"%d" % number) for number in range(MAX_WAITING + 1)]

    assert opened.on_disk == MAX_WAITING
    assert (await opened.fetch(places[0]))[0] == 404
    assert await opened.fetch(places[1]) == (200, b"1")


async def test_what_a_page_has_not_taken_is_removed_when_it_is_gone(opened: Opened) -> None:
    await opened.saved()

    await opened.page.socket.close()

    while opened.on_disk:
        await opened.fetch("")


async def test_without_a_page_a_file_is_removed(opened: Opened) -> None:
    seat = seat_in(opened.web.spawner)
    seat.terminal.disconnect()
    path = opened.folder / "x"
    path.write_bytes(b"soup")

    seat.page.save(path, "x")

    assert opened.on_disk == 0


async def test_a_page_that_does_not_read_a_file_is_not_waited_for(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_files, "TAKE_WITHIN", 0.0)
    place = await opened.saved(bytes(20_000_000))
    reader, writer = await opened.web.connection(buffered=1_000)
    writer.write(f"GET /{place} HTTP/1.1\r\nHost: x\r\n\r\n".encode())

    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await reader.readexactly(20_000_000)


async def test_pages_have_their_own_files(tmp_path: Path) -> None:
    files = PageFiles()
    mine, theirs = tmp_path / "mine", tmp_path / "theirs"
    for page, path in ("me", mine), ("them", theirs):
        path.write_bytes(b"soup")
        files.offer(page, PassedFile(str(path), path.name))

    files.withdraw("me")

    assert not mine.exists()
    assert theirs.exists()
