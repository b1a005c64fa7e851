"""Who is here is told to those who look, in few frames, and to nobody else."""

from contextlib import ExitStack
from functools import partial
from itertools import count

import pytest
import trio
from trio.testing import MockClock

from chat_server.clock import rfc3339
from chat_server.net.outbox import Outbox
from chat_server.rooms.presence import PresenceTracker
from chat_server.sessions.rate_limits import TokenBucket
from chat_server.sessions.session import Account, Session
from chat_server.store.api import MemberRecord, Store
from chat_shared import messages as m
from chat_shared.errors import Code
from chat_shared.limits import MAX_FRAME, MAX_REASON, TYPING_LASTS, TYPING_MEMBERS
from support.inline_storage import InlineStorage
from support.peer import Peer
from support.running_server import RunningServer, running_server
from support.store_faults import FaultyStorage
from support.streams import ScriptedTransport

_LONGEST = "🍲" * MAX_REASON

ROUND = 2.0  # seconds in which what has changed was told


async def _watch(peer: Peer, room: str = "general") -> m.Joined:
    return await peer.grant(m.Watch(room, id=peer.number()), m.Joined)


async def _watching(server: RunningServer, name: str, room: str = "general") -> Peer:
    """Return `name`, who watches `room` and has been told all that had changed."""
    peer = await server.enter(name)
    await _watch(peer, room)
    await trio.sleep(ROUND)
    await peer.ping()
    peer.unread.clear()
    return peer


async def _leave(server: RunningServer, peer: Peer, account: int) -> None:
    await peer.aclose()
    while server.services.registry.online(account):
        await trio.lowlevel.checkpoint()


async def _away(peer: Peer, text: str) -> None:
    await peer.grant(m.Away(text, id=peer.number()), m.Ok)


# --- watching


async def test_a_watcher_is_told_who_comes_and_who_goes(
    server: RunningServer, autojump_clock: MockClock
) -> None:
    ada = await _watching(server, "Ada")
    ben = await server.enter("Ben")
    assert await ada.hear(m.Presence) == m.Presence("general", [m.Member("Ben", True)])

    await _leave(server, ben, 2)
    (member,) = (await ada.hear(m.Presence)).members
    assert (member.name, member.online) == ("Ben", False)
    assert member.seen == (await ada.join("general")).members[1].seen != ""


async def test_who_does_not_watch_is_told_nothing(
    server: RunningServer, autojump_clock: MockClock
) -> None:
    ada = await _watching(server, "Ada")
    cleo = await server.enter("Cleo")
    await ada.grant(m.Watch(id=9), m.Ok)
    ada.unread.clear()
    ben = await server.enter("Ben")
    await _away(ben, "Cooking.")
    await ben.grant(m.Typing("general", id=9), m.Ok)
    await trio.sleep(ROUND)

    for peer in ada, cleo:
        await peer.hear_nothing_else()


async def test_one_room_is_watched_at_a_time(
    server: RunningServer, autojump_clock: MockClock
) -> None:
    ada = await server.enter("Ada")
    for name in "Ben", "Cleo":
        await server.token(name)
    await ada.grant(m.Direct("Ben", id=1), m.Joined)
    await _watch(ada)
    await _watch(ada, "@1-2")
    ada.unread.clear()
    await server.enter("Cleo")
    await server.enter("Ben")

    assert await ada.hear(m.Presence) == m.Presence("@1-2", [m.Member("Ben", True)])
    await trio.sleep(ROUND)
    await ada.hear_nothing_else()


async def test_to_watch_is_answered_as_joining_is(server: RunningServer) -> None:
    ada = await server.enter("Ada")
    await ada.post("one")

    assert await ada.ask(m.Watch("General", id=7)) == await ada.ask(m.Join("general", id=7))


async def test_only_members_may_watch_or_type(server: RunningServer) -> None:
    ada, ben = await server.enter("Ada"), await server.enter("Ben")
    await ada.create("Kitchen")

    for room in "kitchen", "nowhere":
        assert await ben.code(m.Watch(room, id=1)) is Code.NOT_A_MEMBER
        assert await ben.code(m.Typing(room, id=1)) is Code.NOT_A_MEMBER
    assert await ben.code(m.Typing("", id=1)) is Code.NOT_A_MEMBER


