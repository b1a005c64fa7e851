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


async def test_all_who_type_are_forgotten_by_one_timer() -> None:
    async with chatting(fake_with()) as running:
        timers = len(running.app.screen._timers)
        deliver(running, *(m.IsTyping("general", f"user{n}") for n in range(1_000)))
        await running.sees("50 people are typing…")

        assert len(running.app.screen._timers) <= timers + 1


async def test_a_room_that_is_gone_again_is_not_joined() -> None:
    async with chatting(fake_with()) as running:
        entered, left = m.Entered("nook", "ada"), m.Left("nook", "ada", by="zoe")
        deliver(running, *[entered, left] * 100)
        await running.settle()

        joins = [ask for ask in running.fake.requests if isinstance(ask, m.Join)]
        assert joins == []


async def test_a_server_that_does_not_send_what_it_has_is_not_asked_for_ever() -> None:
    fake = fake_with()
    for number in range(3):
        fake.post("general", "linus", f"line {number}")
    async with chatting(fake) as running:
        await running.sees("line 2")
        deliver(running, m.Gap("general", 3, 900))

        await running.sees("More messages exist, but the server doesn't send them.")
        await running.settle()
        pages = [ask for ask in fake.requests if isinstance(ask, m.History)]
        assert len(pages) <= 5
