"""Owners' actions take effect at once, for everyone, on every device and after a restart."""

import pytest
from trio.testing import wait_all_tasks_blocked

from chat_shared import messages as m
from chat_shared.errors import Code
from chat_shared.limits import MAX_REASON, MAX_TOPIC
from support.inline_storage import InlineStorage
from support.kitchen import kitchen
from support.peer import Peer
from support.running_server import RunningServer, running_server
from support.store_faults import FaultyStorage

HOUR = 3_600


async def audited(peer: Peer) -> m.AuditEntry:
    return (await peer.expect(m.Audited)).entry


# --- who may


_OWNERS: list[m.Request] = [
    m.Topic("kitchen", "Soup", id=1),
    m.NewPassword("kitchen", id=1),
    m.Kick("kitchen", "Cleo", id=1),
    m.Ban("kitchen", "Cleo", id=1),
    m.Unban("kitchen", "Cleo", id=1),
    m.Mute("kitchen", "Cleo", id=1),
    m.Unmute("kitchen", "Cleo", id=1),
    m.HandOver("kitchen", "Cleo", id=1),
    m.DeleteRoom("kitchen", id=1),
]
_ABOUT_A_MEMBER = [request for request in _OWNERS if hasattr(request, "name")]


def name_of(request: m.Request) -> str:
    return type(request).__name__


@pytest.mark.parametrize("request_", _OWNERS, ids=name_of)
async def test_only_the_owner_can_act_and_outsiders_learn_nothing(
    server: RunningServer, request_: m.Request
) -> None:
    _, (ada, ben, _cleo) = await kitchen(server, "Ben", "Cleo")
    dag = await server.log_in("Dag")

    assert await ben.code(request_) is Code.FORBIDDEN
    assert await dag.code(request_) is Code.NOT_A_MEMBER
    await ada.expect_nothing_more()


async def test_a_member_who_is_not_the_owner_learns_nothing_from_asking(
    server: RunningServer,
) -> None:
    _, (_, ben) = await kitchen(server, "Ben")

    assert await ben.code(m.Kick("kitchen", "Nemo", id=1)) is Code.FORBIDDEN
    assert await ben.code(m.Mute("kitchen", "Ada", "tomorrow", id=2)) is Code.FORBIDDEN


@pytest.mark.parametrize(
    "request_", [m.Topic("general", "x", id=1), m.Kick("general", "Ben", id=1)]
)
async def test_the_general_room_has_no_owner(server: RunningServer, request_: m.Request) -> None:
    ada = await server.log_in("Ada")
    await server.log_in("Ben")

    assert await ada.code(request_) is Code.FORBIDDEN


@pytest.mark.parametrize("request_", _ABOUT_A_MEMBER, ids=name_of)
async def test_nobody_can_act_on_themselves_or_on_an_unknown_account(
    server: RunningServer, request_: m.Kick
) -> None:
    _, (ada,) = await kitchen(server)
    kind = type(request_)

    assert await ada.code(kind("kitchen", "ＡＤＡ", id=1)) is Code.FORBIDDEN
    assert await ada.code(kind("kitchen", "Nemo", id=1)) is Code.UNKNOWN_ACCOUNT
    await ada.expect_nothing_more()


