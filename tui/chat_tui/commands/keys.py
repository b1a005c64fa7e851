"""Every action with its keys and texts, for bindings, footer, help, palette and README.

Knows no screen. An id never changes: settings files refer to it to choose other
keys. No action needs Alt, since many terminals do not deliver it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from chat_tui.commands.audience import Audience


@dataclass(frozen=True, slots=True)
class Key:
    id: str
    keys: tuple[str, ...]  # the first one is displayed
    label: str  # one or two words, for the footer
    what: str  # one line, for help, palette and README; the slash command uses it too
    group: str
    # Textual's name for it, on the app, dialog or widget that binds it. The chat screen, which
    # binds most keys, has a table of what it does by id.
    action: str = ""
    # With priority, the key reaches its action although the composer binds it too.
    priority: bool = False
    # Active only while a message is selected; the key may mean something else elsewhere.
    on_selection: bool = False
    # Needs another program of the person's own computer.
    needs_programs: bool = False
    # Needs files of the person's own computer.
    needs_files: bool = False
    audience: Audience = Audience.EVERYONE


def _on_selection(
    id_: str,
    keys: tuple[str, ...],
    label: str,
    what: str,
    action: str,
    *,
    needs_files: bool = False,
) -> Key:
    return Key(
        id_, keys, label, what, "Selected message", action,
        on_selection=True, needs_files=needs_files,
    )  # fmt: skip


def _not_for_guests(id_: str, keys: tuple[str, ...], label: str, what: str, group: str) -> Key:
    return Key(id_, keys, label, what, group, audience=Audience.NO_GUESTS)


KEYS: Final = (
    _not_for_guests("room.create", ("ctrl+n",), "create", "Create a room", "Rooms"),
    _not_for_guests("room.join", ("ctrl+g",), "join", "Join a room", "Rooms"),
    Key("room.exit", ("f10",), "leave", "Leave this room", "Rooms"),
    Key(
        "room.switch",
        ("ctrl+k", "ctrl+t"),
        "rooms",
        "Go to a room",
        "Rooms",
        priority=True,
    ),
    Key(
        "room.previous",
        ("f5", "ctrl+pageup", "alt+up", "super+up"),
        "previous",
        "Go to the previous room",
        "Rooms",
        priority=True,
    ),
    Key(
        "room.next",
        ("f6", "ctrl+pagedown", "alt+down", "super+down"),
        "next",
        "Go to the next room",
        "Rooms",
        priority=True,
    ),
    Key(
        "room.unread",
        ("ctrl+o", "alt+a"),
        "unread",
        "Go to the next unread room (mentions first)",
        "Rooms",
        priority=True,
    ),
    Key("rooms.toggle", ("f7",), "rooms", "Show or hide your rooms", "Rooms", priority=True),
    Key("members.toggle", ("f8",), "members", "Show or hide the members", "Rooms", priority=True),
    Key("log.page_up", ("pageup",), "up", "Show older messages", "Messages", priority=True),
    Key("log.page_down", ("pagedown",), "down", "Scroll down a page", "Messages", priority=True),
    Key("log.line_up", ("shift+up",), "up", "Scroll up a line", "Messages", priority=True),
    Key("log.line_down", ("shift+down",), "down", "Scroll down a line", "Messages", priority=True),
    Key(
        "log.end",
        ("ctrl+end", "end"),
        "newest",
        "Go to the newest message (End: if the composer is empty)",
        "Messages",
    ),
    Key(
        "log.unread",
        ("ctrl+home", "alt+u"),
        "first unread",
        "Go to the first unread message in this room",
        "Messages",
        priority=True,
    ),
    Key(
        "log.pick",
        ("ctrl+l", "alt+m"),
        "select",
        "Select a message (or click one)",
        "Messages",
        priority=True,
    ),
    _on_selection(
        "picked.previous", ("up", "k"), "previous", "Select the previous message", "previous"
    ),
    _on_selection("picked.next", ("down", "j"), "next", "Select the next message", "next"),
    _on_selection("picked.first", ("home",), "oldest", "Select the oldest loaded message", "first"),
    _on_selection("picked.last", ("end",), "newest", "Select the newest message", "last"),
    _on_selection("picked.copy", ("y",), "copy", "Copy its text", "copy"),
    _on_selection("picked.open", ("o",), "open", "Open its link or file", "open"),
    _on_selection(
        "picked.save", ("s",), "save", "Save its file in Downloads", "save", needs_files=True
    ),
    _on_selection("picked.picture", ("p",), "picture", "Show its picture large", "picture"),
    _on_selection("picked.reply", ("r",), "reply", "Reply to it", "reply"),
    _on_selection("picked.edit", ("e",), "edit", "Edit it (your own only)", "edit"),
    _on_selection(
        "picked.delete",
        ("d",),
        "delete",
        "Delete it (your own, or any in a room you own)",
        "delete",
    ),
    _on_selection("picked.react", ("plus",), "react", "Add or remove a reaction", "react"),
    _on_selection("picked.unread", ("u",), "unread", "Mark as unread from here", "unread"),
    _on_selection(
        "picked.original", ("enter",), "original", "Go to the message it replies to", "original"
    ),
    _on_selection("picked.leave", ("escape",), "back", "Return to the composer", "leave"),
    Key(
        "search",
        ("ctrl+f",),
        "search",
        "Search this room (again: all rooms)",
        "Search",
        "search",
        True,
    ),
    Key("mentions", ("f9",), "mentions", "Show your mentions", "Search", priority=True),
    Key("message.send", ("enter",), "send", "Send the message", "Writing", "send", True),
    Key(
        "message.newline",
        ("ctrl+j", "shift+enter", "alt+enter"),
        "newline",
        "Start a new line",
        "Writing",
        "newline",
        True,
    ),
    Key(
        "message.edit_last",
        ("up",),
        "edit",
        "Edit your unsent or last message",
        "Writing",
        "edit_last",
    ),
    Key(
        "message.older",
        ("ctrl+up",),
        "older",
        "Recall your previous message",
        "Writing",
        "recall_older",
    ),
    Key(
        "message.newer",
        ("ctrl+down",),
        "newer",
        "Recall your next message",
        "Writing",
        "recall_newer",
    ),
    Key(
        "message.complete",
        ("tab",),
        "complete",
        "Complete a command, @name, room or :emoji: (again: next choice)",
        "Writing",
        "complete",
    ),
    Key(
        "message.complete_back",
        ("shift+tab",),
        "back",
        "Go back to the previous completion",
        "Writing",
        "complete_back",
    ),
    Key(
        "message.editor",
        ("f4",),
        "editor",
        "Write in your own editor",
        "Writing",
        "editor",
        needs_programs=True,
    ),
    Key(
        "message.upload",
        ("ctrl+s",),
        "send a file",
        "Send files (or drop them onto the terminal)",
        "Writing",
        needs_files=True,
        audience=Audience.NO_GUESTS,
    ),
    Key("message.cancel", ("escape",), "cancel", "Cancel reply or edit", "Writing", "cancel"),
    Key(
        "message.erase_word",
        ("ctrl+w",),
        "erase",
        "Delete a word (empty composer: leave the room)",
        "Writing",
        "erase_word",
    ),
    Key(
        "message.erase_line",
        ("ctrl+u", "super+backspace"),
        "erase line",
        "Delete the line up to the cursor",
        "Writing",
        "erase_line",
    ),
    _not_for_guests(
        "account.sessions", ("f3",), "devices", "Show your devices and log one out", "Account"
    ),
    Key(
        "account.create",
        ("f2",),
        "create account",
        "Create an account, or go back (at log-in)",
        "Program",
        "create_account",
    ),
    Key("line.retry", ("ctrl+r",), "reconnect", "Reconnect now", "Program", "retry"),
    Key("help", ("f1",), "help", "Show keys and commands", "Program", "help"),
    Key(
        "palette",
        ("ctrl+p",),
        "palette",
        "Show all commands and themes",
        "Program",
        "command_palette",
        True,
    ),
    Key(
        "suspend",
        ("ctrl+z",),
        "suspend",
        "Suspend (fg continues)",
        "Program",
        "suspend",
        priority=True,
        needs_programs=True,
    ),
    Key("quit", ("ctrl+q",), "quit", "Quit (you stay in your rooms)", "Program", "quit", True),
)
BY_ID: Final = {key.id: key for key in KEYS}

_SHOWN: Final = {
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "super": "Super",
    "escape": "Esc",
    "plus": "+",
    "up": "↑",
    "down": "↓",
}


def shown(key: str) -> str:
    """Return the display form of a key: `ctrl+pageup` is Ctrl+PgUp, `y` is y."""
    if len(key.strip()) == 1:
        return key.strip()
    parts = [_SHOWN.get(part, part.capitalize()) for part in key.strip().split("+")]
    return "+".join(parts)


def keys_of(id_: str, overrides: Mapping[str, str]) -> list[str]:
    """Return the keys of an action, with the user's overrides applied."""
    chosen = overrides.get(id_)
    return chosen.split(",") if chosen else list(BY_ID[id_].keys)


