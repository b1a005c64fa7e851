"""Rooms of two: opened by either, closed to all others, and never quite left."""

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from chat_server.admin.operations import Administration
from chat_server.config import Config, Limits
from chat_server.rooms import direct, room
from chat_server.store.api import Store
from chat_shared import messages as m
from chat_shared.errors import Code
from support.inline_storage import InlineStorage
from support.peer import PASSWORD, Peer
from support.running_server import RunningServer, running_server
from support.store_faults import FaultyStorage

ROOM = "@1-2"  # of the first two accounts


async def _direct(peer: Peer, name: str) -> m.Joined:
    return await peer.grant(m.Direct(name, id=peer.number()), m.Joined)


async def _pair(server: RunningServer) -> tuple[Peer, Peer]:
    """Return Ada and Ben, who have a room of two, and nothing left to hear."""
    ada, ben = await server.enter("Ada"), await server.enter("Ben")
    await _direct(ada, "Ben")
    for peer in ada, ben:
        await peer.ping()
        peer.unread.clear()
    return ada, ben


# --- opening


@pytest.mark.parametrize("name", ["Ben", "BEN", "ｂｅｎ"])
async def test_it_is_opened_by_a_name_in_any_spelling(server: RunningServer, name: str) -> None:
    ada, ben = await server.enter("Ada"), await server.enter("Ben")
    joined = await _direct(ada, name)

    assert (joined.room, joined.peer, joined.owner) == (ROOM, "Ben", "")
    assert joined.members == [m.Member("Ada", True), m.Member("Ben", True)]
    assert await ben.hear(m.Entered) == m.Entered(ROOM, "Ben")
    assert (await ben.join(ROOM)).peer == "Ada"
    await ada.post("Psst!", ROOM)
    assert [event.text for event in await ben.hear_posted(1)] == ["Psst!"]


async def test_both_may_open_it_and_it_is_the_same_and_nobody_is_told_again(
    server: RunningServer,
) -> None:
    ada, ben = await _pair(server)

    assert (await _direct(ben, "ada")).room == ROOM
    assert (await _direct(ada, "ben")).room == ROOM
    for peer in ada, ben:
        await peer.hear_nothing_else()


async def test_it_is_opened_to_somebody_who_is_not_there(server: RunningServer) -> None:
    ada = await server.enter("Ada")
    await server.token("Ben")
    await _direct(ada, "Ben")
    await ada.post("When you are back: soup.", ROOM)
    ben = await server.connect()
    welcome = await ben.resume(await server.token("Ben"))

    assert welcome.rooms[1] == m.RoomInfo(ROOM, "", 1, 0, unread=1, peer="Ada")
    assert [line.text for line in (await ben.history(ROOM)).messages] == [
        "When you are back: soup."
    ]


async def test_it_outlasts_the_server(storage: InlineStorage) -> None:
    async with running_server(storage) as server:
        ada, ben = await _pair(server)
        await ada.post("hello", ROOM)
        await ben.exit(ROOM)
    async with running_server(storage) as server:
        ben = await server.connect()
        assert [info.room for info in (await ben.resume(await server.token("Ben"))).rooms] == [
            "general"
        ]
        ada = await server.enter("Ada")
        assert (await ada.join(ROOM)).peer == "Ben"
        await ada.post("again", ROOM)
        assert await ben.hear(m.Entered) == m.Entered(ROOM, "Ben")


async def test_two_at_once_open_one_room(server: RunningServer) -> None:
    ada, ben = await server.enter("Ada"), await server.enter("Ben")
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


async def test_nobody_opens_one_with_themselves(server: RunningServer) -> None:
    ada = await server.enter("Ada")
    refusal = await ada.refusal(m.Direct("ADA", id=1))

    assert refusal.code == Code.BAD_REQUEST
    assert refusal.message == "That is you. A room of two takes somebody else's name."


