"""Rooms of two: opened by either, closed to all others, and never quite left."""

import pytest
from trio.testing import MockClock

from chat_server.config import Config, Limits
from chat_server.store import Store
from chat_shared import messages as m
from chat_shared.errors import Code
from support.house import OpenHouse, open_house
from support.inline_storage import InlineStorage
from support.peer import PASSWORD, Peer

ROOM = "@1-2"  # of the first two accounts


async def _direct(peer: Peer, name: str) -> m.Joined:
    return await peer.grant(m.Direct(name, id=peer.number()), m.Joined)


async def _pair(house: OpenHouse) -> tuple[Peer, Peer]:
    """Return Ada and Ben, who have a room of two, and nothing left to hear."""
    ada, ben = await house.enter("Ada"), await house.enter("Ben")
    await _direct(ada, "Ben")
    for peer in ada, ben:
        await peer.ping()
        peer.unread.clear()
    return ada, ben


# --- opening


@pytest.mark.parametrize("name", ["Ben", "BEN", "ｂｅｎ"])
async def test_it_is_opened_by_a_name_in_any_spelling(house: OpenHouse, name: str) -> None:
    ada, ben = await house.enter("Ada"), await house.enter("Ben")
    joined = await _direct(ada, name)

    assert (joined.room, joined.peer, joined.owner) == (ROOM, "Ben", "")
    assert joined.members == [m.Member("Ada", True), m.Member("Ben", True)]
    assert await ben.hear(m.Entered) == m.Entered(ROOM, "Ben")
    assert (await ben.join(ROOM)).peer == "Ada"
    await ada.post("Psst!", ROOM)
    assert [event.text for event in await ben.hear_posted(1)] == ["Psst!"]


async def test_both_may_open_it_and_it_is_the_same_and_nobody_is_told_again(
    house: OpenHouse,
) -> None:
    ada, ben = await _pair(house)

    assert (await _direct(ben, "ada")).room == ROOM
    assert (await _direct(ada, "ben")).room == ROOM
    for peer in ada, ben:
        await peer.hear_nothing_else()


async def test_it_is_opened_to_somebody_who_is_not_there(house: OpenHouse) -> None:
    ada = await house.enter("Ada")
    await house.token("Ben")
    await _direct(ada, "Ben")
    await ada.post("When you are back: soup.", ROOM)
    ben = await house.connect()
    welcome = await ben.resume(await house.token("Ben"))

    assert welcome.rooms[1] == m.RoomInfo(ROOM, "", 1, 0, unread=1, peer="Ada")
    assert [line.text for line in (await ben.history(ROOM)).messages] == [
        "When you are back: soup."
    ]


async def test_it_outlasts_the_server(storage: InlineStorage) -> None:
    async with open_house(storage) as house:
        ada, ben = await _pair(house)
        await ada.post("hello", ROOM)
        await ben.exit(ROOM)
    async with open_house(storage) as house:
        ben = await house.connect()
        assert [info.room for info in (await ben.resume(await house.token("Ben"))).rooms] == [
            "general"
        ]
        ada = await house.enter("Ada")
        assert (await ada.join(ROOM)).peer == "Ben"
        await ada.post("again", ROOM)
        assert await ben.hear(m.Entered) == m.Entered(ROOM, "Ben")


async def test_two_at_once_open_one_room(house: OpenHouse) -> None:
    ada, ben = await house.enter("Ada"), await house.enter("Ben")
    await ada.send(m.Direct("Ben", id=1))
    await ben.send(m.Direct("Ada", id=1))

    assert isinstance(await ada.reply_to(1), m.Joined)
    assert isinstance(await ben.reply_to(1), m.Joined)
    for peer in ada, ben:
        await peer.ping()
        assert sorted(event.name for event in peer.unread if isinstance(event, m.Entered)) in (
            ["Ada", "Ben"],
            ["Ben"],  # Ada's own came before Ben was there to hear it
        )


# --- refused


async def test_nobody_opens_one_with_themselves(house: OpenHouse) -> None:
    ada = await house.enter("Ada")
    refusal = await ada.refusal(m.Direct("ADA", id=1))

    assert refusal.code == Code.BAD_REQUEST
    assert refusal.message == "That is you. A room of two takes somebody else's name."


@pytest.mark.parametrize("name", ["nobody", "", "a b", "\0", "x" * 10_000])
async def test_nobody_opens_one_with_somebody_who_is_not(house: OpenHouse, name: str) -> None:
    ada = await house.enter("Ada")

    assert await ada.code(m.Direct(name, id=1)) is Code.UNKNOWN_ACCOUNT
    await ada.hear_nothing_else()


@pytest.mark.parametrize("what", ["lock", "remove"])
async def test_nor_with_who_is_locked_or_deleted(house: OpenHouse, what: str) -> None:
    ada = await house.enter("Ada")
    await house.token("Ben")

    def shut_out(store: Store) -> None:
        store.set_locked(2, 1) if what == "lock" else store.remove_account(2, 1)

    await house.storage.write(shut_out)
    assert await ada.code(m.Direct("Ben", id=1)) is Code.UNKNOWN_ACCOUNT


