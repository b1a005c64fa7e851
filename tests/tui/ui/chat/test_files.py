"""Files on the full screen: sent by a command, a key or a drag, saved, opened, cancelled."""

import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from chat_shared import messages as m
from chat_shared.limits import MAX_CHUNK
from chat_tui.model.address import Address, Invitation
from chat_tui.model.premises import IN_BROWSER, KIOSK
from chat_tui.ui.log.message_log import MessageLog
from support.chosen_files import ChoosingPage
from support.fake_server import FakeServer
from support.tui_chat import Client, chatting, client, fake_with

pytestmark = pytest.mark.asyncio

HERE = Invitation(Address(path="/run/chat/proxy.sock", is_private=True))
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


def made(folder: Path, name: str = "report.pdf", data: bytes = b"soup") -> str:
    (folder / name).write_bytes(data)
    return str(folder / name)


def exists(path: "str | Path") -> bool:
    return os.path.exists(path)


def content(*parts: "str | Path") -> bytes:
    return Path(*parts).read_bytes()


def stored(fake: FakeServer, room: str = "general") -> list[tuple[str, str, bytes]]:
    """Return the files in a room: the text of their message, their name, their content."""
    lines = fake.rooms[room].lines
    return [
        (line.text, file.name, fake.files.stored[file.file][1])
        for line in lines
        for file in line.files
    ]


def log_of(running: Client) -> MessageLog:
    return running.app.screen_stack[1].query_one(MessageLog)


