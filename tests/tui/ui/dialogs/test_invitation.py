"""A new invitation, shown once: lines to copy, and a QR code that a camera reads."""

from functools import partial

import pytest
import zxingcpp
from rich.color import Color

from chat_shared import messages as m
from chat_tui.model.address import Address, Place
from chat_tui.ui.dialogs import interruption
from chat_tui.ui.dialogs.invitation import NewInvitation
from chat_tui.ui.widgets.qr_code import QrCode
from support.fake_server import FakeServer
from support.tui_chat import Client, chatting, client, fake_with, open_room
from support.tui_dialogs import INVITE, show_dialog

pytestmark = pytest.mark.asyncio

SSH = "ssh -p 2222 join-k7qm-2vxh-9rtd@chat.example.org"
LINK = "https://chat.example.org:7680/#join-k7qm-2vxh-9rtd"
HERE = Place(Address())

# The upper and the lower half of a cell: whether it has the color of the text.
_HALVES = {" ": (False, False), "▀": (True, False), "▄": (False, True), "█": (True, True)}


def _is_copied(running: Client, text: str) -> bool:
    return running.app.clipboard == text


@pytest.fixture(autouse=True)
def _keys_count_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interruption, "PAUSE", 0)


def _drawn(running: Client) -> str:
    """Return what a camera reads on the screen; empty if there is no code."""
    rows: list[list[int]] = []
    for y in range(running.app.size.height):
        upper, lower = list[int](), list[int]()
        for segment in running.app.screen._compositor.render_strips()[y]:
            for cell in segment.text:
                for line, has_color in zip((upper, lower), _HALVES.get(cell, (0, 0)), strict=True):
                    style = segment.style
                    color = style and (style.color if has_color else style.bgcolor)
                    line.append(_gray(color or Color.parse("#1e1e1e")))
        rows += [upper, lower]
    scaled = bytes(pixel for row in rows for _ in range(4) for cell in row for pixel in [cell] * 4)
    shape = (len(rows) * 4, len(rows[0]) * 4)
    found = zxingcpp.read_barcodes(memoryview(scaled).cast("B", shape=shape))
    return found[0].text if found else ""


def _background(running: Client) -> str:
    """Return the color of the light modules: some readers take no code that is inverted."""
    [style] = {segment.style for segment in running.app.screen.query_one(QrCode).render_line(0)}
    assert style is not None
    assert style.bgcolor is not None
    return style.bgcolor.name


def _gray(color: Color) -> int:
    return round(sum(color.get_truecolor()) / 3)


async def test_each_line_is_shown_and_copied_by_its_key() -> None:
    async with client(FakeServer(), size=(120, 36)) as running:
        await show_dialog(running, NewInvitation(INVITE, HERE))
        await running.sees("Invitation to kitchen")
        await running.sees("For one person, until 2026-11-29")
        await running.sees(f"Host key: {INVITE.ssh_key}")
        await running.sees("t with chat-tui")
        for key, copied in (
            ("b", LINK),
            ("s", SSH),
            ("j", "/join kitchen k7qm-2vxh-9rtd"),
            ("c", "k7qm-2vxh-9rtd"),
        ):
            await running.sees(copied)
            await running.press(key)
            await running.until(partial(_is_copied, running, copied))
            await running.sees("copied.")

        await running.press("t")
        await running.until(lambda: running.app.clipboard.startswith("chat-tui 'chat://"))
        await running.press("l")
        await running.until(lambda: running.app.clipboard.startswith("chat://chat.example.org"))
        assert running.app.clipboard.endswith("#join-k7qm-2vxh-9rtd")


async def test_a_camera_reads_the_code_wherever_it_fits() -> None:
    async with client(FakeServer(), size=(160, 40)) as running:
        await show_dialog(running, NewInvitation(INVITE, HERE))
        for theme in ("trialogue-dark", "trialogue-light", "ansi-dark", "ansi-light"):
            running.app.theme = theme
            await running.settle()
            assert _drawn(running) == LINK  # beside the lines
            assert _background(running) == "#ffffff"
        await running.sees(SSH)

        await running.pilot.resize_terminal(80, 24)
        await running.settle()
        assert _drawn(running) == ""
        await running.press("q")
        await running.settle()
        assert _drawn(running) == LINK
        await running.sees("q Lines")
        await running.press("q")
        await running.settle()
        await running.sees(SSH)

        await running.pilot.resize_terminal(80, 20)
        await running.settle()
        await running.press("q")
        await running.sees(SSH)
        assert not running.app.screen.query_one("#toggle").display


async def test_the_code_is_shown_exactly_where_it_fits() -> None:
    async with client(FakeServer(), size=(160, 40)) as running:
        await show_dialog(running, NewInvitation(INVITE, HERE))
        code = running.app.screen.query_one(QrCode)
        least = code.columns + 4, code.lines + 4
        beside = code.columns + 4 + 78, code.lines + 4
        for size, is_shown in ((beside, True), ((beside[0] - 1, beside[1]), False)):
            await running.pilot.resize_terminal(*size)
            await running.settle()
            assert (_drawn(running) == LINK) == is_shown, size

        await running.press("q")
        for size, is_shown in (
            (least, True), ((least[0] - 1, least[1]), False), ((least[0], least[1] - 1), False),
        ):  # fmt: skip
            await running.pilot.resize_terminal(*size)
            await running.settle()
            assert (_drawn(running) == LINK) == is_shown, size


async def test_who_only_owns_a_room_reads_that_an_account_is_needed() -> None:
    invite = m.RoomInvite("kitchen", "k7qm-2vxh-9rtd", INVITE.expires, re=1)
    async with client(FakeServer(), size=(80, 24)) as running:
        await show_dialog(running, NewInvitation(invite, HERE))

        await running.sees("For one person who has an account here, until 2026-11-29")
        assert not running.app.screen.query_one("#toggle").display
        for key in "stlq":
            await running.press(key)
        assert running.app.clipboard == ""


async def test_any_member_invites_and_revokes() -> None:
    fake = fake_with("kitchen")
    async with chatting(fake) as running:
        await open_room(running, "kitchen")
        await running.enter("/invite")
        await running.sees("Invitation to kitchen")
        await running.press("escape")
        await running.sees("ada created an invitation")

        await running.enter("/invitations")
        await running.sees("ada · created 2026-11-22")
        await running.press("enter")

        await running.sees("Revoked the invitation by ada.")
        assert fake.extras.invites == []
        await running.press("escape")
        await running.sees("ada revoked an invitation")
        await running.enter("/invitations")
        await running.sees("No unused invitations. /invite creates one.")
        assert "Revoke" not in running.text()
        await running.press("enter")
        await running.enter("Enter has closed it")
        await running.sees("Enter has closed it")


async def test_everyone_is_invited_from_general_to_the_server() -> None:
    async with chatting(fake_with()) as running:
        await running.enter("/invite")

        await running.sees("Invitation to this server")
