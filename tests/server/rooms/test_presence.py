"""Presence is sent to those who watch, in few frames, and to nobody else."""

from contextlib import ExitStack

import trio
from trio.testing import MockClock

from chat_server.net.outbox import Outbox
from chat_server.sessions.session import Account, Session
from chat_shared import messages as m
from chat_shared.errors import Code
from chat_shared.limits import MAX_FRAME, MAX_REASON
from chat_shared.proxy_header import Origin
from support.running_server import RunningServer
from support.streams import ScriptedTransport
from support.watching import ROUND, disconnect, go_away, watch, watching

_LONGEST = "🍲" * MAX_REASON

# --- watching


async def test_a_watcher_learns_who_goes_online_and_offline(
    server: RunningServer, autojump_clock: MockClock
) -> None:
    ada = await watching(server, "Ada")
    ben = await server.log_in("Ben")
    assert await ada.expect(m.Presence) == m.Presence("general", [m.Member("Ben", True)])

    await disconnect(server, ben, 2)
    (member,) = (await ada.expect(m.Presence)).members
    assert (member.name, member.online) == ("Ben", False)
    assert member.seen == (await ada.join("general")).members[1].seen != ""


async def test_a_session_that_does_not_watch_receives_nothing(
    server: RunningServer, autojump_clock: MockClock
) -> None:
    ada = await watching(server, "Ada")
    cleo = await server.log_in("Cleo")
    await ada.grant(m.Watch(id=9), m.Ok)
    ada.unread.clear()
    ben = await server.log_in("Ben")
    await go_away(ben, "Cooking.")
    await ben.grant(m.Typing("general", id=9), m.Ok)
    await trio.sleep(ROUND)

    for peer in ada, cleo:
        await peer.expect_nothing_more()


async def test_a_session_watches_one_room_at_a_time(
    server: RunningServer, autojump_clock: MockClock
) -> None:
    ada = await server.log_in("Ada")
    for name in "Ben", "Cleo":
        await server.token(name)
    await ada.grant(m.Direct("Ben", id=1), m.Joined)
    await watch(ada)
    await watch(ada, "@1-2")
    ada.unread.clear()
    await server.log_in("Cleo")
    await server.log_in("Ben")

    assert await ada.expect(m.Presence) == m.Presence("@1-2", [m.Member("Ben", True)])
    await trio.sleep(ROUND)
    await ada.expect_nothing_more()


async def test_watching_is_answered_like_joining(server: RunningServer) -> None:
    ada = await server.log_in("Ada")
    await ada.post("one")

    assert await ada.ask(m.Watch("General", id=7)) == await ada.ask(m.Join("general", id=7))


async def test_only_members_can_watch_or_type(server: RunningServer) -> None:
    ada, ben = await server.log_in("Ada"), await server.log_in("Ben")
    await ada.create("Kitchen")

    for room in "kitchen", "nowhere":
        assert await ben.code(m.Watch(room, id=1)) is Code.NOT_A_MEMBER
        assert await ben.code(m.Typing(room, id=1)) is Code.NOT_A_MEMBER
    assert await ben.code(m.Typing("", id=1)) is Code.NOT_A_MEMBER


async def test_a_watcher_who_left_the_room_receives_nothing_more(
    server: RunningServer, autojump_clock: MockClock
) -> None:
    ada, ben = await server.log_in("Ada"), await server.log_in("Ben")
    await ada.grant(m.Direct("Ben", id=1), m.Joined)
    await watch(ada, "@1-2")
    await ada.exit("@1-2")
    await ada.ping()
    ada.unread.clear()
    await go_away(ben, "Cooking.")
    await ben.grant(m.Typing("@1-2", id=9), m.Ok)
    await trio.sleep(ROUND)

    await ada.expect_nothing_more()


async def test_a_short_interruption_is_no_change(
    server: RunningServer, autojump_clock: MockClock
) -> None:
    ada = await watching(server, "Ada")
    ben = await server.log_in("Ben")
    await ada.expect(m.Presence)
    await disconnect(server, ben, 2)
    await server.log_in("Ben")
    await trio.sleep(2 * ROUND)

    await ada.expect_nothing_more()