@pytest.mark.parametrize("name", ["nobody", "", "a b", "\0", "x" * 10_000])
async def test_nobody_opens_one_with_somebody_who_is_not(server: RunningServer, name: str) -> None:
    ada = await server.enter("Ada")

    assert await ada.code(m.Direct(name, id=1)) is Code.UNKNOWN_ACCOUNT
    await ada.hear_nothing_else()


@pytest.mark.parametrize("what", ["lock", "remove"])
async def test_nor_with_who_is_locked_or_deleted(server: RunningServer, what: str) -> None:
    ada = await server.enter("Ada")
    await server.token("Ben")

    def shut_out(store: Store) -> None:
        store.set_locked(2, 1) if what == "lock" else store.remove_account(2, 1)

    await server.storage.write(shut_out)
    assert await ada.code(m.Direct("Ben", id=1)) is Code.UNKNOWN_ACCOUNT


async def test_nobody_else_joins_it_nor_learns_that_it_is_there(server: RunningServer) -> None:
    ada, _ = await _pair(server)
    await ada.post("Psst!", ROOM)
    cleo = await server.enter("Cleo")

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


# --- leaving


async def test_who_exits_leaves_the_other_one_in_it(server: RunningServer) -> None:
    ada, ben = await _pair(server)
    await ben.exit(ROOM)

    for peer in ada, ben:
        assert await peer.hear(m.Left) == m.Left(ROOM, "Ben")
    assert await ben.code(ben.draft("No", ROOM)) is Code.NOT_A_MEMBER
    assert [line.name for line in (await ada.join(ROOM)).members] == ["Ada"]


@pytest.mark.parametrize("way", ["speaks", "opens"])
async def test_who_exited_is_called_back_when_the_other_one(
    server: RunningServer, way: str
) -> None:
    ada, ben = await _pair(server)
    laptop = await server.enter("Ben")
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


async def test_who_exited_and_went_finds_it_when_they_come_back(server: RunningServer) -> None:
    ada, ben = await _pair(server)
    await ben.exit(ROOM)
    await ben.aclose()
    await ada.post("hello", ROOM)
    ben = await server.connect()
    welcome = await ben.resume(await server.token("Ben"))

    assert welcome.rooms[1] == m.RoomInfo(ROOM, "", 1, 0, unread=1, peer="Ada")


async def test_both_may_exit_and_it_keeps_what_was_said(server: RunningServer) -> None:
    ada, ben = await _pair(server)
    await ada.post("one", ROOM)
    await ada.exit(ROOM)
    await ben.exit(ROOM)
    await _direct(ben, "Ada")

    assert await ada.hear(m.Entered) == m.Entered(ROOM, "Ada")
    assert [line.text for line in (await ada.history(ROOM)).messages] == ["one"]


# --- the other one's account is deleted

_DELETED = "The account Ben was deleted. Nobody reads what is written to it."


async def _without_ben(server: RunningServer, *, exited: bool) -> Peer:
    """Return Ada, left alone in the room in which Ben said "Farewell!"."""
    ada, ben = await server.enter("Ada"), await server.connect()
    await ben.register("Ben")
    await _direct(ada, "Ben")
    await ben.join(ROOM)
    await ben.post("Farewell!", ROOM)
    await ada.post("And you?", ROOM)
    if exited:
        await ben.exit(ROOM)
    await ben.ask(m.DeleteAccount(PASSWORD, id=5))
    await ada.ping()
    ada.unread.clear()
    return ada


async def _says_that_he_is_gone(ada: Peer) -> None:
    requests: list[m.Request] = [
        ada.draft("Ben?", ROOM),
        m.Edit(ROOM, 2, "Ben!", "n1", id=ada.number()),
        m.React(ROOM, 1, "🍲", "n2", id=ada.number()),
        m.Typing(ROOM, id=ada.number()),
    ]
    for request in requests:
        refusal = await ada.refusal(request)
        assert (refusal.code, refusal.message) == (Code.FORBIDDEN, _DELETED)
    for by_name in m.Direct("ben", id=ada.number()), m.Block("ben", id=ada.number()):
        refusal = await ada.refusal(by_name)
        assert (refusal.code, refusal.message) == (Code.UNKNOWN_ACCOUNT, _DELETED)
    await ada.hear_nothing_else()