def key_shown(id_: str, overrides: Mapping[str, str]) -> str:
    """Return the first key of an action as it is displayed."""
    return shown(keys_of(id_, overrides)[0])


def unknown_ids(overrides: Mapping[str, str]) -> list[str]:
    """Return the ids in a user's settings that name no action."""
    return [id_ for id_ in overrides if id_ not in BY_ID]


def clashes(overrides: Mapping[str, str]) -> list[str]:
    """Return a sentence for every key that is bound to more than one action."""
    users: dict[str, list[Key]] = {}
    for entry in KEYS:
        for key in keys_of(entry.id, overrides):
            users.setdefault(key.strip(), []).append(entry)
    return [
        f"{shown(key)} is bound to {_and(entry.id for entry in entries)}."
        for key, all_entries in users.items()
        if len(entries := _clashing(all_entries)) > 1
    ]


def _clashing(entries: list[Key]) -> list[Key]:
    """Return those of `entries` that are active at the same time."""
    everywhere = [entry for entry in entries if not entry.on_selection]
    selection = [entry for entry in entries if entry.on_selection]
    # The composer's keys have priority only while the composer has the focus.
    above = [entry for entry in everywhere if entry.priority and entry.group != "Writing"]
    return everywhere if len(everywhere) > 1 else (above + selection if selection else [])


def _and(words: Iterable[str]) -> str:
    return " and ".join(words)
