"""Direct messages: opened by either participant, closed to all others, and never left for long."""

import pytest
from trio.testing import MockClock

from chat_server.store.api import Store
from chat_shared import messages as m
from chat_shared.errors import Code
from support.inline_storage import InlineStorage
from support.peer import PASSWORD, Peer
from support.running_server import RunningServer, running_server

ROOM = "@1-2"  # of the first two accounts


async def _direct(peer: Peer, name: str) -> m.Joined:
    return await peer.grant(m.Direct(name, id=peer.number()), m.Joined)


async def _pair(server: RunningServer) -> tuple[Peer, Peer]:
    """Return Ada and Ben, who have a direct message, with nothing left to receive."""
    ada, ben = await server.log_in("Ada"), await server.log_in("Ben")
    await _direct(ada, "Ben")
    for peer in ada, ben:
        await peer.ping()
        peer.unread.clear()
    return ada, ben


# --- opening


@pytest.mark.parametrize("name", ["Ben", "BEN", "ｂｅｎ"])
async def test_it_is_opened_by_a_name_in_any_spelling(server: RunningServer, name: str) -> None:
    ada, ben = await server.log_in("Ada"), await server.log_in("Ben")
    joined = await _direct(ada, name)

    assert (joined.room, joined.peer, joined.owner) == (ROOM, "Ben", "")
    assert joined.members == [m.Member("Ada", True), m.Member("Ben", True)]
    assert await ben.expect(m.Entered) == m.Entered(ROOM, "Ben")
    assert (await ben.join(ROOM)).peer == "Ada"
    await ada.post("Psst!", ROOM)
    assert [event.text for event in await ben.expect_posted(1)] == ["Psst!"]


async def test_both_can_open_it_and_it_is_announced_once(
    server: RunningServer,
) -> None:
    ada, ben = await _pair(server)

    assert (await _direct(ben, "ada")).room == ROOM
    assert (await _direct(ada, "ben")).room == ROOM
    for peer in ada, ben:
        await peer.expect_nothing_more()


async def test_it_is_opened_to_an_account_that_is_offline(server: RunningServer) -> None:
    ada = await server.log_in("Ada")
    await server.token("Ben")
    await _direct(ada, "Ben")
    await ada.post("When you are back: soup.", ROOM)
    ben = await server.connect()
    welcome = await ben.resume(await server.token("Ben"))

    assert welcome.rooms[1] == m.RoomInfo(ROOM, "", 1, 0, unread=1, peer="Ada")
    assert [line.text for line in (await ben.history(ROOM)).messages] == [
        "When you are back: soup."
    ]


async def test_it_survives_a_restart(storage: InlineStorage) -> None:
    async with running_server(storage) as server:
        ada, ben = await _pair(server)
        await ada.post("hello", ROOM)
        await ben.exit(ROOM)
    async with running_server(storage) as server:
        ben = await server.connect()
        assert [info.room for info in (await ben.resume(await server.token("Ben"))).rooms] == [
            "general"
        ]
        ada = await server.log_in("Ada")
        assert (await ada.join(ROOM)).peer == "Ben"
        await ada.post("again", ROOM)
        assert await ben.expect(m.Entered) == m.Entered(ROOM, "Ben")


async def test_two_who_open_it_at_once_get_one_room(server: RunningServer) -> None:
    ada, ben = await server.log_in("Ada"), await server.log_in("Ben")
    await ada.send(m.Direct("Ben", id=1))
    await ben.send(m.Direct("Ada", id=1))

    assert isinstance(await ada.reply_to(1), m.Joined)
    assert isinstance(await ben.reply_to(1), m.Joined)
    for peer in ada, ben:
        await peer.ping()
        assert sorted(event.name for event in peer.unread if isinstance(event, m.Entered)) in (
            ["Ada", "Ben"],
            ["Ben"],  # Ada's own arrived before Ben was a member to receive it
        )


# --- refused


async def test_nobody_can_open_one_with_themselves(server: RunningServer) -> None:
    ada = await server.log_in("Ada")
    refusal = await ada.refusal(m.Direct("ADA", id=1))

    assert refusal.code == Code.BAD_REQUEST
    assert refusal.message == "You can't send direct messages to yourself."


@pytest.mark.parametrize("name", ["nobody", "", "a b", "\0", "x" * 10_000])
async def test_nobody_can_open_one_with_an_account_that_does_not_exist(
    server: RunningServer, name: str
) -> None:
    ada = await server.log_in("Ada")

    assert await ada.code(m.Direct(name, id=1)) is Code.UNKNOWN_ACCOUNT
    await ada.expect_nothing_more()