@pytest.mark.parametrize("exited", [False, True])
async def test_nothing_is_said_to_who_is_deleted_and_all_can_be_read_taken_back_and_left(
    server: RunningServer, *, exited: bool
) -> None:
    ada = await _without_ben(server, exited=exited)
    await _says_that_he_is_gone(ada)

    assert (await ada.join(ROOM)).peer == "Ben"
    assert [line.text for line in (await ada.history(ROOM)).messages] == ["Farewell!", "And you?"]
    await ada.delete(2, ROOM)
    await ada.exit(ROOM)
    assert await ada.code(m.Direct("Ben", id=1)) is Code.UNKNOWN_ACCOUNT


async def test_it_is_said_as_well_after_a_restart(storage: InlineStorage) -> None:
    async with running_server(storage) as server:
        await _without_ben(server, exited=False)
    async with running_server(storage) as server:
        await _says_that_he_is_gone(await server.enter("Ada"))


async def test_nobody_else_becomes_who_is_deleted_nor_gets_what_was_said_to_them(
    server: RunningServer,
) -> None:
    ada = await _without_ben(server, exited=False)
    other = await server.connect()
    for name in "Ben", "BEN", "ｂｅｎ":
        assert await other.code(m.Register(name, PASSWORD, id=other.number())) is Code.NAME_TAKEN
    await other.register("Ben2")

    assert await other.code(m.Join(ROOM, "", id=1)) is Code.WRONG_ROOM_OR_PASSWORD
    assert await other.code(m.History(ROOM, id=1)) is Code.NOT_A_MEMBER
    joined = await _direct(ada, "Ben2")
    assert joined.room != ROOM
    assert (await other.history(joined.room)).messages == []