async def pick(running: Client, text: str) -> None:
    """Select the newest message, which shows `text`."""
    await running.sees(text)
    await running.press("ctrl+l")
    await running.sees("y copy")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home folder of the person, with nothing set that leads elsewhere."""
    for name in list(os.environ):
        if name.startswith("XDG_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


# --- sending


async def test_a_typed_path_is_sent_with_a_caption(home: Path) -> None:
    made(home, "My Report.pdf", b"soup" * 400)
    async with chatting(fake_with()) as running:
        await running.write("/upload ~/My Report.pdf -- Here it is")
        await running.press("enter")
        await running.sees("Here it is")
        await running.sees("📄 My Report.pdf  1.6 kB")
        await running.until(lambda: stored(running.fake))

        assert stored(running.fake) == [("Here it is", "My Report.pdf", b"soup" * 400)]


async def test_the_key_begins_the_command_and_tab_completes_the_path(home: Path) -> None:
    made(home, "My Report.pdf")
    (home / "My Recipes").mkdir()
    async with chatting(fake_with()) as running:
        await running.press("ctrl+s")
        await running.until(lambda: running.typed == "/upload ")
        await running.write("~/My\\ Re")
        await running.sees("~/My\\ Recipes/")
        await running.press("tab", "tab")
        await running.until(lambda: running.typed == "/upload ~/My\\ Report.pdf ")
        await running.press("enter")
        await running.until(lambda: stored(running.fake))

        assert stored(running.fake) == [("", "My Report.pdf", b"soup")]


async def test_a_path_that_leads_nowhere_can_be_corrected(home: Path) -> None:
    async with chatting(fake_with()) as running:
        await running.write("/upload ~/reprot.pdf -- Here")
        await running.press("enter")
        await running.sees("There is no file ~/reprot.pdf.")

        assert running.typed == "/upload ~/reprot.pdf -- Here"


async def test_more_files_than_a_message_has_are_refused(home: Path) -> None:
    paths = " ".join(made(home, f"{n}.txt") for n in range(11))
    async with chatting(fake_with()) as running:
        await running.enter(f"/upload {paths}")
        await running.sees("A message can have at most 10 files.")


@pytest.mark.parametrize(
    ("max_file", "sentence"),
    [(0, "This server takes no files."), (3, "report.pdf is 1 byte over the limit of 3 bytes.")],
)
async def test_what_the_server_does_not_take_is_shown_at_once(
    max_file: int, sentence: str, home: Path
) -> None:
    fake = fake_with()
    fake.files.max_file = max_file
    async with chatting(fake) as running:
        await running.enter(f"/upload {made(home)}")
        await running.sees(sentence)

        assert not running.app.state.outbox.of("general")


async def test_a_file_can_be_a_reply(home: Path) -> None:
    fake = fake_with()
    fake.post("general", "linus", "Where is it?")
    async with chatting(fake) as running:
        await pick(running, "Where is it?")
        await running.press("r")
        await running.sees("Esc: cancel reply")
        await running.enter(f"/upload {made(home)}")
        await running.until(lambda: stored(running.fake))

        assert running.fake.posts()[-1].reply == 1
        await running.sees_no("Esc: cancel reply")


# --- dragging


async def test_a_dragged_file_is_sent_after_a_question(home: Path) -> None:
    path = made(home, "My Report.pdf", b"soup" * 400)
    async with chatting(fake_with()) as running:
        await running.write("draft ")
        running.paste(f"'{path}' ")
        await running.sees("Send My Report.pdf, 1.6 kB?")
        await running.press("enter")
        await running.until(lambda: stored(running.fake))

        assert stored(running.fake) == [("", "My Report.pdf", b"soup" * 400)]
        assert running.typed == "draft "


async def test_a_path_that_is_meant_as_a_text_stays_one(home: Path) -> None:
    path = made(home)
    async with chatting(fake_with()) as running:
        running.paste(path)
        await running.sees("Send report.pdf, 4 bytes?")
        await running.write("is")  # typed on, without having seen the question
        await running.press("enter")
        await running.sees_no("Send report.pdf")

        assert running.typed == path
        assert stored(running.fake) == []


async def test_a_path_of_nothing_is_pasted_as_it_is(home: Path) -> None:
    async with chatting(fake_with()) as running:
        running.paste("/no/such/file")
        await running.until(lambda: running.typed == "/no/such/file")
        await running.write("!")

        assert running.typed == "/no/such/file!"
        assert len(running.app.screen_stack) == 2


async def test_where_no_files_can_be_sent_nothing_is_asked(home: Path) -> None:
    path, fake = made(home), fake_with()
    fake.files.max_file = 0
    async with chatting(fake) as running:
        running.paste(path)
        await running.until(lambda: running.typed == path)
        await running.settle()

        assert len(running.app.screen_stack) == 2


# --- on the way


async def test_the_way_of_a_file_is_shown_and_can_be_cancelled(home: Path) -> None:
    fake = fake_with()
    fake.files.loses = MAX_CHUNK
    async with chatting(fake) as running:
        await running.enter(f"/upload {made(home, data=bytes(2 * MAX_CHUNK))}")
        await running.sees("Sending report.pdf · 50% of 90 kB")
        await running.sees("○ queued")
        running.client.cut()
        await running.sees("Sending report.pdf · 50% of 90 kB · waiting · /cancel")
        fake.silent = False

        await running.enter("/cancel")

        await running.sees("Cancelled. The message with report.pdf was not sent.")
        await running.sees_no("Sending")
        await running.sees_no("○ queued")
        await running.enter("/cancel")
        await running.sees("Nothing to cancel: no file is being sent or saved")


async def test_up_takes_a_message_back_with_its_files(home: Path) -> None:
    fake, path = fake_with(), made(home, "My Report.pdf", bytes(MAX_CHUNK * 2))
    fake.files.loses = 0
    async with chatting(fake) as running:
        await running.enter(f"/upload '{path}' -- Here")
        await running.sees("Sending My Report.pdf")
        fake.silent = False

        await running.press("up")

        await running.until(lambda: running.typed)
        assert running.typed == f"/upload {home}/My\\ Report.pdf -- Here"
        await running.sees_no("Sending")
        await running.until(lambda: not fake.files.uploads)


# --- files of messages


def with_file(name: str = "report.pdf", data: bytes = b"soup", text: str = "Here") -> FakeServer:
    fake = fake_with()
    fake.post("general", "linus", text, files=(fake.files.add(name, data),))
    return fake


async def test_a_file_is_saved_among_the_downloads_and_overwrites_nothing(home: Path) -> None:
    async with chatting(with_file()) as running:
        await pick(running, "📄 report.pdf  4 bytes")
        await running.sees("s save file")
        await running.press("s")
        await running.sees("Saved as ~/Downloads/report.pdf.")
        await running.press("s")
        await running.sees("Saved as ~/Downloads/report (1).pdf.")

        assert content(home, "Downloads", "report (1).pdf") == b"soup"


async def test_of_several_files_one_is_chosen_or_all(home: Path) -> None:
    fake = fake_with()
    files = tuple(fake.files.add(f"{name}.txt", name.encode()) for name in ("one", "two"))
    fake.post("general", "linus", "", files=files)
    async with chatting(fake) as running:
        await pick(running, "📄 two.txt")
        await running.press("s")
        await running.sees("Save which file?")
        await running.sees("Enter: save · Esc: cancel")
        await running.press("down", "down", "enter")
        await running.sees("Saved as ~/Downloads/two.txt.")
        assert os.listdir(home / "Downloads") == ["two.txt"]

        await running.press("s")
        await running.sees("All 2 files")
        await running.press("enter")
        await running.sees("Saved as ~/Downloads/two (1).txt.")
        await running.sees("Saved as ~/Downloads/one.txt.")


async def test_a_deleted_file_is_told_in_the_servers_words(home: Path) -> None:
    async with chatting(with_file()) as running:
        await pick(running, "📄 report.pdf")
        running.fake.files.stored.clear()
        await running.press("s")
        await running.sees("This file was deleted.")

        assert os.listdir(home / "Downloads") == []


async def test_a_message_without_files_has_nothing_to_save(home: Path) -> None:
    fake = fake_with()
    fake.post("general", "linus", "soup")
    async with chatting(fake) as running:
        await pick(running, "soup")
        await running.sees_no("save file")
        await running.press("s")
        await running.sees("This message has no files.")
        await running.press("p")
        await running.sees("This message has no files.")


@pytest.fixture
def desktop(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A desktop that opens files by writing down what it was given, and the file for that."""
    programs, opened = home / "bin", home / "opened"
    programs.mkdir()
    opener = programs / ("open" if sys.platform == "darwin" else "xdg-open")
    opener.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >> "{opened}"\ncat "$1" >> "{opened}"\n')
    opener.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    monkeypatch.setenv("DISPLAY", ":9")
    for name in ("SSH_CONNECTION", "SSH_TTY"):
        monkeypatch.delenv(name, raising=False)
    return opened