async def test_who_has_left_the_room_that_they_watch_is_told_nothing_more(
    server: RunningServer, autojump_clock: MockClock
) -> None:
    ada, ben = await server.enter("Ada"), await server.enter("Ben")
    await ada.grant(m.Direct("Ben", id=1), m.Joined)
    await _watch(ada, "@1-2")
    await ada.exit("@1-2")
    await ada.ping()
    ada.unread.clear()
    await _away(ben, "Cooking.")
    await ben.grant(m.Typing("@1-2", id=9), m.Ok)
    await trio.sleep(ROUND)

    await ada.hear_nothing_else()


async def test_a_short_cut_is_no_news(server: RunningServer, autojump_clock: MockClock) -> None:
    ada = await _watching(server, "Ada")
    ben = await server.enter("Ben")
    await ada.hear(m.Presence)
    await _leave(server, ben, 2)
    await server.enter("Ben")
    await trio.sleep(2 * ROUND)

    await ada.hear_nothing_else()


async def test_a_second_device_is_no_news(server: RunningServer, autojump_clock: MockClock) -> None:
    ada = await _watching(server, "Ada")
    await server.enter("Ben")
    await ada.hear(m.Presence)
    laptop = await server.enter("Ben")
    await laptop.aclose()
    await trio.sleep(2 * ROUND)

    await ada.hear_nothing_else()


async def test_who_has_gone_watches_no_more(server: RunningServer) -> None:
    ada = await server.enter("Ada")
    await _watch(ada)
    assert server.services.presence.watched == 1
    await _leave(server, ada, 1)

    assert server.services.presence.watched == 0


# --- frames


class Crowd:
    """People who watch the general room, each on a line that takes everything."""

    def __init__(self, server: RunningServer) -> None:
        self._house = server
        self._transports: list[ScriptedTransport] = []
        self._presences: dict[int, ExitStack] = {}

    def come(self, number: int) -> Account:
        """Let account `number` connect and watch."""
        server, presence = self._house.services, ExitStack()
        session = self._session()
        presence.enter_context(server.present(session))
        account = server.registry.attach(session, number, f"n{number}")
        account.rooms.add(server.rooms.general.id)
        server.presence.came(account)
        server.presence.watch(session, server.rooms.general)
        self._presences[number] = presence
        return account

    def go(self, number: int) -> None:
        """Let its line break."""
        self._presences.pop(number).close()

    def frames(self) -> list[bytes]:
        """Return every frame that any of them was sent since they were asked for."""
        sent = b"".join(transport.taken for transport in self._transports)
        self._transports.clear()
        return sent.splitlines()

    def _session(self) -> Session:
        transport = ScriptedTransport()
        self._transports.append(transport)
        session = Session(
            address="",
            say=m.encode,
            encode=m.encode_all,
            posts=TokenBucket(1, 1, 0),
            requests=TokenBucket(1, 1, 0),
        )
        session.outbox = Outbox(transport, self._house.nursery, session.disconnect)
        return session


async def test_a_storm_of_a_thousand_among_a_thousand_watchers_is_a_few_frames_for_each(
    server: RunningServer, autojump_clock: MockClock
) -> None:
    crowd = Crowd(server)
    for number in range(1_000):
        crowd.come(number)
    await trio.sleep(ROUND)
    crowd.frames()
    for number in range(1_000):  # all lines break
        crowd.go(number)
    await trio.sleep(ROUND)
    for number in range(1_000):  # and in ten seconds they come back, one by one
        crowd.come(number)
        await trio.sleep(0.01)
    await trio.sleep(ROUND)

    frames = crowd.frames()
    assert 1_000 <= len(frames) < 10 * 1_000
    assert all(frame.startswith(b'{"type":"presence","room":"general"') for frame in frames)