@pytest.mark.parametrize("what", ["lock", "remove"])
async def test_nobody_can_open_one_with_a_locked_or_deleted_account(
    server: RunningServer, what: str
) -> None:
    ada = await server.log_in("Ada")
    await server.token("Ben")

    def lock_or_delete(store: Store) -> None:
        store.set_locked(2, 1) if what == "lock" else store.remove_account(2, 1)

    await server.storage.write(lock_or_delete)
    assert await ada.code(m.Direct("Ben", id=1)) is Code.UNKNOWN_ACCOUNT


async def test_nobody_else_can_join_it_or_learn_that_it_exists(server: RunningServer) -> None:
    ada, _ = await _pair(server)
    await ada.post("Psst!", ROOM)
    cleo = await server.log_in("Cleo")

    for password in "", "x", PASSWORD:
        refusal = await cleo.refusal(m.Join(ROOM, password, id=cleo.number()))
        assert refusal == m.Error(
            Code.WRONG_ROOM_OR_PASSWORD,
            "Wrong room name or password.",
            refusal.re,
        )
    for request in m.History(ROOM, id=1), m.Watch(ROOM, id=1), m.Read(ROOM, 1, id=1):
        assert await cleo.code(request) is Code.NOT_A_MEMBER
    assert await cleo.code(m.Create(ROOM, id=1)) is Code.BAD_NAME
    await cleo.expect_nothing_more()


# --- leaving


async def test_leaving_keeps_the_other_participant_in_it(server: RunningServer) -> None:
    ada, ben = await _pair(server)
    await ben.exit(ROOM)

    for peer in ada, ben:
        assert await peer.expect(m.Left) == m.Left(ROOM, "Ben")
    assert await ben.code(ben.draft("No", ROOM)) is Code.NOT_A_MEMBER
    assert [line.name for line in (await ada.join(ROOM)).members] == ["Ada"]


@pytest.mark.parametrize("way", ["posts", "opens"])
async def test_a_participant_who_left_rejoins_when_the_other_one(
    server: RunningServer, way: str
) -> None:
    ada, ben = await _pair(server)
    laptop = await server.log_in("Ben")
    await ada.post("one", ROOM)
    await ben.exit(ROOM)
    for peer in ada, ben, laptop:
        await peer.ping()
        peer.unread.clear()
    if way == "opens":
        await _direct(ada, "Ben")
    await ada.post("two @ben", ROOM)

    for device in ben, laptop:
        assert await device.receive() == m.Entered(ROOM, "Ben")
        assert [event.text for event in await device.expect_posted(1)] == ["two @ben"]
        await device.expect_nothing_more()
    await ada.post("three", ROOM)
    for device in ben, laptop:
        await device.expect_posted(1)
        await device.expect_nothing_more()
    joined = await ben.join(ROOM)
    assert (joined.last_seq, joined.read_seq, joined.unread, joined.mentions) == (3, 1, 2, 1)
    assert await ada.expect(m.Entered) == m.Entered(ROOM, "Ben")


async def test_a_participant_who_left_and_went_offline_finds_it_on_return(
    server: RunningServer,
) -> None:
    ada, ben = await _pair(server)
    await ben.exit(ROOM)
    await ben.aclose()
    await ada.post("hello", ROOM)
    assert await ada.expect(m.Entered) == m.Entered(ROOM, "Ben")
    ben = await server.connect()
    welcome = await ben.resume(await server.token("Ben"))

    assert welcome.rooms[1] == m.RoomInfo(ROOM, "", 1, 0, unread=1, peer="Ada")


async def test_both_can_leave_and_it_keeps_its_messages(server: RunningServer) -> None:
    ada, ben = await _pair(server)
    await ada.post("one", ROOM)
    await ada.exit(ROOM)
    await ben.exit(ROOM)
    await _direct(ben, "Ada")

    assert await ada.expect(m.Entered) == m.Entered(ROOM, "Ada")
    assert [line.text for line in (await ada.history(ROOM)).messages] == ["one"]


# --- several devices


async def test_reading_it_on_one_device_marks_it_as_read_on_the_others(
    server: RunningServer, autojump_clock: MockClock
) -> None:
    ada, phone = await _pair(server)
    laptop = await server.log_in("Ben")
    await ada.post("hello", ROOM)
    await phone.grant(m.Read(ROOM, 1, id=1), m.Ok)

    assert await laptop.expect(m.ReadTo) == m.ReadTo(ROOM, 1)


async def test_nothing_of_it_is_received_before_welcome(server: RunningServer) -> None:
    ada = await server.log_in("Ada")
    for turns in range(12):  # what the other device waits for when the room is opened
        name = f"device{turns}"
        token = await server.token(name)
        device = await server.connect()
        await device.send(m.Resume(token, {}, id=1))
        await ada.send(m.Direct(name, id=ada.number()))
        for _ in range(turns):
            await ada.ping()
        await device.expect(m.Welcome)  # and the peer fails if anything arrived before it
        await ada.post("hello", (await _direct(ada, name)).room)
        assert [event.text for event in await device.expect_posted(1)] == ["hello"]