async def test_nobody_else_joins_it_nor_learns_that_it_is_there(house: OpenHouse) -> None:
    ada, _ = await _pair(house)
    await ada.post("Psst!", ROOM)
    cleo = await house.enter("Cleo")

    for password in "", "x", PASSWORD:
        refusal = await cleo.refusal(m.Join(ROOM, password, id=cleo.number()))
        assert refusal == m.Error(
            Code.WRONG_ROOM_OR_PASSWORD,
            "There is no such room, or this is not its password.",
            refusal.re,
        )
    for request in m.History(ROOM, id=1), m.Watch(ROOM, id=1), m.Read(ROOM, 1, id=1):
        assert await cleo.code(request) is Code.NOT_A_MEMBER
    assert await cleo.code(m.Create(ROOM, id=1)) is Code.BAD_NAME
    await cleo.hear_nothing_else()


async def test_it_counts_as_a_room_for_both(storage: InlineStorage) -> None:
    async with open_house(storage, Config(limits=Limits(rooms_per_account=1))) as house:
        ada, ben, cleo = [await house.enter(name) for name in ("Ada", "Ben", "Cleo")]
        await ben.create("kitchen")
        refusal = await ada.refusal(m.Direct("Ben", id=1))
        assert refusal.code == Code.FORBIDDEN
        assert refusal.message.startswith("The other one is in 1 rooms")
        assert (await ben.refusal(m.Direct("Ada", id=1))).message.startswith("You are in 1 rooms")
        for peer in ada, cleo:
            await peer.hear_nothing_else()

        await _direct(ada, "Cleo")  # nothing of what was refused is left
        assert await cleo.code(m.Create("cellar", id=1)) is Code.FORBIDDEN


# --- leaving


async def test_who_exits_leaves_the_other_one_in_it(house: OpenHouse) -> None:
    ada, ben = await _pair(house)
    await ben.exit(ROOM)

    for peer in ada, ben:
        assert await peer.hear(m.Left) == m.Left(ROOM, "Ben")
    assert await ben.code(ben.draft("No", ROOM)) is Code.NOT_A_MEMBER
    assert [line.name for line in (await ada.join(ROOM)).members] == ["Ada"]


@pytest.mark.parametrize("way", ["speaks", "opens"])
async def test_who_exited_is_called_back_when_the_other_one(house: OpenHouse, way: str) -> None:
    ada, ben = await _pair(house)
    laptop = await house.enter("Ben")
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
        assert [event.text for event in await device.hear_posted(1)] == ["two @ben"]
        await device.hear_nothing_else()
    await ada.post("three", ROOM)
    for device in ben, laptop:
        await device.hear_posted(1)
        await device.hear_nothing_else()
    joined = await ben.join(ROOM)
    assert (joined.last_seq, joined.read_seq, joined.unread, joined.mentions) == (3, 1, 2, 1)
    assert await ada.hear(m.Entered) == m.Entered(ROOM, "Ben")


async def test_who_exited_and_went_finds_it_when_they_come_back(house: OpenHouse) -> None:
    ada, ben = await _pair(house)
    await ben.exit(ROOM)
    await ben.aclose()
    await ada.post("hello", ROOM)
    ben = await house.connect()
    welcome = await ben.resume(await house.token("Ben"))

    assert welcome.rooms[1] == m.RoomInfo(ROOM, "", 1, 0, unread=1, peer="Ada")


async def test_both_may_exit_and_it_keeps_what_was_said(house: OpenHouse) -> None:
    ada, ben = await _pair(house)
    await ada.post("one", ROOM)
    await ada.exit(ROOM)
    await ben.exit(ROOM)
    await _direct(ben, "Ada")

    assert await ada.hear(m.Entered) == m.Entered(ROOM, "Ada")
    assert [line.text for line in (await ada.history(ROOM)).messages] == ["one"]


async def test_who_is_deleted_is_not_called_back_and_can_still_be_written_to(
    house: OpenHouse,
) -> None:
    ada = await house.enter("Ada")
    ben = await house.connect()
    await ben.register("Ben")
    await _direct(ada, "Ben")
    await ben.ask(m.DeleteAccount(PASSWORD, id=5))
    await ada.ping()
    ada.unread.clear()
    for text in "Ben?", "Ben!":
        await ada.post(text, ROOM)

    await ada.hear_posted(2)
    await ada.hear_nothing_else()
    assert (await ada.join(ROOM)).peer == "Ben"


async def test_who_has_no_place_left_is_not_called_back(storage: InlineStorage) -> None:
    async with open_house(storage, Config(limits=Limits(rooms_per_account=1))) as house:
        ada, ben = await _pair(house)
        await ben.exit(ROOM)
        await ben.create("kitchen")

        assert await ada.code(ada.draft("hello", ROOM)) is Code.FORBIDDEN
        assert (await ada.history(ROOM)).messages == []


# --- several devices


async def test_reading_it_on_one_device_clears_the_other(
    house: OpenHouse, autojump_clock: MockClock
) -> None:
    ada, phone = await _pair(house)
    laptop = await house.enter("Ben")
    await ada.post("hello", ROOM)
    await phone.grant(m.Read(ROOM, 1, id=1), m.Ok)

    assert await laptop.hear(m.ReadTo) == m.ReadTo(ROOM, 1)


async def test_nothing_is_heard_of_it_before_welcome(house: OpenHouse) -> None:
    ada = await house.enter("Ada")
    for turns in range(12):  # how far the other one has come when the room is opened
        name = f"guest{turns}"
        token = await house.token(name)
        guest = await house.connect()
        await guest.send(m.Resume(token, {}, id=1))
        await ada.send(m.Direct(name, id=ada.number()))
        for _ in range(turns):
            await ada.ping()
        await guest.hear(m.Welcome)  # and the peer fails where anything came before it
        await ada.post("hello", (await _direct(ada, name)).room)
        assert [event.text for event in await guest.hear_posted(1)] == ["hello"]
