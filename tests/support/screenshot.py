"""Makes the README's picture with the real client and server.

python tests/support/screenshot.py tui/screenshot.svg
"""

import asyncio
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ["TEXTUAL_COLOR_SYSTEM"] = "truecolor"  # before Textual reads it
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from textual.pilot import Pilot

from chat_shared import messages as m
from chat_tui.app import ChatApp
from chat_tui.model.address import Address, Invitation
from chat_tui.net.local_server import LocalServer
from chat_tui.storage.settings import Settings
from support.tui_pilot import until_seen, write
from support.tui_talker import PASSWORD, Talker, talkers

_SIZE = (118, 27)
_TALK = [
    ("grace", "Morning! The oven is on, who brings the flour?"),
    ("linus", "Me. Two kilos, and the good salt."),
    ("grace", "Then pizza it is. https://example.org/dough says 24 hours in the fridge"),
    ("grace", "… so we eat tomorrow 🍕"),
    ("katherine", "日本のトマト缶も持って行きます: two tins of them"),
    ("linus", "I wrote the shopping list as code, sorry:"),
    ("linus", "def dough(people: int) -> float:\n    return 0.25 * people  # kilos of flour"),
    ("grace", "@ada are you in? And does your sister come as well?"),
]


async def make(path: Path) -> None:
    """Run server and client, have people talk, and export the screen."""
    with TemporaryDirectory() as data:
        program = [str(Path(sys.executable).with_name("chat-server")), "--limits.posts", "1000"]
        with LocalServer(Path(data), program) as server:
            address = await asyncio.to_thread(server.wait_ready)
            async with talkers(address, "grace", "linus", "katherine", "edsger") as people:
                picture = await _picture(address, {person.name: person for person in people})
    await asyncio.to_thread(path.write_text, picture, encoding="utf-8")


async def _picture(address: Address, people: dict[str, Talker]) -> str:
    app = ChatApp(Settings(name="ada"), invitation=Invitation(address))
    async with app.run_test(size=_SIZE) as pilot:
        await _register(pilot)
        for room in ("kitchen", "deploys", "garden"):
            await _create_room(pilot, people, room)
        await _talk(pilot, people)
        return app.export_screenshot(title="chat-tui")


async def _register(pilot: Pilot[None]) -> None:
    await until_seen(pilot, "Password")
    await write(pilot, PASSWORD)
    await pilot.press("enter")
    await until_seen(pilot, "Repeat the password")
    await write(pilot, PASSWORD)
    await pilot.press("enter")
    await until_seen(pilot, "Message general")


async def _create_room(pilot: Pilot[None], people: dict[str, Talker], room: str) -> None:
    """Have grace create a room, and everyone join."""
    created = await people["grace"].ask(m.Create(id=m.UNNUMBERED, room=room))
    assert isinstance(created, m.Created)
    for name in ("linus", "katherine"):
        await people[name].ask(m.Join(id=m.UNNUMBERED, room=room, password=created.password))
    await write(pilot, f"/join {room} {created.password}")
    await pilot.press("enter")
    await until_seen(pilot, f"Message {room}")


async def _talk(pilot: Pilot[None], people: dict[str, Talker]) -> None:
    await pilot.press("ctrl+k", *"kitch", "enter")
    await until_seen(pilot, "Message kitchen")
    for name, text in _TALK:
        await people[name].post("kitchen", text)
    for text in ("Build 1842 is green.", "Rolling out to the first machine.", "@ada your turn"):
        await people["linus"].post("deploys", text)
    await people["katherine"].post("garden", "The first frost is on the roses.")
    await until_seen(pilot, "your sister")
    await write(pilot, "In, with olives, basil and one sister.")
    await pilot.press("enter")
    await until_seen(pilot, "one sister.")
    await write(pilot, "I can also bring the big table, if somebody helps me carry it")
    await pilot.pause(0.5)


if __name__ == "__main__":
    asyncio.run(make(Path(sys.argv[1])))
