"""Typing is sent to the other watchers of a room, and not too often."""

import pytest
import trio
from trio.testing import MockClock

from chat_shared import messages as m
from chat_shared.limits import TYPING_LASTS, TYPING_MEMBERS
from support.running_server import RunningServer
from support.watching import watching


async def test_typing_is_sent_to_the_other_watchers(
    server: RunningServer, autojump_clock: MockClock
) -> None:
    ada, ben = await watching(server, "Ada"), await watching(server, "Ben")
    laptop = await watching(server, "Ben")
    await ada.ping()
    ada.unread.clear()
    await ben.grant(m.Typing("general", id=1), m.Ok)

    assert await ada.receive() == m.IsTyping("general", "Ben")
    for peer in ben, laptop:
        await peer.expect_nothing_more()


async def test_typing_is_not_sent_with_every_key_but_again_before_it_is_over(
    server: RunningServer, autojump_clock: MockClock
) -> None:
    ada, ben = await watching(server, "Ada"), await watching(server, "Ben")
    await ada.ping()
    ada.unread.clear()
    for _ in range(int(10 * TYPING_LASTS)):  # for as long as it lasts, ten times a second
        await ben.grant(m.Typing("general", id=1), m.Ok)
        await trio.sleep(0.1)
    await ada.ping()

    assert 2 <= len(ada.unread) <= TYPING_LASTS / 2
    assert set(map(type, ada.unread)) == {m.IsTyping}


@pytest.mark.parametrize(
    ("members", "announced"), [(TYPING_MEMBERS, True), (TYPING_MEMBERS + 1, False)]
)
async def test_typing_is_not_sent_in_a_large_room(
    server: RunningServer, autojump_clock: MockClock, members: int, announced: bool
) -> None:
    ada, ben = await watching(server, "Ada"), await server.log_in("Ben")
    for number in range(members - 2):
        await server.token(f"n{number}")
    await ada.expect(m.Presence)
    await ben.grant(m.Typing("general", id=1), m.Ok)
    await ada.ping()

    assert list(ada.unread) == ([m.IsTyping("general", "Ben")] if announced else [])
