"""Pictures of messages on the full screen: in the log while they are in view, and large."""

import os
from io import BytesIO

import pytest
from PIL import Image
from textual.geometry import Region, Size

from chat_shared import messages as m
from chat_tui.model.address import Address, Invitation
from chat_tui.model.premises import KIOSK, OWN_COMPUTER, Premises
from chat_tui.terminal.key_parser import Reported
from chat_tui.terminal.pictures.ways import Choice
from chat_tui.ui.chat import pictures
from chat_tui.ui.chat.screen import ChatScreen
from chat_tui.ui.dialogs.pictures import Canvas
from chat_tui.ui.log.message_log import MessageLog
from support.fake_server import AT, FakeServer
from support.sixel import painted
from support.tui_chat import WIDE, Client, chatting, fake_with

pytestmark = pytest.mark.asyncio

HERE = Invitation(Address(path="/run/chat/proxy.sock", is_private=True))
BLOCK = "▀"


@pytest.fixture(autouse=True)
def usual_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)


def png(width: int = 30, height: int = 20) -> bytes:
    picture = BytesIO()
    Image.new("RGB", (width, height), "red").save(picture, "PNG")
    return picture.getvalue()


def with_picture(*names: str, data: bytes = b"", text: str = "look") -> FakeServer:
    """Return a server on which linus has posted pictures in one message."""
    fake = fake_with()
    files = tuple(fake.files.add(name, data or png()) for name in names or ["red.png"])
    fake.post("general", "linus", text, files=files)
    return fake


def log_of(running: Client) -> MessageLog:
    return running.app.screen_stack[1].query_one(MessageLog)


def drawn_rows(running: Client) -> list[int]:
    """Return the rows of the screen on which there is a part of a picture."""
    return [y for y, row in enumerate(running.text().split("\n")) if BLOCK in row]


def kept(running: Client) -> pictures.Pictures:
    chat = running.app.screen_stack[1]
    assert isinstance(chat, ChatScreen)
    return chat.controllers.pictures


def downloaded(fake: FakeServer) -> set[int]:
    return {each.file for each in fake.requests if isinstance(each, m.Download)}


@pytest.mark.parametrize("premises", [OWN_COMPUTER, KIOSK])
async def test_a_picture_in_view_is_drawn_below_its_name(premises: Premises) -> None:
    fake = with_picture()
    async with chatting(fake, images="blocks", premises=premises, invitation=HERE) as running:
        await running.sees(BLOCK)
        rows = running.text().split("\n")
        name = next(y for y, row in enumerate(rows) if "📄 red.png" in row)

        assert drawn_rows(running) == list(range(name + 1, name + 11))
        assert "linus" in running.text()


async def test_on_a_small_terminal_a_picture_leaves_its_message_in_view() -> None:
    fake = with_picture(data=png(30, 30))
    async with chatting(fake, images="blocks", size=(40, 15)) as running:
        await running.sees(BLOCK)
        await running.until(lambda: not kept(running)._is_drawing)
        await running.settle()

        assert all(words in running.text() for words in ("linus", "look", "📄 red.png"))
        assert len(drawn_rows(running)) == log_of(running).size.height - 3


async def test_a_picture_is_drawn_anew_when_the_terminal_has_another_width() -> None:
    fake = with_picture(data=png(600, 30))
    async with chatting(fake, images="blocks") as running:
        wide = await _width_drawn(running, 0)
        await running.pilot.resize_terminal(30, 30)
        narrow = await _width_drawn(running, wide)
        assert narrow == log_of(running).picture_width < wide

        await running.pilot.resize_terminal(*WIDE)
        assert await _width_drawn(running, narrow) == wide


async def _width_drawn(running: Client, before: int) -> int:
    """Wait until the picture has another width than `before`; return it."""
    await running.until(
        lambda: _widths(running) not in ([], [before]) and not kept(running)._is_drawing
    )
    (width,) = _widths(running)
    await running.sees(BLOCK * width)
    return width


def _widths(running: Client) -> list[int]:
    return [drawn.drawing.columns for drawn in kept(running)._drawn.values()]


async def test_the_reader_stays_in_place_when_a_picture_appears_above() -> None:
    fake = fake_with()
    for number in range(100):
        files = (fake.files.add("red.png", png()),) if number == 50 else ()
        fake.post("general", "linus", f"line {number}", files=files)
    async with chatting(fake, images="blocks") as running:
        await running.sees("line 99")
        assert not downloaded(fake)  # it is not in view
        log_of(running).to_row(("seq", 53))
        await running.sees("line 52")
        before = running.text().split("\n")
        await running.sees(BLOCK)
        after = running.text().split("\n")

        at = next(y for y, row in enumerate(before) if "line 52" in row)
        assert "line 52" in after[at]


async def test_nothing_is_downloaded_for_other_rooms() -> None:
    fake = fake_with()
    fake.room("kitchen", "k7qm-2vxh-9rtd", "linus", "ada")
    fake.post("kitchen", "linus", "", files=(fake.files.add("red.png", png()),))
    fake.post("general", "linus", "", files=(fake.files.add("blue.png", png()),))
    async with chatting(fake, images="blocks") as running:
        await running.until(lambda: kept(running)._drawn)

        assert downloaded(fake) == {2}


async def test_without_pictures_there_are_names_only() -> None:
    fake = with_picture()
    async with chatting(fake, images="none") as running:
        await running.sees("📄 red.png")
        await running.settle()

        assert not downloaded(fake)
        await running.press("ctrl+l", "p")
        await running.sees("This terminal shows no pictures. Press o to open it instead.")


