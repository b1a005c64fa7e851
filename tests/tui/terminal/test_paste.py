"""What is pasted is one paste, whatever is in it."""

import pytest
from textual import events
from textual.drivers import linux_driver
from textual.message import Message

from chat_tui.terminal.paste import PasteParser, read_pastes_whole

START, END = "\x1b[200~", "\x1b[201~"


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
def test_escape_characters_in_what_is_pasted_are_shown_and_act_on_nothing(pasted: str) -> None:
    assert read(f"{START}{pasted}{END}x") == [f"paste {pasted.replace(chr(27), '␛')}", "x"]


def test_a_paste_is_whole_however_it_comes_in_pieces() -> None:
    assert read(*f"a{START}b\x1b[31mc{END}d") == ["a", "paste b␛[31mc", "d"]


def test_keys_before_and_after_a_paste_are_keys() -> None:
    assert read(f"\x1b[A{START}one{END}\x1b[B{START}two{END}\r") == [
        "up", "paste one", "down", "paste two", "enter"
    ]  # fmt: skip


def test_the_end_of_all_ends_in_the_middle_of_a_paste_too() -> None:
    assert read(f"{START}half\x1b", "") == []


def test_textual_reads_the_terminal_by_it() -> None:
    read_pastes_whole()
    assert linux_driver.XTermParser is PasteParser  # type: ignore[attr-defined]
