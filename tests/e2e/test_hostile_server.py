"""A server sends escape sequences, and none of them reaches the terminal."""

from pathlib import Path

from support import hostile_server
from support.hostile_server import FLOOD, ORDERS, READY
from support.people import PASSWORD, at_the_form
from support.terminal import Desk

_PROGRAM = str(Path(hostile_server.__file__))


def test_a_flood_of_events_leaves_the_client_usable(table: Desk) -> None:
    server = table.open("python", _PROGRAM, home="operator")
    server.wait_for(READY)
    ada = at_the_form(table, "ada", server.row_with(READY).removeprefix(READY))
    ada.enter(PASSWORD)
    ada.wait_for("Repeat the password")
    ada.enter(PASSWORD)
    ada.wait_for("more lines")
    ada.enter(FLOOD)
    ada.wait_for("note 0")
    ada.type("still here")
    ada.wait_for("still here")
    ada.press("ctrl+u", "ctrl+q")

    assert ada.wait_for_end() == 0


def test_no_escape_sequence_of_a_server_reaches_the_terminal(table: Desk) -> None:
    server = table.open("python", _PROGRAM, home="operator")
    server.wait_for(READY)
    ada = at_the_form(table, "ada", server.row_with(READY).removeprefix(READY))
    ada.enter(PASSWORD)
    ada.wait_for("Repeat the password")
    ada.enter(PASSWORD)
    ada.wait_for("more lines")
    ada.enter("hello?")
    ada.wait_for("said the last line")
    ada.wait_for("notice␛[2J")
    ada.press_until("pageup", "said ␛[2J␛[7;7Hcleared")
    ada.wait_for("said [/]")
    ada.press("f6")
    ada.wait_for("Message room␛[2J")
    ada.press("ctrl+k")
    ada.wait_for("Go to a room")
    ada.press("escape")
    ada.press("f10")
    ada.wait_for("Leave room␛[2J")
    ada.press("escape", "ctrl+q")
    assert ada.wait_for_end() == 0

    for order in ORDERS:
        assert order.encode() not in ada.received
    assert b"\x1b[7;7H" not in ada.received
    assert "\u202e".encode() not in ada.received
    assert "\x9b".encode() not in ada.received