async def test_a_large_file_is_downloaded_on_demand_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MAX_UNASKED", 10)
    fake = with_picture()
    async with chatting(fake, images="blocks") as running:
        await running.sees("📄 red.png")
        await running.settle()
        assert not downloaded(fake)
        await running.press("ctrl+l", "p")
        await running.until(lambda: running.app.screen.query(Canvas))
        await running.sees(BLOCK)
        await running.press("escape")

        await running.until(lambda: kept(running)._drawn)  # it is there now


async def test_a_broken_picture_shows_its_name_and_large_why() -> None:
    fake = with_picture(data=png()[:40])
    async with chatting(fake, images="blocks") as running:
        await running.until(lambda: kept(running)._failed)
        assert drawn_rows(running) == []
        await running.press("ctrl+l", "p")
        await running.sees("This file isn't a picture that can be shown")


async def test_the_pictures_of_a_message_are_turned() -> None:
    fake = with_picture("one.png", "two.png")
    async with chatting(fake, images="blocks") as running:
        await running.sees("two.png")
        await running.press("ctrl+l", "p")
        await running.sees("1 of 2: one.png")
        await running.sees("Esc: close · ←/→: other pictures")
        await running.press("right")
        await running.sees("2 of 2: two.png")
        await running.press("right")
        await running.sees("1 of 2: one.png")
        await running.press("escape")
        await running.sees("look")


async def test_a_message_without_a_picture() -> None:
    fake = fake_with()
    fake.post("general", "linus", "", files=(fake.files.add("photo.txt", b"no"),))
    async with chatting(fake, images="blocks") as running:
        await running.sees("photo.txt")
        await running.press("ctrl+l", "p")
        await running.sees("This message has no picture.")


async def test_old_drawings_and_files_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "KEPT_DRAWINGS", 1)
    fake = with_picture()
    for number in range(60):
        fake.post("general", "linus", f"line {number}")
    fake.post("general", "linus", "", files=(fake.files.add("blue.png", png()),))
    async with chatting(fake, images="blocks") as running:
        await running.until(lambda: [*kept(running)._drawn] == [2])
        log_of(running).to_row(("seq", 1))
        await running.until(lambda: [*kept(running)._drawn] == [1])

        assert [*kept(running)._view.logs.drawings] == [1]


async def test_the_picture_of_a_deleted_message_is_forgotten() -> None:
    fake = with_picture()
    async with chatting(fake, images="blocks") as running:
        await running.sees(BLOCK)
        folder = kept(running)._files.folder()
        fake.broadcast("general", m.Deleted("general", 2, 1, "linus", AT))
        await running.sees_no(BLOCK)

        assert kept(running)._drawn == {}
        assert os.listdir(folder) == []


async def test_by_kitty_the_terminal_is_given_a_picture_once_and_forgets_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written: list[str] = []
    monkeypatch.setattr(pictures, "write_to_terminal", lambda _, text: written.append(text))
    way: Choice = "kitty"
    fake = with_picture()
    async with chatting(fake, images=way) as running:
        await running.sees("\U0010eeee")
        (sent,) = written
        assert sent.startswith("\x1b_Ga=T,U=1")
        kept(running).begin_again()
        await running.until(lambda: len(written) == 3)

        assert written[1].startswith("\x1b_Ga=d,d=I")
        assert written[2].startswith("\x1b_Ga=T,U=1")
        kept(running).close()  # as after a log-out
        assert written[3].startswith("\x1b_Ga=d,d=I")


async def test_what_the_terminal_reports_changes_how_pictures_are_drawn() -> None:
    fake = with_picture()
    async with chatting(fake, images="auto") as running:
        await running.sees(BLOCK)
        for report in "\x1bP>|kitty(0.40.0)\x1b\\", "\x1b_Gi=1;OK\x1b\\":
            running.app.post_message(Reported(report))

        await running.sees("\U0010eeee")
        await running.sees_no(BLOCK)


async def test_by_sixel_a_large_picture_is_drawn_over_blank_cells() -> None:
    fake = with_picture()
    async with chatting(fake, images="auto") as running:
        await running.sees(BLOCK)
        running.app.post_message(Reported("\x1b[?62;4c"))
        await running.press("ctrl+l", "p")
        await running.until(lambda: running.app.overlays.overlay)
        overlay = running.app.overlays.overlay
        assert overlay is not None
        assert (overlay.region.width, overlay.region.height) == (3, 1)
        assert _is_in_the_middle(overlay.region, running.app.screen.query_one(Canvas).size)
        assert painted(overlay.sequence.encode()).size == (30, 20)
        assert drawn_rows(running) == []

        await running.press("escape")
        await running.until(lambda: running.app.overlays.overlay is None)


def _is_in_the_middle(region: Region, whole: Size) -> bool:
    right, below = whole.width - region.right, whole.height - region.bottom
    return abs(region.x - right) <= 1 and abs(region.y - below) <= 1


async def test_on_a_slow_line_there_are_names_only_until_it_is_faster(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pictures, "_MEASURED_FROM", 0.0)
    monkeypatch.setattr(pictures, "_FAST", 10**12)
    fake = with_picture()
    async with chatting(fake, images="blocks") as running:
        await running.until(lambda: kept(running)._drawn)
        fake.post("general", "linus", "", files=(fake.files.add("blue.png", png()),))
        await running.sees("blue.png")
        await running.settle()
        assert downloaded(fake) == {1}

        monkeypatch.setattr(pictures, "_FAST", 1)
        await running.press("ctrl+l", "p")
        await running.sees("Esc: close")
        await running.sees(BLOCK)
        await running.press("escape")
        await running.until(lambda: len(kept(running)._drawn) == 2)