async def test_of_two_devices_the_later_one_no_longer_acts_as_the_owner(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    _, (ada, ben, _cleo) = await kitchen(faulty_server, "Ben", "Cleo")
    laptop = await faulty_server.log_in("Ada")
    with faults.commits_held() as gate:
        await ada.send(m.HandOver("kitchen", "Ben", id=1))
        await gate.wait_reached()
        await laptop.send(m.Kick("kitchen", "Ben", id=2))
        await wait_all_tasks_blocked()

    assert isinstance(await ada.reply_to(1), m.Ok)
    assert isinstance(reply := await laptop.reply_to(2), m.Error)
    assert reply.code == Code.FORBIDDEN
    assert (await ben.join("kitchen")).owner == "Ben"


# --- the room


async def test_a_topic_is_announced_and_stored(
    server: RunningServer, storage: InlineStorage
) -> None:
    _, (ada, ben) = await kitchen(server, "Ben")

    await ada.ok(m.Topic("Kitchen", "  Soup and bread ", id=1))

    assert await ben.receive() == m.Changed("Kitchen", "Soup and bread", "Ada")
    entry = await audited(ben)
    assert (entry.by, entry.action, entry.reason) == ("Ada", "topic", "Soup and bread")
    async with running_server(storage) as again:
        joined = await (await again.log_in("Ben")).join("kitchen")
    assert joined.topic == "Soup and bread"


@pytest.mark.parametrize("topic", ["", "é" * MAX_TOPIC])
async def test_a_topic_can_have_the_maximum_length_or_be_empty(
    server: RunningServer, topic: str
) -> None:
    _, (ada,) = await kitchen(server)

    await ada.ok(m.Topic("kitchen", topic, id=1))

    assert (await ada.join("kitchen")).topic == topic


_NO_LINES = ["two\nlines", "two\u2028lines", "a\tb", "\x1b[2J", "\x00", "\x85"]


@pytest.mark.parametrize("text", _NO_LINES, ids=repr)
async def test_topics_and_reasons_are_single_lines(server: RunningServer, text: str) -> None:
    _, (ada, ben) = await kitchen(server, "Ben")

    assert await ada.code(m.Topic("kitchen", text, id=1)) is Code.BAD_REQUEST
    assert await ada.code(m.Kick("kitchen", "Ben", text, id=2)) is Code.BAD_REQUEST
    assert await ada.code(m.Topic("kitchen", "x" * (MAX_TOPIC + 1), id=3)) is Code.TOO_LONG
    assert await ada.code(m.Mute("kitchen", "Ben", "", "x" * (MAX_REASON + 1), id=4)) is (
        Code.TOO_LONG
    )
    await ben.expect_nothing_more()


async def test_a_new_password_opens_the_room_and_the_old_one_does_not(
    server: RunningServer,
) -> None:
    old, (ada, ben) = await kitchen(server, "Ben")

    new = await ada.grant(m.NewPassword("kitchen", id=1), m.RoomPassword)

    assert new.room == "Kitchen"
    assert (await audited(ben)).action == "new_password"
    await ben.post("still here", "kitchen")
    cleo = await server.log_in("Cleo")
    assert await cleo.code(m.Join("kitchen", old, id=1)) is Code.WRONG_ROOM_OR_PASSWORD
    assert (await cleo.join("kitchen", new.password)).room == "Kitchen"


# --- kick


async def test_a_kicked_member_is_notified_on_every_device_and_receives_nothing_more(
    server: RunningServer, storage: InlineStorage
) -> None:
    password, (ada, ben, cleo) = await kitchen(server, "Ben", "Cleo")
    laptop = await server.log_in("Ben")

    await ada.ok(m.Kick("kitchen", "BEN", "Enough.", id=1))
    await ada.post("Quiet now.", "kitchen")

    left = m.Left("Kitchen", "Ben", "Ada", "Enough.", "kick")
    for device in ben, laptop:
        assert await device.receive() == left
        await device.expect_nothing_more()
        assert await device.code(device.draft("No", "kitchen")) is Code.NOT_A_MEMBER
    assert await cleo.receive() == left
    entry = await audited(cleo)
    assert (entry.action, entry.name, entry.until, entry.reason) == ("kick", "Ben", "", "Enough.")
    async with running_server(storage) as again:
        assert [room.room for room in (await welcome(again, "Ben")).rooms] == ["general"]
    await ben.join("kitchen", password)  # a kick is not a ban


async def welcome(server: RunningServer, name: str) -> m.Welcome:
    token = await server.token(name)
    return await (await server.connect()).resume(token)


async def test_an_offline_member_can_be_kicked(server: RunningServer) -> None:
    _, (ada, ben) = await kitchen(server, "Ben")
    await ben.aclose()
    await wait_all_tasks_blocked()

    await ada.ok(m.Kick("kitchen", "Ben", id=1))

    assert await ada.receive() == m.Left("Kitchen", "Ben", "Ada", action="kick")
    assert [room.room for room in (await welcome(server, "Ben")).rooms] == ["general"]


async def test_a_member_kicked_while_logging_in_stays_kicked(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    _, (ada, ben) = await kitchen(faulty_server, "Ben")
    await ben.aclose()
    await wait_all_tasks_blocked()
    ben, dag = await faulty_server.connect(), await faulty_server.connect()
    token = await faulty_server.token("Ben")
    other = await faulty_server.token("Dag")
    with faults.commits_held() as commits:
        # A write of when sessions were last used is in progress, so Ben's waits for none.
        await dag.send(m.Resume(other, {}, id=1))
        await wait_all_tasks_blocked()
        await ada.send(m.Kick("kitchen", "Ben", id=1))
        await wait_all_tasks_blocked()
        with faults.queries_held() as queries:
            await ben.send(m.Resume(token, {}, id=1))
            await queries.wait_reached()  # read the account
            queries.open_once()
            await queries.wait_reached()  # read that they are in the kitchen
            commits.open_once()
            await wait_all_tasks_blocked()

    assert isinstance(await ada.reply_to(1), m.Ok)
    await ben.expect(m.Welcome)
    assert (await ben.expect(m.Left)).by == "Ada"
    await ada.post("Gone?", "kitchen")
    await ben.expect_nothing_more()
    assert await ben.code(ben.draft("No", "kitchen")) is Code.NOT_A_MEMBER


async def test_only_members_can_be_kicked(server: RunningServer) -> None:
    _, (ada,) = await kitchen(server)
    await server.log_in("Dag")

    refusal = await ada.refusal(m.Kick("kitchen", "Dag", id=1))

    # Not `not_a_member`: that is about the requester, whose client then forgets the room.
    assert (refusal.code, refusal.message) == (Code.FORBIDDEN, "Dag isn't in this room.")
    await ada.expect_nothing_more()


# --- when the disk fails


@pytest.mark.parametrize("request_", [*_OWNERS], ids=name_of)
async def test_an_action_that_cannot_be_stored_does_not_happen(
    faults: FaultyStorage, faulty_server: RunningServer, request_: m.Request
) -> None:
    _, (ada, ben, cleo) = await kitchen(faulty_server, "Ben", "Cleo")
    with faults.full_disk():
        assert await ada.code(request_) is Code.INTERNAL

    await ben.expect_nothing_more()
    await cleo.post("x", "kitchen")
    joined = await ada.join("kitchen")
    assert (joined.owner, joined.topic, len(joined.members)) == ("Ada", "", 3)