async def test_a_file_is_opened_by_the_desktop_from_a_private_folder(desktop: Path) -> None:
    async with chatting(with_file("a; touch b.pdf")) as running:
        await pick(running, "📄 a; touch b.pdf")
        await running.press("o")
        await running.sees("Opened a; touch b.pdf.")

        path, text = content(desktop).decode().splitlines()
        assert (os.path.basename(path), text) == ("a; touch b.pdf", "soup")
        folder = os.stat(os.path.dirname(path))
        assert folder.st_mode & 0o777 == 0o700
        await running.press("o")
        await running.until(lambda: len(content(desktop).splitlines()) == 3)
        downloads = [r for r in running.fake.requests if isinstance(r, m.Download)]
        assert len(downloads) == 1
    assert not exists(path)


@pytest.mark.parametrize(
    ("name", "data"), [("setup.sh", b"soup"), ("soup", b"soup"), ("a.pdf", b"\x7fELF..")]
)
async def test_what_may_be_a_program_is_asked_about(name: str, data: bytes, desktop: Path) -> None:
    async with chatting(with_file(name, data)) as running:
        await pick(running, f"📄 {name}")
        await running.press("o")
        await running.sees(f"{name} may be a program, and do anything you can. Open it?")
        await running.press("escape")
        await running.sees_no("may be a program")
        assert not exists(desktop)

        await running.press("o")
        await running.sees("may be a program")
        await running.press("enter")
        await running.sees(f"Opened {name}.")


async def test_links_and_files_are_chosen_from(desktop: Path) -> None:
    async with chatting(with_file(text="see https://example.org/x")) as running:
        await pick(running, "📄 report.pdf")
        await running.press("o")
        await running.sees("Open which?")
        await running.sees("Enter: open · Esc: cancel")
        await running.sees("https://example.org/x")
        await running.press("enter")
        await running.sees("Opened report.pdf.")


async def test_without_a_desktop_a_file_can_only_be_saved(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "192.0.2.1 1 192.0.2.2 22")
    async with chatting(with_file()) as running:
        await pick(running, "📄 report.pdf")
        await running.press("o")
        await running.sees("There is no program here to open files. Press s to save it instead.")


# --- elsewhere


async def test_in_a_browser_the_page_saves_files(home: Path) -> None:
    page, fake = ChoosingPage(), with_file()
    async with chatting(fake, invitation=HERE, premises=KIOSK) as running:
        running.app.page = page
        await pick(running, "📄 report.pdf")
        await running.press("s")
        await running.until(lambda: len(page.saved) == 1)
        await pick(running, "📄 report.pdf")
        await running.press("s")
        await running.until(lambda: len(page.saved) == 2)
        await running.sees("Your browser is saving report.pdf.")
        await pick(running, "📄 report.pdf")
        await running.press("o")
        await running.sees("In a browser, files can only be saved.")

    assert page.saved == [("report.pdf", fake.files.stored[1][1])] * 2
    assert os.listdir(home) == []


async def test_on_the_servers_computer_there_are_no_files(home: Path) -> None:
    path, fake = made(home), with_file()
    async with chatting(fake, invitation=HERE, premises=KIOSK) as running:
        await running.enter(f"/upload {path}")
        await running.sees("where you have no files.")
        await running.press("ctrl+u")
        running.paste(path)
        await running.until(lambda: running.typed == path)
        await running.press("ctrl+u")
        for key in ("s", "o"):
            await pick(running, "📄 report.pdf")
            await running.press(key)
            await running.sees("where you have no files.")
            await running.press("escape")

        assert os.listdir(home) == ["report.pdf"]
        assert not any(isinstance(request, m.Download | m.Upload) for request in fake.requests)


