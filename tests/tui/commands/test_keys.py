import re
from pathlib import Path

import pytest

from chat_tui.commands.keys import BY_ID, KEYS, clashes, keys_of, shown, unknown_ids
from chat_tui.commands.parser import COMMANDS

PAGE = Path(__file__).resolve().parents[3] / "tui" / "COMMANDS.md"


def test_every_action_has_an_id_of_its_own() -> None:
    assert len(BY_ID) == len(KEYS)


def test_no_key_does_two_things() -> None:
    assert clashes({}) == []


def test_every_action_has_a_key_without_alt() -> None:
    for key in KEYS:
        assert any(not name.startswith(("alt+", "super+")) for name in key.keys), key.id


@pytest.mark.parametrize("taken", ["ctrl+h", "ctrl+i", "ctrl+m", "ctrl+c"])
def test_keys_that_terminals_use_otherwise_are_not_bound(taken: str) -> None:
    assert all(taken not in key.keys for key in KEYS)


def test_a_users_keys_replace_ours() -> None:
    overrides = {"room.create": "ctrl+b, f9"}

    assert [key.strip() for key in keys_of("room.create", overrides)] == ["ctrl+b", "f9"]
    assert keys_of("room.join", overrides) == ["ctrl+g"]


def test_a_key_bound_twice_is_reported_with_both_actions() -> None:
    (sentence,) = clashes({"room.create": "ctrl+g"})

    assert "Ctrl+G" in sentence
    assert "room.create" in sentence
    assert "room.join" in sentence


def test_while_a_message_is_selected_keys_may_mean_something_else() -> None:
    assert clashes({"picked.copy": "end"}) != []  # the newest message
    assert clashes({"picked.copy": "enter", "picked.original": "y"}) == []


def test_a_key_that_never_reaches_a_selected_message_is_reported() -> None:
    (sentence,) = clashes({"picked.copy": "f7"})

    assert "rooms.toggle and picked.copy" in sentence


def test_an_unknown_action_is_reported() -> None:
    assert unknown_ids({"room.create": "f9", "room.destroy": "f9"}) == ["room.destroy"]


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("ctrl+pageup", "Ctrl+PgUp"),
        ("f10", "F10"),
        ("alt+down", "Alt+↓"),
        ("enter", "Enter"),
        ("escape", "Esc"),
        ("y", "y"),
        ("plus", "+"),
    ],
)
def test_keys_are_written_as_people_write_them(key: str, words: str) -> None:
    assert shown(key) == words


def test_the_page_lists_exactly_these_keys() -> None:
    listed = re.findall(r"^\| `([a-z._]+)` \| (.+?) \| (.+?) \|$", PAGE.read_text(), re.MULTILINE)

    expected = [(key.id, ", ".join(shown(name) for name in key.keys), key.what) for key in KEYS]
    assert listed == expected


def test_the_page_lists_exactly_these_commands() -> None:
    listed = re.findall(r"^\| `(/.+?)` \| (.+?) \|$", PAGE.read_text(), re.MULTILINE)

    written = [(usage.replace(r"\|", "|"), what) for usage, what in listed]  # | ends a cell
    assert written == [(command.usage, command.help) for command in COMMANDS]