async def test_where_nobody_watches_a_storm_is_no_frame(
    server: RunningServer, autojump_clock: MockClock
) -> None:
    crowd = Crowd(server)
    cleo = await server.enter("Cleo")
    for number in range(2, 102):
        crowd.come(number)
    for session in server.services.registry:
        server.services.presence.watch(session, None)
    for number in range(2, 102):
        crowd.go(number)
    await trio.sleep(ROUND)

    assert crowd.frames() == []
    await cleo.hear_nothing_else()


async def test_what_does_not_fit_one_frame_is_several(
    server: RunningServer, autojump_clock: MockClock
) -> None:
    crowd = Crowd(server)
    ada = await _watching(server, "Ada")
    for number in range(2, 302):
        await server.services.presence.set_away(crowd.come(number), _LONGEST)
    heard: list[m.Member] = []
    frames = 0
    while len(heard) < 300:
        heard += (await ada.hear(m.Presence)).members
        frames += 1

    assert {member.name for member in heard} == {f"n{number}" for number in range(2, 302)}
    assert 300 * 4 * MAX_REASON / MAX_FRAME <= frames <= 10


# --- away


async def test_why_somebody_is_away_is_shown_where_they_are(
    server: RunningServer, autojump_clock: MockClock
) -> None:
    ada = await _watching(server, "Ada")
    ben = await server.enter("Ben")
    await ada.hear(m.Presence)
    await _away(ben, "Cooking.")

    there = m.Member("Ben", True, away="Cooking.")
    assert await ada.hear(m.Presence) == m.Presence("general", [there])
    assert (await ada.join("general")).members[1] == there
    await _away(ben, "  ")
    assert await ada.hear(m.Presence) == m.Presence("general", [m.Member("Ben", True)])


async def test_it_is_said_on_all_devices_and_outlasts_them(server: RunningServer) -> None:
    ada = await server.enter("Ada")
    await _away(ada, "Back on Monday.")
    laptop = await server.connect()
    assert (await laptop.resume(await server.token("Ada"))).away == "Back on Monday."
    await laptop.aclose()
    await _leave(server, ada, 1)

    phone = await server.connect()
    assert (await phone.resume(await server.token("Ada"))).away == "Back on Monday."
    await _away(phone, "")
    assert (await phone.join("general")).members == [m.Member("Ada", True)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("x" * (MAX_REASON + 1), Code.TOO_LONG),
        ("a\x1b[31m", Code.BAD_REQUEST),
        ("a\nb", Code.BAD_REQUEST),
        ("a\tb", Code.BAD_REQUEST),
        ("a\u2028b", Code.BAD_REQUEST),
    ],
)
async def test_what_cannot_be_a_reason_is_refused(
    server: RunningServer, text: str, code: Code
) -> None:
    ada = await server.enter("Ada")
    await _away(ada, "Cooking. 👩‍🍳")

    assert await ada.code(m.Away(text, id=1)) is code
    assert (await ada.join("general")).members[0].away == "Cooking. 👩‍🍳"


def _say_away(account: int, store: Store) -> None:
    store.set_away(account, _LONGEST)


async def test_members_with_long_reasons_come_in_pages_that_fit(server: RunningServer) -> None:
    names = [f"n{number:03}" for number in range(120)]
    for number, name in enumerate(names):
        await server.token(name)
        await server.storage.write(partial(_say_away, number + 1))
    ada = await server.enter(names[0])
    page = await ada.grant(m.Members("general", id=1), m.MemberPage)
    rest = await ada.grant(m.Members("general", page.members[-1].name, id=2), m.MemberPage)

    assert page.more
    assert not rest.more
    assert [member.name for member in page.members + rest.members] == names
    assert (await ada.join("general")).more


# --- last seen


async def test_when_somebody_was_last_here_is_kept(
    storage: InlineStorage, autojump_clock: MockClock
) -> None:
    async with running_server(storage) as server:
        ben = await server.enter("Ben")
        await _leave(server, ben, 1)
        ada = await server.enter("Ada")
        seen = (await ada.join("general")).members[1].seen
        await trio.sleep(ROUND)
    async with running_server(storage) as server:
        ada = await server.enter("Ada")
        members = (await ada.join("general")).members

    assert members == [m.Member("Ada", True), m.Member("Ben", False, seen=seen)]
    assert seen