@asynccontextmanager
async def in_browser(fake: FakeServer) -> AsyncGenerator[tuple[Client, ChoosingPage]]:
    """Start the client in a page, and log in."""
    page = ChoosingPage()
    async with chatting(fake, invitation=HERE, premises=IN_BROWSER) as running:
        running.app.page = page
        yield running, page


async def test_in_a_browser_the_page_lets_files_be_chosen(home: Path) -> None:
    async with in_browser(fake_with()) as (running, page):
        await running.press("ctrl+s")
        await running.enter("/upload -- Our numbers")
        await running.until(lambda: len(page.captions) == 2)
        await running.enter("/upload ~/report.pdf")
        await running.sees("In a browser, paths can't be typed.")

        assert page.captions == ["", "Our numbers"]


async def test_chosen_files_are_sent_after_a_question_and_can_be_a_reply(home: Path) -> None:
    fake = fake_with()
    fake.post("general", "linus", "Where are they?")
    async with in_browser(fake) as (running, page):
        await pick(running, "Where are they?")
        await running.press("r")
        await running.sees("Esc: cancel reply")
        await running.write("draft")
        files = [page.chosen("a.txt", b"a" * 1_600), page.chosen("b.txt", b"")]
        running.app.offer_files(files, "Our numbers")
        await running.sees("Send a.txt, 1.6 kB; b.txt, 0 bytes?")
        await running.sees("Our numbers")
        await running.press("enter")
        await running.until(lambda: len(stored(running.fake)) == 2)

        assert [content for _, _, content in stored(running.fake)] == [b"a" * 1_600, b""]
        assert running.fake.posts()[-1].text == "Our numbers"
        assert running.fake.posts()[-1].reply == 1
        assert running.typed == "draft"


async def test_one_question_at_a_time_is_asked_about_chosen_files(home: Path) -> None:
    async with in_browser(fake_with()) as (running, page):
        running.app.offer_files([page.chosen("a.txt", b"a")], "")
        running.app.offer_files([page.chosen("b.txt", b"b")], "")
        await running.sees("Send a.txt")
        await running.press("escape")
        await running.sees_no("Send a.txt")
        await running.settle()

        assert len(running.app.screen_stack) == 2
        running.app.offer_files([page.chosen("b.txt", b"b")], "")
        await running.sees("Send b.txt")


@pytest.mark.parametrize(
    ("max_file", "count", "sentence"),
    [
        (0, 1, "This server takes no files."),
        (3, 1, "a.txt is 1 byte over the limit of 3 bytes."),
        (9, 11, "A message can have at most 10 files."),
    ],
)
async def test_what_the_server_does_not_take_is_not_asked_about(
    max_file: int, count: int, sentence: str, home: Path
) -> None:
    fake = fake_with()
    fake.files.max_file = max_file
    async with in_browser(fake) as (running, page):
        running.app.offer_files([page.chosen("a.txt", b"soup")] * count, "")
        await running.sees(sentence)
        await running.enter("/upload")
        await running.settle()

        assert len(running.app.screen_stack) == 2
        assert page.captions == ([""] if max_file else [])


async def test_guests_send_no_chosen_files(home: Path) -> None:
    async with in_browser(fake_with()) as (running, page):
        running.app.state.guest_until = "2026-11-30T12:00:00Z"
        running.app.offer_files([page.chosen("a.txt", b"soup")], "")
        await running.sees("Guests can't do that.")


async def test_files_that_are_chosen_before_the_log_in_are_not_sent() -> None:
    async with client(fake_with(), invitation=HERE, premises=IN_BROWSER) as running:
        running.app.offer_files([ChoosingPage().chosen("a.txt", b"soup")], "")
        await running.sees("Log in first, then choose the files to send.")


async def test_a_page_that_was_loaded_again_has_no_files_and_their_message_can_be_taken_back(
    home: Path,
) -> None:
    async with in_browser(fake_with()) as (running, page):
        running.app.offer_files([page.chosen("a.txt", b"soup")], "Our numbers")
        await running.sees("Send a.txt")
        page.load_again()
        await running.press("enter")
        await running.sees("not sent: Your browser can't read a.txt any more.")
        await running.press("up")
        await running.until(lambda: running.typed == "Our numbers")
        await running.sees("To send the files as well, choose them again.")

        assert stored(running.fake) == []


async def test_the_help_in_a_browser_says_how_to_send_and_save_files(home: Path) -> None:
    async with in_browser(fake_with()) as (running, _):
        await running.enter("/help file")
        await running.sees("Send files")
        await running.sees("Save its file")
