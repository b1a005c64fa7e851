"""Files without a screen: sent by their paths, listed and saved by numbers."""

import os
import tempfile
from pathlib import Path

import pytest

from chat_shared import messages as m
from chat_shared.limits import MAX_CHUNK
from chat_tui.model.premises import IN_BROWSER, KIOSK
from support.chosen_files import ChoosingPage
from support.client_reports import until
from support.fake_server import FakeServer
from support.plain_console import seat

pytestmark = pytest.mark.asyncio


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / ".config"))
    monkeypatch.delenv("XDG_DOWNLOAD_DIR", raising=False)
    return tmp_path


def fake(*names: str) -> FakeServer:
    """Return a server on which ben has posted these files, each with a message of its own."""
    server = FakeServer()
    for name in ("ada", "ben"):
        server.account(name)
    for name in names:
        server.post("general", "ben", "Here.", files=(server.files.add(name, name.encode()),))
    return server


def content(*path: "str | Path") -> bytes:
    return Path(*path).read_bytes()


def made(home: Path, size: int = 9) -> bytes:
    data = os.urandom(size)
    (home / "My Report.pdf").write_bytes(data)
    return data


async def test_a_file_is_saved_by_the_number_in_its_line(home: Path) -> None:
    typed = "/save 2", "/save 2", "/quit"
    async with seat(fake("a.pdf", "b.pdf"), "ada", *typed) as at:
        assert await at.task == 0

        assert "ben: Here. [file 1: a.pdf, 5 bytes]" in at.console.text
        assert "ben: Here. [file 2: b.pdf, 5 bytes]" in at.console.text
        assert at.console.written[-2:] == [
            "Saved as ~/Downloads/b.pdf.", "Saved as ~/Downloads/b (1).pdf.",
        ]  # fmt: skip
    assert content(home, "Downloads", "b (1).pdf") == b"b.pdf"


async def test_the_last_files_are_listed(home: Path) -> None:
    async with seat(fake("a.pdf", "b.pdf"), "ada", "/files", "/save", "/save 9", "/quit") as at:
        assert await at.task == 1

        lines = [
            *("file 1: a.pdf, 5 bytes", "file 2: b.pdf, 5 bytes"),
            "To save one, type its number after the command: /save 2",
        ]
        assert at.console.written[-7:] == [
            *lines, *lines, "There is no file 9. /files lists the last ones.",
        ]  # fmt: skip
    async with seat(fake(), "ada", "/files", "/quit") as at:
        assert await at.task == 0
        assert at.console.written[-1] == "No files here yet. Messages that have some name them."


async def test_a_pipe_ends_once_its_files_are_sent(home: Path) -> None:
    data = made(home, 2 * MAX_CHUNK)
    async with seat(fake(), "ada", "/upload ~/My Report.pdf -- Our numbers") as at:
        assert await at.end() == 0

        assert "Sending My Report.pdf, 90 kB." in at.console.text
        assert at.console.written[-1].endswith(" ada: Our numbers [file 1: My Report.pdf, 90 kB]")
        ((_, stored),) = at.fake.files.stored.values()
        assert stored == data


async def test_at_a_terminal_a_download_goes_on_beside_the_typing(home: Path) -> None:
    server = fake("a.pdf")
    async with seat(server, "ada", at_terminal=True) as at:
        await at.console.until("[file 1: a.pdf")
        server.is_slow = True
        at.console.type("/save 1")
        await at.console.until("Saving a.pdf")
        await until(lambda: any(isinstance(r, m.Download) for r in server.requests))
        at.console.type("/files")
        await at.console.until("Saving a.pdf · 0% of 5 bytes · waiting")

        server.is_slow = False
        server.answer_all()
        await at.console.until("Saved as ~/Downloads/a.pdf.")
        assert await at.end() == 0


async def test_a_transfer_is_cancelled(home: Path) -> None:
    made(home)
    server = fake()
    async with seat(server, "ada", at_terminal=True) as at:
        await at.console.asked("general> ")
        server.is_slow = True
        at.console.type("/upload", "~/My\\ Report.pdf", "/cancel", "/cancel")
        await at.console.until("Cancelled. The message with My Report.pdf was not sent.")
        await at.console.until("Nothing to cancel: no file is being sent or saved")
        server.is_slow = False
        server.answer_all()

        assert await at.end() == 0
        assert not server.posts()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("/upload ~/none.pdf", "There is no file ~/none.pdf."),
        ("/upload ~/My Report.pdf", "My Report.pdf is 1 byte over the limit of 8 bytes."),
    ],
)
async def test_what_cannot_be_sent_is_told(typed: str, sentence: str, home: Path) -> None:
    made(home)
    server = fake()
    server.files.max_file = 8
    async with seat(server, "ada", typed) as at:
        assert await at.end() == 1
        assert at.console.written[-1] == sentence