async def test_who_comes_and_goes_while_it_is_written_is_kept_as_of_later(
    faults: FaultyStorage, faulty_server: RunningServer, autojump_clock: MockClock
) -> None:
    server = faulty_server.services
    await faulty_server.token("Ada")
    times = count(1)
    presence = PresenceTracker(faults, server.registry, server.rooms, lambda: next(times))
    faulty_server.nursery.start_soon(presence.run)
    ada = Account(1, "Ada")
    presence.came(ada)
    with faults.commits_held() as gate:
        await gate.wait_reached()
        ada.here = False
        presence.came(ada)
        assert presence.describe(MemberRecord(1, "Ada", "", 0)).seen == rfc3339(2)
    await trio.sleep(2 * ROUND)

    (record,) = await faults.read(lambda store: store.members(1, "", 9))
    assert record.seen == 2


async def test_many_who_leave_at_once_are_one_transaction(
    faults: FaultyStorage, faulty_server: RunningServer, autojump_clock: MockClock
) -> None:
    peers = [await faulty_server.enter(f"n{number}") for number in range(20)]
    await trio.sleep(ROUND)
    writes = faults.writes
    for peer in peers:
        await peer.aclose()
    await trio.sleep(ROUND)

    assert len(faulty_server.services.registry) == 0
    assert faults.writes == writes + 1


async def test_a_full_disk_keeps_nobody_from_leaving(
    faults: FaultyStorage, faulty_server: RunningServer, autojump_clock: MockClock
) -> None:
    ada = await _watching(faulty_server, "Ada")
    ben = await faulty_server.enter("Ben")
    await ada.hear(m.Presence)
    with faults.full_disk():
        await _leave(faulty_server, ben, 2)
        assert not (await ada.hear(m.Presence)).members[0].online
        await trio.sleep(ROUND)

    await faulty_server.enter("Ben")
    assert (await ada.hear(m.Presence)).members[0].online


# --- typing


async def test_who_types_is_told_to_the_others_who_watch(
    server: RunningServer, autojump_clock: MockClock
) -> None:
    ada, ben = await _watching(server, "Ada"), await _watching(server, "Ben")
    laptop = await _watching(server, "Ben")
    await ada.ping()
    ada.unread.clear()
    await ben.grant(m.Typing("general", id=1), m.Ok)

    assert await ada.receive() == m.IsTyping("general", "Ben")
    for peer in ben, laptop:
        await peer.hear_nothing_else()


async def test_it_is_not_told_with_every_key_and_again_before_it_is_over(
    server: RunningServer, autojump_clock: MockClock
) -> None:
    ada, ben = await _watching(server, "Ada"), await _watching(server, "Ben")
    await ada.ping()
    ada.unread.clear()
    for _ in range(int(10 * TYPING_LASTS)):  # for as long as it lasts, ten times a second
        await ben.grant(m.Typing("general", id=1), m.Ok)
        await trio.sleep(0.1)
    await ada.ping()

    assert 2 <= len(ada.unread) <= TYPING_LASTS / 2
    assert set(map(type, ada.unread)) == {m.IsTyping}


@pytest.mark.parametrize(("members", "told"), [(TYPING_MEMBERS, True), (TYPING_MEMBERS + 1, False)])
async def test_in_a_large_room_it_is_not_told(
    server: RunningServer, autojump_clock: MockClock, members: int, told: bool
) -> None:
    ada, ben = await _watching(server, "Ada"), await server.enter("Ben")
    for number in range(members - 2):
        await server.token(f"n{number}")
    await ada.hear(m.Presence)
    await ben.grant(m.Typing("general", id=1), m.Ok)
    await ada.ping()

    assert list(ada.unread) == ([m.IsTyping("general", "Ben")] if told else [])
