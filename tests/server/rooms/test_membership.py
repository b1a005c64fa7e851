"""Joining a room: with its password, or with an invitation that admits one account."""

from collections.abc import Hashable

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from chat_server.accounts.codes import code_digest
from chat_server.accounts.passwords import Passwords
from chat_server.config import Config, Limits
from chat_shared import messages as m
from chat_shared.errors import Code
from support.clock import Clock
from support.inline_storage import InlineStorage
from support.kitchen import kitchen
from support.peer import Peer
from support.running_server import RunningServer, running_server
from support.store_faults import FaultyStorage

WEEK = 7 * 86_400


async def invite(owner: Peer, room: str = "kitchen") -> str:
    return (await owner.grant(m.Invite(room, id=owner.number()), m.RoomInvite)).code


@pytest.mark.parametrize("typed", ["{}", " {}\n"])
async def test_an_invitation_admits_one_account(server: RunningServer, typed: str) -> None:
    _, (ada,) = await kitchen(server)
    code = await invite(ada)
    ben, cleo = await server.log_in("Ben"), await server.log_in("Cleo")

    joined = await ben.join("KITCHEN", typed.format(code.upper()))

    assert [member.name for member in joined.members] == ["Ada", "Ben"]
    assert await cleo.code(m.Join("kitchen", code, id=1)) is Code.WRONG_ROOM_OR_PASSWORD


async def test_it_is_valid_for_a_week_and_says_so(server: RunningServer, clock: Clock) -> None:
    _, (ada,) = await kitchen(server)
    reply = await ada.grant(m.Invite("Kitchen", id=1), m.RoomInvite)
    late = await invite(ada)
    ben, cleo = await server.log_in("Ben"), await server.log_in("Cleo")

    assert (reply.room, reply.expires) == ("Kitchen", "2027-01-22T08:00:00.000Z")
    clock.pass_by(WEEK - 1)
    await ben.join("kitchen", reply.code)
    clock.pass_by(1)
    assert await cleo.code(m.Join("kitchen", late, id=1)) is Code.WRONG_ROOM_OR_PASSWORD


async def test_it_is_stored_as_a_digest_and_survives_a_restart(
    server: RunningServer, storage: InlineStorage, clock: Clock
) -> None:
    _, (ada,) = await kitchen(server)
    code = await invite(ada)

    digest = code_digest(code)
    assert await storage.read(lambda store: store.invited_room(digest, clock.now)) == 2
    async with running_server(storage, now=clock) as again:
        await (await again.log_in("Ben")).join("kitchen", code)


async def test_it_is_valid_for_no_other_room(server: RunningServer) -> None:
    _, (ada,) = await kitchen(server)
    await ada.create("cellar")
    code = await invite(ada)
    to_general = await ada.grant(m.Invite("general", id=1), m.RoomInvite)
    ben = await server.log_in("Ben")

    assert await ben.code(m.Join("cellar", code, id=1)) is Code.WRONG_ROOM_OR_PASSWORD
    for number, other in enumerate((code, to_general.code), start=2):
        request = m.Join("nowhere", other, id=number)
        assert await ben.code(request) is Code.WRONG_ROOM_OR_PASSWORD
    await ben.join("kitchen", code)


async def test_of_two_who_use_it_at_the_same_time_one_joins(server: RunningServer) -> None:
    _, (ada,) = await kitchen(server)
    code = await invite(ada)
    peers = [await server.log_in(name) for name in ("Ben", "Cleo", "Dag")]
    replies: list[m.Reply] = []

    async def join(peer: Peer) -> None:
        replies.append(await peer.ask(m.Join("kitchen", code, id=99)))

    async with trio.open_nursery() as nursery:
        for peer in peers:
            nursery.start_soon(join, peer)

    codes = sorted(getattr(reply, "code", "joined") for reply in replies)
    assert codes == ["joined", "wrong_room_or_password", "wrong_room_or_password"]
    assert len((await ada.join("kitchen")).members) == 2


async def test_an_account_that_cannot_join_does_not_use_it_up(storage: InlineStorage) -> None:
    config = Config(limits=Limits(rooms_per_account=1))
    async with running_server(storage, config) as server:
        _, (ada,) = await kitchen(server)
        code = await invite(ada)
        ben, cleo = await server.log_in("Ben"), await server.log_in("Cleo")
        await ben.create("cellar")
        await ada.grant(m.Ban("kitchen", "Cleo", id=1), m.Ok)

        assert await ben.code(m.Join("kitchen", code, id=2)) is Code.FORBIDDEN
        assert await cleo.code(m.Join("kitchen", code, id=3)) is Code.BANNED
        await ben.exit("cellar")
        await ben.join("kitchen", code)


async def test_a_member_who_tries_one_does_not_use_it_up(server: RunningServer) -> None:
    _, (ada, ben) = await kitchen(server, "Ben")
    code = await invite(ada)
    await ben.join("kitchen", code)

    await (await server.log_in("Cleo")).join("kitchen", code)


class _Unasked(Passwords):
    """Fails the test that has anything hashed."""

    async def verify(self, password: str, hashed: str, by: Hashable) -> bool:
        raise AssertionError("it was not to be hashed")


async def test_it_is_looked_up_without_a_hash(storage: InlineStorage) -> None:
    async with running_server(storage, passwords=_Unasked()) as server:
        _, (ada,) = await kitchen(server)
        await (await server.log_in("Ben")).join("kitchen", await invite(ada))


async def test_wrong_ones_count_as_attempts(server: RunningServer) -> None:
    _, (ada,) = await kitchen(server)
    code = await invite(ada)
    ben = await server.log_in("Ben")
    for number in range(5):
        request = m.Join("kitchen", f"0000-0000-000{number}", id=1 + number)
        assert await ben.code(request) is Code.WRONG_ROOM_OR_PASSWORD

    assert await ben.code(m.Join("kitchen", code, id=9)) is Code.TOO_FAST


async def test_an_account_banned_while_it_joins_is_not_a_member_in_the_end(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    password, (ada,) = await kitchen(faulty_server)
    ben = await faulty_server.log_in("Ben")
    with faults.answers_held() as gate:
        await ben.send(m.Join("kitchen", password, id=1))
        await gate.wait_reached()  # the attempt is counted
        gate.open_once()
        await gate.wait_reached()  # it was right
        gate.open_once()
        await gate.wait_reached()  # a member on disk, and not announced yet
        written = faults.writes
        await ada.send(m.Ban("kitchen", "Ben", id=1))
        await wait_all_tasks_blocked()
        assert faults.writes == written  # or the two could be answered in the other order

    assert isinstance(await ada.reply_to(1), m.Ok)
    assert isinstance(await ben.expect(m.Joined), m.Joined)
    assert (await ben.expect(m.Left)).by == "Ada"
    await ada.post("Gone?", "kitchen")
    assert await ben.code(ben.draft("No", "kitchen")) is Code.NOT_A_MEMBER
    assert m.Posted not in [type(event) for event in ben.unread]


async def test_an_account_that_joins_a_room_during_its_deletion_is_not_a_member(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    password, (ada,) = await kitchen(faulty_server)
    ben = await faulty_server.log_in("Ben")
    with faults.commits_held() as gate:
        await ada.send(m.DeleteRoom("kitchen", id=1))
        await gate.wait_reached()
        await ben.send(m.Join("kitchen", password, id=1))
        await wait_all_tasks_blocked()

    assert isinstance(await ada.reply_to(1), m.Ok)
    reply = await ben.reply_to(1)
    assert isinstance(reply, m.Error)
    assert reply.code == Code.WRONG_ROOM_OR_PASSWORD