async def test_a_refused_file_is_named_with_its_message(home: Path) -> None:
    made(home)
    server = fake()
    server.files.chunk_replies = [m.Error("muted", "You're muted in general.", 1)]
    async with seat(server, "ada", "/upload ~/My Report.pdf") as at:
        assert await at.end() == 1
        assert at.console.written[-1] == (
            "Not sent: You're muted in general. Your message: 📄 My Report.pdf"
        )


async def test_on_the_servers_computer_there_are_no_files(home: Path) -> None:
    made(home)
    typed = "/upload ~/My Report.pdf", "/save 1"
    async with seat(fake("a.pdf"), "ada", *typed, premises=KIOSK) as at:
        assert await at.end() == 1

        assert at.console.text.count("where you have no files.") == 2
        assert os.listdir(home) == ["My Report.pdf"]
        assert not any(isinstance(r, m.Upload | m.Download) for r in at.fake.requests)


async def test_in_a_browser_chosen_files_are_sent_at_once(home: Path) -> None:
    page = ChoosingPage()
    async with seat(fake(), "ada", "/upload -- Our numbers", premises=IN_BROWSER, page=page) as at:
        await until(lambda: page.captions == ["Our numbers"])
        at.console.type("/upload ~/report.pdf")
        await until(lambda: "In a browser, paths can't be typed." in at.console.text)

        at.chat.offer_files([page.chosen("report.pdf", b"soup")], "Our numbers")
        await until(lambda: at.fake.files.stored)

        assert "Sending report.pdf, 4 bytes." in at.console.text
        assert [(file.name, data) for file, data in at.fake.files.stored.values()] == [
            ("report.pdf", b"soup")
        ]
        assert at.fake.posts()[-1].text == "Our numbers"


async def test_in_a_browser_the_page_saves_files(
    home: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed = tmp_path_factory.mktemp("passed")
    monkeypatch.setattr(tempfile, "tempdir", str(passed))
    page = ChoosingPage()
    async with seat(fake("a.pdf"), "ada", premises=IN_BROWSER, page=page) as at:
        at.console.type("/save 1")
        await until(lambda: "Your browser is saving a.pdf." in at.console.text)

        assert page.saved == [("a.pdf", b"a.pdf")]
        assert os.listdir(home) == []
        assert os.listdir(passed)
    assert os.listdir(passed) == []


@pytest.mark.parametrize(
    ("max_file", "guest_until", "sentence"),
    [
        (0, "", "This server takes no files."),
        (3, "", "a.txt is 1 byte over the limit of 3 bytes."),
        (9, "2026-11-30T12:00:00Z", "Guests can't do that."),
    ],
)
async def test_chosen_files_that_cannot_be_sent_are_not(
    max_file: int, guest_until: str, sentence: str
) -> None:
    server = fake()
    server.files.max_file = max_file
    async with seat(server, "ada", premises=IN_BROWSER) as at:
        await until(lambda: at.chat.state.account)
        at.chat.state.guest_until = guest_until
        at.chat.offer_files([ChoosingPage().chosen("a.txt", b"soup")], "")

        assert sentence in at.console.text
        assert not at.chat.state.outbox.of("general")


async def test_files_that_are_chosen_for_a_room_that_is_gone_are_sent_nowhere() -> None:
    async with seat(fake(), "ada", premises=IN_BROWSER) as at:
        await until(lambda: at.chat.state.account)
        at.chat.room.mark_gone()
        at.chat.offer_files([ChoosingPage().chosen("a.txt", b"soup")], "lunch")

        assert at.console.written[-1].startswith("Not sent: ")
        assert "lunch" in at.console.written[-1]
        assert not at.chat.state.outbox.of("general")


async def test_files_that_are_chosen_before_the_log_in_are_not_sent() -> None:
    async with seat(fake(), "ada", premises=IN_BROWSER) as at:
        at.chat.offer_files([ChoosingPage().chosen("a.txt", b"soup")], "")

        assert at.console.written[-1] == "Log in first, then choose the files to send."
