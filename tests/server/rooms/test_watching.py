"""Watchers come and go without each other's notice, and what came to nothing is not sent."""

import trio
from trio.testing import MockClock

from chat_server.store.api import MemberRecord
from chat_shared import messages as m
from support.running_server import RunningServer
from support.watching import ROUND, disconnect, go_away, watching


async def test_one_who_stops_watching_leaves_the_others_watching(
    server: RunningServer, autojump_clock: MockClock
) -> None:
    ada, cleo = await watching(server, "Ada"), await watching(server, "Cleo")
    await cleo.grant(m.Watch(id=9), m.Ok)
    await ada.ping()
    ada.unread.clear()
    await server.log_in("Ben")

    assert await ada.expect(m.Presence) == m.Presence("general", [m.Member("Ben", True)])
    assert server.services.presence.watched_rooms == 1
    await ada.grant(m.Watch(id=9), m.Ok)
    assert server.services.presence.watched_rooms == 0


async def test_an_account_that_was_online_for_a_moment_only_is_not_reported(
    server: RunningServer, autojump_clock: MockClock
) -> None:
    ada = await watching(server, "Ada")
    await server.token("Ben")
    await disconnect(server, await server.log_in("Ben"), 2)
    await trio.sleep(ROUND)

    await ada.expect_nothing_more()


async def test_an_away_message_that_was_set_for_a_moment_only_is_not_reported(
    server: RunningServer, autojump_clock: MockClock
) -> None:
    ada, ben = await watching(server, "Ada"), await watching(server, "Ben")
    await ada.ping()
    ada.unread.clear()
    for text in ("Cooking.", ""):
        await go_away(ben, text)
    await trio.sleep(ROUND)

    await ada.expect_nothing_more()


async def test_when_an_account_was_online_is_stored_once(
    server: RunningServer, autojump_clock: MockClock
) -> None:
    async def members() -> list[MemberRecord]:
        return await server.storage.read(lambda store: store.members(1, "", 9))

    ada, ben = await server.log_in("Ada"), await server.log_in("Ben")
    await disconnect(server, ada, 1)
    await trio.sleep(ROUND)
    await server.storage.write(lambda store: store.set_last_seen({1: 7}))
    await disconnect(server, ben, 2)
    await trio.sleep(ROUND)

    stored = await members()
    assert stored[0].seen == 7  # not written again with Ben's
    assert stored[1].seen > 7