async def test_a_second_device_is_no_change(
    server: RunningServer, autojump_clock: MockClock
) -> None:
    ada = await watching(server, "Ada")
    await server.log_in("Ben")
    await ada.expect(m.Presence)
    laptop = await server.log_in("Ben")
    await laptop.aclose()
    await trio.sleep(2 * ROUND)

    await ada.expect_nothing_more()


async def test_a_session_that_ended_watches_no_more(server: RunningServer) -> None:
    ada = await server.log_in("Ada")
    await watch(ada)
    assert server.services.presence.watched_rooms == 1
    await disconnect(server, ada, 1)

    assert server.services.presence.watched_rooms == 0


# --- frames


class Crowd:
    """Accounts that watch the general room, each on a connection that takes everything."""

    def __init__(self, server: RunningServer) -> None:
        self._server = server
        self._transports: list[ScriptedTransport] = []
        self._presences: dict[int, ExitStack] = {}

    def connect(self, number: int) -> Account:
        """Connect account `number`, and let it watch."""
        server, presence = self._server.services, ExitStack()
        session = self._session()
        presence.enter_context(server.connected(session))
        account = server.registry.attach(session, number, f"n{number}")
        account.rooms.add(server.rooms.general.id)
        server.presence.account_online(account)
        server.presence.watch(session, server.rooms.general)
        self._presences[number] = presence
        return account

    def disconnect(self, number: int) -> None:
        """End its connection."""
        self._presences.pop(number).close()

    def frames(self) -> list[bytes]:
        """Return every frame that any of them was sent since the last call."""
        sent = b"".join(transport.taken for transport in self._transports)
        self._transports.clear()
        return sent.splitlines()

    def _session(self) -> Session:
        transport = ScriptedTransport()
        self._transports.append(transport)
        session = Session(
            Origin(),
            encode=m.encode,
            encode_all=m.encode_all,
        )
        session.outbox = Outbox(transport, self._server.nursery, session.disconnect)
        return session


async def test_a_thousand_reconnects_among_a_thousand_watchers_are_a_few_frames_for_each(
    server: RunningServer, autojump_clock: MockClock
) -> None:
    crowd = Crowd(server)
    for number in range(1_000):
        crowd.connect(number)
    await trio.sleep(ROUND)
    crowd.frames()
    for number in range(1_000):  # all connections end
        crowd.disconnect(number)
    await trio.sleep(ROUND)
    for number in range(1_000):  # and within ten seconds they reconnect, one by one
        crowd.connect(number)
        await trio.sleep(0.01)
    await trio.sleep(ROUND)

    frames = crowd.frames()
    assert 1_000 <= len(frames) < 10 * 1_000
    assert all(frame.startswith(b'{"type":"presence","room":"general"') for frame in frames)


async def test_where_nobody_watches_reconnects_are_no_frames(
    server: RunningServer, autojump_clock: MockClock
) -> None:
    crowd = Crowd(server)
    cleo = await server.log_in("Cleo")
    for number in range(2, 102):
        crowd.connect(number)
    for session in server.services.registry:
        server.services.presence.watch(session, None)
    for number in range(2, 102):
        crowd.disconnect(number)
    await trio.sleep(ROUND)

    assert crowd.frames() == []
    await cleo.expect_nothing_more()


async def test_a_list_too_long_for_one_frame_is_sent_in_several(
    server: RunningServer, autojump_clock: MockClock
) -> None:
    crowd = Crowd(server)
    ada = await watching(server, "Ada")
    for number in range(2, 302):
        await server.services.presence.set_away(crowd.connect(number), _LONGEST)
    received: list[m.Member] = []
    frames = 0
    while len(received) < 300:
        received += (await ada.expect(m.Presence)).members
        frames += 1

    assert {member.name for member in received} == {f"n{number}" for number in range(2, 302)}
    assert 300 * 4 * MAX_REASON / MAX_FRAME <= frames <= 10
