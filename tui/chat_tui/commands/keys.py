"""Every action, its keys and its words. The bindings, the footer, F1 and the README read this.

Knows no screen. An id never changes: a user's settings name it to choose other
keys. No action needs Alt: many terminals do not deliver it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Key:
    id: str
    keys: tuple[str, ...]  # the first is the one that is shown
    label: str  # one or two words, for the footer
    what: str  # a line, for the help
    group: str
    action: str  # as Textual calls it, on the screen or widget that binds it
    # Priority lets a key through to its action although the composer knows the key too.
    priority: bool = False
    # It is one for the picked message: there, keys mean something else than everywhere.
    at_message: bool = False


def _at_message(id_: str, keys: tuple[str, ...], label: str, what: str, action: str) -> Key:
    return Key(id_, keys, label, what, "At a message", action, at_message=True)


KEYS: Final = (
    Key("room.create", ("ctrl+n",), "create", "create a room", "Rooms", "create_room"),
    Key("room.join", ("ctrl+g",), "join", "join a room", "Rooms", "join_room"),
    Key("room.exit", ("f10",), "exit", "exit the room, back to general", "Rooms", "exit_room"),
    Key("room.switch", ("ctrl+k", "ctrl+t"), "rooms", "go to a room", "Rooms", "switcher", True),
    Key(
        "room.previous",
        ("f5", "ctrl+pageup", "alt+up", "super+up"),
        "previous",
        "previous room",
        "Rooms",
        "previous_room",
        True,
    ),
    Key(
        "room.next",
        ("f6", "ctrl+pagedown", "alt+down", "super+down"),
        "next",
        "next room",
        "Rooms",
        "next_room",
        True,
    ),
    Key(
        "room.unread",
        ("ctrl+o", "alt+a"),
        "unread",
        "next unread room; first those that call you",
        "Rooms",
        "unread",
        True,
    ),
    Key("rooms.toggle", ("f7",), "rooms", "show or hide the rooms", "Rooms", "toggle_rooms", True),
    Key(
        "members.toggle",
        ("f8",),
        "members",
        "show or hide the members",
        "Rooms",
        "toggle_members",
        True,
    ),
    Key("log.page_up", ("pageup",), "up", "read older messages", "Messages", "page_up", True),
    Key("log.page_down", ("pagedown",), "down", "a page down", "Messages", "page_down", True),
    Key("log.line_up", ("shift+up",), "up", "a line up", "Messages", "line_up", True),
    Key("log.line_down", ("shift+down",), "down", "a line down", "Messages", "line_down", True),
    Key(
        "log.end",
        ("ctrl+end", "end"),
        "newest",
        "newest message (end: while the composer is empty)",
        "Messages",
        "newest",
    ),
    Key(
        "log.unread",
        ("ctrl+home", "alt+u"),
        "first unread",
        "first unread message of this room",
        "Messages",
        "first_unread",
        True,
    ),
    Key(
        "log.pick",
        ("ctrl+l", "alt+m"),
        "messages",
        "pick a message, for the keys below; so does a click on it",
        "Messages",
        "pick_message",
        True,
    ),
    _at_message("picked.previous", ("up", "k"), "previous", "previous message", "previous"),
    _at_message("picked.next", ("down", "j"), "next", "next message", "next"),
    _at_message("picked.first", ("home",), "oldest", "oldest message that is loaded", "first"),
    _at_message("picked.last", ("end",), "newest", "newest message", "last"),
    _at_message("picked.copy", ("y",), "copy", "copy its text", "copy"),
    _at_message("picked.open", ("o",), "open", "open its link; of several: ask which", "open"),
    _at_message("picked.reply", ("r",), "reply", "answer it", "reply"),
    _at_message("picked.edit", ("e",), "edit", "edit it, if it is yours", "edit"),
    _at_message(
        "picked.delete",
        ("d",),
        "delete",
        "delete it, if it is yours or the room is; asks first",
        "delete",
    ),
    _at_message(
        "picked.react", ("plus",), "react", "put an emoji under it, or take it away", "react"
    ),
    _at_message("picked.unread", ("u",), "unread", "mark as unread from here on", "unread"),
    _at_message("picked.original", ("enter",), "original", "go to what it answers", "original"),
    _at_message("picked.leave", ("escape",), "back", "go on writing", "leave"),
    Key(
        "search",
        ("ctrl+f",),
        "search",
        "search in this room; again: everywhere",
        "Finding",
        "search",
        True,
    ),
    Key(
        "mentions",
        ("f9",),
        "mentions",
        "what called you by name, in all rooms",
        "Finding",
        "mentions",
        True,
    ),
    Key("message.send", ("enter",), "send", "send the message", "Writing", "send", True),
    Key(
        "message.newline",
        ("ctrl+j", "shift+enter", "alt+enter"),
        "newline",
        "begin a new line",
        "Writing",
        "newline",
        True,
    ),
    Key(
        "message.edit_last",
        ("up",),
        "edit",
        "in an empty composer: take back what was refused or waits, else edit your last message",
        "Writing",
        "edit_last",
    ),
    Key("message.older", ("ctrl+up",), "older", "what was sent before", "Writing", "recall_older"),
    Key("message.newer", ("ctrl+down",), "newer", "what was sent after", "Writing", "recall_newer"),
    Key(
        "message.complete",
        ("tab",),
        "complete",
        "complete a command, @name, room or :emoji:; again: the next choice",
        "Writing",
        "complete",
    ),
    Key(
        "message.complete_back",
        ("shift+tab",),
        "back",
        "the choice before",
        "Writing",
        "complete_back",
    ),
    Key("message.editor", ("f4",), "editor", "write in your own editor", "Writing", "editor"),
    Key(
        "message.cancel",
        ("escape",),
        "cancel",
        "close the choices; answer or edit nothing after all",
        "Writing",
        "cancel",
    ),
    Key(
        "message.erase_word",
        ("ctrl+w",),
        "erase",
        "erase a word; in an empty composer: exit the room",
        "Writing",
        "erase_word",
    ),
    Key(
        "message.erase_line",
        ("ctrl+u", "super+backspace"),
        "erase line",
        "erase the line up to the cursor",
        "Writing",
        "erase_line",
    ),
    Key(
        "account.sessions",
        ("f3",),
        "devices",
        "where you are logged in; log a device out",
        "Account",
        "sessions",
    ),
    Key(
        "account.create",
        ("f2",),
        "create account",
        "at the log-in: create an account, or go back",
        "Program",
        "create_account",
    ),
    Key("line.retry", ("ctrl+r",), "retry", "connect again at once", "Program", "retry"),
    Key("help", ("f1",), "help", "this help", "Program", "help"),
    Key(
        "palette",
        ("ctrl+p",),
        "palette",
        "all commands, and themes",
        "Program",
        "command_palette",
        True,
    ),
    Key("quit", ("ctrl+q",), "quit", "end the program", "Program", "quit", True),
)
BY_ID: Final = {key.id: key for key in KEYS}

_SHOWN: Final = {
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "super": "Super",
    "plus": "+",
    "up": "↑",
    "down": "↓",
}


def shown(key: str) -> str:
    """Return how a key is written for people: `ctrl+pageup` is Ctrl+PgUp, `y` is y."""
    if len(key.strip()) == 1:
        return key.strip()
    parts = [_SHOWN.get(part, part.capitalize()) for part in key.strip().split("+")]
    return "+".join(parts)


def keys_of(id_: str, overrides: Mapping[str, str]) -> list[str]:
    """Return the keys of an action, as the user has them."""
    chosen = overrides.get(id_)
    return chosen.split(",") if chosen else list(BY_ID[id_].keys)


def unknown_ids(overrides: Mapping[str, str]) -> list[str]:
    """Return those ids in a user's settings that name no action."""
    return [id_ for id_ in overrides if id_ not in BY_ID]


def clashes(overrides: Mapping[str, str]) -> list[str]:
    """Return a sentence for every key that would do two things."""
    users: dict[str, list[Key]] = {}
    for entry in KEYS:
        for key in keys_of(entry.id, overrides):
            users.setdefault(key.strip(), []).append(entry)
    return [
        f"{shown(key)} is set for {_and(entry.id for entry in entries)}."
        for key, all_entries in users.items()
        if len(entries := _in_one_place(all_entries)) > 1
    ]


def _in_one_place(entries: list[Key]) -> list[Key]:
    """Return those of `entries` that hear a key at the same time, if any two do."""
    everywhere = [entry for entry in entries if not entry.at_message]
    picked = [entry for entry in entries if entry.at_message]
    # The composer's keys have priority in the composer only.
    above = [entry for entry in everywhere if entry.priority and entry.group != "Writing"]
    return everywhere if len(everywhere) > 1 else (above + picked if picked else [])


def _and(words: Iterable[str]) -> str:
    return " and ".join(words)
