"""Textual reads Alt keys and pastes as the client needs them."""

import os

import pytest
from textual import events
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers import linux_driver
from textual.message import Message
from textual.screen import Screen

from chat_tui.terminal.textual_internals import PasteParser, patch_textual

START, END = "\x1b[200~", "\x1b[201~"


@pytest.mark.parametrize(
    ("sent", "key"),
    [("\x1b\r", "alt+enter"), ("\x1b1", "alt+1"), ("\r", "enter"), ("\n", "ctrl+j"), ("1", "1")],
)
def test_an_old_terminal_sends_the_key_that_was_pressed(sent: str, key: str) -> None:
    patch_textual()
    patch_textual()
    parser = XTermParser()

    events_ = list(parser.feed(sent))
    while not events_:  # the parser waits a moment for the rest of a longer sequence
        events_ = list(parser.tick())

    assert [event.key for event in events_ if isinstance(event, events.Key)] == [key]


def read(*chunks: str) -> list[str]:
    parser = PasteParser()
    return [_what(event) for chunk in chunks for event in parser.feed(chunk)]


def _what(event: Message) -> str:
    return f"paste {event.text}" if isinstance(event, events.Paste) else getattr(event, "key", "")


@pytest.mark.parametrize(
    "pasted",
    [
        "\x1b[31mred\x1b[0m\r\a end",
        "\x1b\r",
        "\x1b\x1b[20\x1b[A",
        "\x1b",
        "\x1b[200~",
        "ends in \x1b[2",
    ],
)
def test_pasted_escape_characters_are_shown_and_do_nothing(pasted: str) -> None:
    assert read(f"{START}{pasted}{END}x") == [f"paste {pasted.replace(chr(27), '␛')}", "x"]


def test_a_paste_is_whole_however_it_is_split() -> None:
    assert read(*f"a{START}b\x1b[31mc{END}d") == ["a", "paste b␛[31mc", "d"]


def test_keys_before_and_after_a_paste_are_keys() -> None:
    assert read(f"\x1b[A{START}one{END}\x1b[B{START}two{END}\r") == [
        "up", "paste one", "down", "paste two", "enter"
    ]  # fmt: skip


def test_the_input_may_end_within_a_paste() -> None:
    assert read(f"{START}half\x1b", "") == []


def test_textual_uses_this_parser() -> None:
    patch_textual()
    assert linux_driver.XTermParser is PasteParser  # type: ignore[attr-defined]


@pytest.mark.parametrize(("value", "kept"), [("", False), ("1", True)])
def test_an_empty_no_color_is_no_wish(
    value: str, kept: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", value)

    patch_textual()

    assert ("NO_COLOR" in os.environ) == kept


def test_the_installed_textual_has_what_is_used_of_its_private_api() -> None:
    patch_textual()

    assert "\x1b[A" in ANSI_SEQUENCES_KEYS
    assert linux_driver.XTermParser is PasteParser  # type: ignore[attr-defined]
    assert App[None]()._driver is None
    assert Screen[None]()._select_state is None
    assert Screen[None]()._selecting is False
