"""The client goes on, whatever a server sends at once."""

import pytest

from chat_shared import messages as m
from chat_tui.net.events import Answer, Received
from support.tui_chat import Client, chatting, fake_with

pytestmark = pytest.mark.asyncio

AT = "2026-11-22T12:00:00.000Z"


def deliver(running: Client, *items: Answer | m.Event) -> None:
    """Deliver `items` in one read."""
    running.client.deliver(Received(items))


async def test_a_page_and_our_own_kick_in_one_read_open_the_general_room() -> None:
    fake = fake_with()
    fake.room("attic", "k7qm", "ada")
    async with chatting(fake) as running:
        await running.press("f6")
        await running.sees("Message attic")
        lines = [m.Line(n, "linus", f"line {n}", AT) for n in range(1, 5)]
        page = m.Page(re=1, room="attic", messages=lines, more=False)
        running.app.state.rooms["attic"].last_seq = 4
        ask = m.History(id=1, room="attic", before=5)
        empty = m.Page(re=1, room="attic", messages=[], more=False)

        deliver(
            running,
            Answer(ask, page),
            Answer(ask, empty),
            m.Edited("attic", 5, 2, "linus", AT, "changed"),
            m.Left("attic", "ada", by="linus"),
        )

        await running.sees("Message general")


async def test_a_server_that_takes_the_last_room_away_ends_nothing() -> None:
    async with chatting(fake_with()) as running:
        deliver(running, m.Left("general", "ada", by="linus"))
        await running.settle()
        await running.press("f6", "pageup", "ctrl+f", "escape", "up", "a", "enter")
        await running.enter("/notify all")
        await running.enter("/topic soup")
        await running.enter("/kick linus")
        await running.enter("/exit")
        await running.settle()

        assert running.client.online
