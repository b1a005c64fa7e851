"""However a script of keys is cut into bursts, its end is that of one key at a time."""

import os
from random import Random
from typing import Final

import pytest
from textual import events
from textual.widgets import Input

from chat_tui.ui.dialogs import interruption
from chat_tui.ui.log import lone_letters
from support.fake_server import FakeServer
from support.tui_chat import Client, chatting, fake_with
from support.tui_pilot import burst

_SCRIPTS: Final = int(os.environ.get("KEY_SCRIPTS", "1"))
_PASTED: Final = "paste:"

# What a person may type in one go. Words are typed letter by letter.
_GESTURES: Final[tuple[tuple[str, ...], ...]] = (
    ("hello everybody",),
    ("soup", "enter"),
    ("half a thought",),
    ("@lin", "tab", "x", "enter"),
    ("two", "ctrl+j", "lines", "enter"),
    (f"{_PASTED}pasted", "enter"),
    ("ctrl+u",),
    ("enter",),
    ("escape",),
    ("f5",),
    ("f6",),
    ("up", "!", "enter"),
    ("ctrl+k", "att", "enter", "there", "enter"),
    ("ctrl+k", "escape"),
    ("ctrl+n", "den", "enter", "kl", "enter", "escape"),
    ("ctrl+n", "two words", "enter", "escape"),
    ("ctrl+g", "kitchen", "tab", "k7qm", "enter"),
    ("ctrl+g", "kitchen", "tab", "wrong", "enter", "escape"),
    ("/join kitchen", "enter", "k7qm", "enter"),
    ("/create loft", "enter", "jjj", "enter", "escape"),
    ("/password", "enter", "old", "enter", "new", "tab", "newer", "enter", "escape"),
    ("/delete-account", "enter", "correct", "escape"),
    ("/msg linus", "enter", "just you", "enter"),
    ("/msg linus private words", "enter"),
    ("/topic", "enter"),
    ("/nonsense", "enter", "ctrl+u"),
    ("/exit", "enter", "escape"),
    ("f10", "escape"),
    ("ctrl+l", "r", "indeed", "enter"),
    ("ctrl+l", "d", "escape"),
    ("ctrl+l", "hello everybody", "ctrl+u"),
    ("ctrl+l", "really?", "enter"),
    ("ctrl+l", "everybody", "ctrl+u"),
    ("ctrl+l", "kk", "r", "ctrl+e", "so", "enter"),
    ("ctrl+l", "e", "ctrl+e", "!", "enter"),
    ("ctrl+f", "soup", "escape"),
    ("f1", "escape"),
    ("f8", "f8"),
)  # fmt: skip
_NAMED: Final = {key for gesture in _GESTURES for key in gesture} & {
    "enter", "tab", "escape", "up", "ctrl+j", "ctrl+u", "ctrl+k", "ctrl+n", "ctrl+g", "ctrl+l",
    "ctrl+e", "ctrl+f", "f1", "f5", "f6", "f8", "f10",
}  # fmt: skip

# Everything that a person would find: what was sent where, what is open, and what stands in it.
State = tuple[dict[str, list[tuple[str, int]]], str, str, list[str]]


def _script(random: Random) -> list[str]:
    gestures = random.choices(_GESTURES, k=14)
    return [key for gesture in gestures for part in gesture for key in _keys(part)]


def _keys(part: str) -> list[str]:
    if part in _NAMED or part.startswith(_PASTED):
        return [part]
    return ["space" if letter == " " else letter for letter in part]


def _bursts(keys: list[str], random: Random) -> list[list[str]]:
    cuts = sorted(random.sample(range(1, len(keys)), k=random.randrange(5)))
    return [keys[start:end] for start, end in zip([0, *cuts], [*cuts, len(keys)], strict=True)]


def _type(running: Client, key: str) -> None:
    if key.startswith(_PASTED):
        running.app.post_message(events.Paste(key.removeprefix(_PASTED)))
    else:
        burst(running.app, key)


def _state(running: Client) -> State:
    app = running.app
    sent = {
        name: [(line.text, line.reply) for line in room.lines if line.author == "ada"]
        for name, room in running.fake.rooms.items()
    }
    fields = [field.value for field in app.screen.query(Input)]
    chat = app.screen_stack[1]
    composed = [chat.query_one("#composer").text] if chat.query("#composer") else []  # type: ignore[attr-defined]
    return sent, type(app.screen).__name__, getattr(chat, "current", ""), [*fields, *composed]


def _server() -> FakeServer:
    fake = fake_with("attic")
    fake.room("kitchen", "k7qm", "linus")
    fake.post("general", "linus", "soup?")
    fake.post("attic", "linus", "dust!")
    return fake


async def _end_of_one_key_at_a_time(keys: list[str]) -> State:
    async with chatting(_server()) as running:
        await running.sees("soup?")
        for key in keys:
            _type(running, key)
            await running.pilot.pause()
        return _state(running)


@pytest.mark.asyncio
@pytest.mark.parametrize("seed", range(_SCRIPTS))
async def test_bursts_end_as_one_key_at_a_time(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    # Whether a key is hasty, or alone, is no matter of luck.
    monkeypatch.setattr(interruption, "PAUSE", 60)
    monkeypatch.setattr(lone_letters, "ALONE", 60)
    random = Random(seed)
    keys = _script(random)
    expected = await _end_of_one_key_at_a_time(keys)
    async with chatting(_server()) as running:
        await running.sees("soup?")
        for part in _bursts(keys, random):
            for key in part:
                _type(running, key)
            await running.settle()
        try:
            await running.until(lambda: _state(running) == expected)
        except TimeoutError:
            assert _state(running) == expected, keys