async def test_who_is_deleted_while_a_room_with_them_is_made_is_known_to_be(
    storage: InlineStorage, faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    ada = await faulty_server.enter("Ada")
    await faulty_server.token("Ben")
    with faults.answers_held():
        await ada.send(m.Direct("Ben", id=1))
        await wait_all_tasks_blocked()
        await storage.write(lambda store: store.remove_account(2, 1))
        faulty_server.nursery.start_soon(faulty_server.services.direct_rooms.forget, 2)
        await wait_all_tasks_blocked()
    assert isinstance(await ada.reply_to(1), m.Joined)

    refusal = await ada.refusal(ada.draft("Ben?", ROOM))
    assert (refusal.code, refusal.message) == (Code.FORBIDDEN, _DELETED)


# --- many of them


async def test_however_many_there_are_nobody_is_kept_from_other_rooms(
    storage: InlineStorage,
) -> None:
    async with running_server(storage, Config(limits=Limits(rooms_per_account=1))) as server:
        ada = await server.enter("Ada")
        dag = await server.enter("Dag")
        password = await dag.create("cellar")
        for name in "Ben", "Cleo":
            await _direct(await server.enter(name), "Ada")
        await ada.create("kitchen")
        await _direct(ada, "Dag")

        assert await ada.code(m.Join("cellar", password, id=1)) is Code.FORBIDDEN
        await ada.exit("kitchen")
        await ada.join("cellar", password)
        admin = Administration(server.services, storage, lambda: 1)
        ben = await server.enter("Ben")
        await admin.set_room_owner("cellar", "Ben")
        assert (await ben.join("cellar")).owner == "Ben"


@pytest.fixture
def two_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(direct, "MAX_DIRECT", 2)


@pytest.mark.usefixtures("two_at_most")
@pytest.mark.parametrize("away", [False, True])
async def test_where_there_are_too_many_the_one_that_is_missed_least_is_set_aside(
    server: RunningServer, *, away: bool
) -> None:
    ada, ben, cleo = [await server.enter(name) for name in ("Ada", "Ben", "Cleo")]
    for peer in ben, cleo:
        await peer.post("hello", (await _direct(peer, "Ada")).room)
    await server.storage.write(lambda store: store.set_read({(1, 3): 1}))
    if away:
        await ada.aclose()
        await wait_all_tasks_blocked()
    await _direct(await server.enter("Dag"), "Ada")

    left = m.Left("@1-3", "Ada", reason="set aside among many, until somebody writes here again")
    assert await cleo.hear(m.Left) == left
    if not away:
        assert await ada.hear(m.Left) == left
        assert await ada.code(m.History("@1-3", id=1)) is Code.NOT_A_MEMBER
    ada = await server.connect()
    welcome = await ada.resume(await server.token("Ada"))
    assert [room.room for room in welcome.rooms] == ["general", "@1-2", "@1-4"]
    await cleo.post("Hello?", "@1-3")
    assert [posted.text for posted in await ada.hear_posted(1)] == ["Hello?"]


@pytest.mark.usefixtures("two_at_most")
async def test_who_was_set_aside_is_called_back_by_a_word_and_another_one_makes_room(
    server: RunningServer,
) -> None:
    ada, ben, cleo = [await server.enter(name) for name in ("Ada", "Ben", "Cleo")]
    for peer in ben, cleo:
        await peer.post("hello", (await _direct(peer, "Ada")).room)
    await _direct(await server.enter("Dag"), "Ada")
    assert (await ada.hear(m.Left)).room == "@1-2"
    await ben.post("still there?", "@1-2")

    assert (await ada.hear(m.Left)).room == "@1-4"  # where nothing was said
    assert [posted.text for posted in await ada.hear_posted(3)][2] == "still there?"
    joined = await ada.join("@1-2")
    assert (joined.peer, joined.last_seq, joined.unread) == ("Ben", 2, 1)


@pytest.mark.usefixtures("two_at_most")
async def test_one_that_two_would_set_aside_at_once_is_left_once(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    ada, *others = [
        await faulty_server.enter(name) for name in ("Ada", "Ben", "Cleo", "Dag", "Eli")
    ]
    for peer in others[:2]:
        await _direct(peer, "Ada")
    with faults.queries_held() as gate:
        for peer in others[2:]:
            await peer.send(m.Direct("Ada", id=1))
        await wait_all_tasks_blocked()
        gate.open_once()  # who Ada is; and then which of her rooms are too many
        await wait_all_tasks_blocked()
    for peer in others[2:]:
        assert isinstance(await peer.reply_to(1), m.Joined)

    for peer, left in (ada, ["@1-2", "@1-3"]), (others[0], ["@1-2"]), (others[1], ["@1-3"]):
        await peer.ping()
        assert [event.room for event in peer.unread if isinstance(event, m.Left)] == left


@pytest.mark.usefixtures("two_at_most")
async def test_many_who_write_at_once_leave_as_many_as_there_may_be(server: RunningServer) -> None:
    ada = await server.enter("Ada")
    peers = [await server.enter(f"guest{number}") for number in range(8)]
    for peer in peers:
        await peer.send(m.Direct("Ada", id=1))
    rooms = [await peer.grant(m.Direct("Ada", id=2), m.Joined) for peer in peers]

    await ada.ping()
    inside: list[str] = []
    for event in ada.unread:
        if isinstance(event, m.Entered) and event.name == "Ada":
            inside.append(event.room)
        elif isinstance(event, m.Left):
            inside.remove(event.room)
    assert len(inside) == 2
    welcome = await (await server.connect()).resume(await server.token("Ada"))
    assert sorted(room.room for room in welcome.rooms[1:]) == sorted(inside)
    assert {room.room for room in rooms} >= set(inside)


@pytest.mark.usefixtures("two_at_most")
async def test_one_that_is_just_being_made_is_left_to_whoever_makes_it(
    server: RunningServer,
) -> None:
    """It is on disk, and not yet among the rooms: in a busy server some are for a moment."""
    ben, cleo = await server.enter("Ben"), await server.enter("Cleo")
    for name in "Ada", "Dag":
        await server.token(name)
    await _direct(ben, "Ada")
    await server.storage.write(lambda store: store.open_direct(3, 4, 0))

    assert (await _direct(cleo, "Ada")).room == "@2-3"
    assert (await _direct(ben, "Cleo")).room == "@1-2"


@pytest.mark.usefixtures("two_at_most")
async def test_who_opens_one_and_hangs_up_leaves_nobody_in_too_many(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    ada, *others = [await faulty_server.enter(name) for name in ("Ada", "Ben", "Cleo", "Dag")]
    for peer in others[:2]:
        await _direct(peer, "Ada")
    with faults.answers_held():
        await others[2].send(m.Direct("Ada", id=1))
        await wait_all_tasks_blocked()
        faulty_server.services.registry.disconnect_account(4, "gone")
        await wait_all_tasks_blocked()
    await wait_all_tasks_blocked()

    assert await faulty_server.storage.read(lambda store: store.rooms_of(1)) == [1, 3, 4]
    assert (await ada.hear(m.Left)).room == "@1-2"


async def test_what_a_crash_has_left_of_too_many_is_set_aside_at_the_start(
    storage: InlineStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_server(storage) as server:
        await server.enter("Ada")
        for name in "Ben", "Cleo":
            await _direct(await server.enter(name), "Ada")
    monkeypatch.setattr(room, "MAX_DIRECT", 1)
    async with running_server(storage) as server:
        ada = await server.connect()
        welcome = await ada.resume(await server.token("Ada"))
        assert [info.room for info in welcome.rooms] == ["general", "@1-3"]
        ben = await server.enter("Ben")
        await ben.post("Still there?", "@1-2")
        assert await ada.hear(m.Entered) == m.Entered("@1-2", "Ada")


async def test_nobody_makes_many_at_once_however_often_they_come_back(
    server: RunningServer, autojump_clock: MockClock
) -> None:
    ada = await server.enter("Ada")
    for number in range(direct.MOST_OPENED + 2):
        await server.token(f"guest{number}")
    for number in range(direct.MOST_OPENED):
        await _direct(ada, f"guest{number}")
    other = await server.enter("Ada")
    last = direct.MOST_OPENED

    for peer in ada, other:
        refusal = await peer.refusal(m.Direct(f"guest{last}", id=1))
        assert (refusal.code, refusal.retry_after) == (Code.TOO_FAST, direct.OPENED_EVERY)
    await _direct(ada, "guest0")  # which there is
    await _direct(await server.enter("Ben"), f"guest{last}")  # others may
    await trio.sleep(direct.OPENED_EVERY)
    await _direct(other, f"guest{last}")
    assert await ada.code(m.Direct(f"guest{last + 1}", id=1)) is Code.TOO_FAST


# --- several devices


async def test_reading_it_on_one_device_clears_the_other(
    server: RunningServer, autojump_clock: MockClock
) -> None:
    ada, phone = await _pair(server)
    laptop = await server.enter("Ben")
    await ada.post("hello", ROOM)
    await phone.grant(m.Read(ROOM, 1, id=1), m.Ok)

    assert await laptop.hear(m.ReadTo) == m.ReadTo(ROOM, 1)


async def test_nothing_is_heard_of_it_before_welcome(server: RunningServer) -> None:
    ada = await server.enter("Ada")
    for turns in range(12):  # how far the other one has come when the room is opened
        name = f"guest{turns}"
        token = await server.token(name)
        guest = await server.connect()
        await guest.send(m.Resume(token, {}, id=1))
        await ada.send(m.Direct(name, id=ada.number()))
        for _ in range(turns):
            await ada.ping()
        await guest.hear(m.Welcome)  # and the peer fails where anything came before it
        await ada.post("hello", (await _direct(ada, name)).room)
        assert [event.text for event in await guest.hear_posted(1)] == ["hello"]
