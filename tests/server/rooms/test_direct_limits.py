"""However many direct messages there are, an account is in a bounded number of them."""

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from chat_server.admin.operations import Administration
from chat_server.config import Config, Limits
from chat_server.rooms import direct, directory
from chat_shared import messages as m
from chat_shared.errors import Code
from support.inline_storage import InlineStorage
from support.peer import Peer
from support.running_server import RunningServer, running_server
from support.store_faults import FaultyStorage


async def _direct(peer: Peer, name: str) -> m.Joined:
    return await peer.grant(m.Direct(name, id=peer.number()), m.Joined)


async def test_however_many_there_are_they_keep_nobody_from_other_rooms(
    storage: InlineStorage,
) -> None:
    async with running_server(storage, Config(limits=Limits(rooms_per_account=1))) as server:
        ada = await server.log_in("Ada")
        dag = await server.log_in("Dag")
        password = await dag.create("cellar")
        for name in "Ben", "Cleo":
            await _direct(await server.log_in(name), "Ada")
        await ada.create("kitchen")
        await _direct(ada, "Dag")

        assert await ada.code(m.Join("cellar", password, id=1)) is Code.FORBIDDEN
        await ada.exit("kitchen")
        await ada.join("cellar", password)
        admin = Administration(server.services, storage, lambda: 1)
        ben = await server.log_in("Ben")
        await admin.set_room_owner("cellar", "Ben")
        assert (await ben.join("cellar")).owner == "Ben"


@pytest.fixture
def two_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(direct, "MAX_DIRECT", 2)


@pytest.mark.usefixtures("two_at_most")
@pytest.mark.parametrize("away", [False, True])
async def test_beyond_the_limit_the_participant_leaves_the_one_they_miss_least(
    server: RunningServer, *, away: bool
) -> None:
    ada, ben, cleo = [await server.log_in(name) for name in ("Ada", "Ben", "Cleo")]
    for peer in ben, cleo:
        await peer.post("hello", (await _direct(peer, "Ada")).room)
    await server.storage.write(lambda store: store.set_read({(1, 3): 1}))
    if away:
        await ada.aclose()
        await wait_all_tasks_blocked()
    await _direct(await server.log_in("Dag"), "Ada")

    reason = "you have too many direct messages open; the next message reopens this one"
    left = m.Left("@1-3", "Ada", reason=reason)
    assert await cleo.expect(m.Left) == left
    if not away:
        assert await ada.expect(m.Left) == left
        assert await ada.code(m.History("@1-3", id=1)) is Code.NOT_A_MEMBER
    ada = await server.connect()
    welcome = await ada.resume(await server.token("Ada"))
    assert [room.room for room in welcome.rooms] == ["general", "@1-2", "@1-4"]
    await cleo.post("Hello?", "@1-3")
    assert [posted.text for posted in await ada.expect_posted(1)] == ["Hello?"]


@pytest.mark.usefixtures("two_at_most")
async def test_a_direct_message_that_was_left_returns_with_a_post_and_another_one_makes_room(
    server: RunningServer,
) -> None:
    ada, ben, cleo = [await server.log_in(name) for name in ("Ada", "Ben", "Cleo")]
    for peer in ben, cleo:
        await peer.post("hello", (await _direct(peer, "Ada")).room)
    await _direct(await server.log_in("Dag"), "Ada")
    assert (await ada.expect(m.Left)).room == "@1-2"
    await ben.post("still there?", "@1-2")

    assert (await ada.expect(m.Left)).room == "@1-4"  # where nothing was posted
    assert [posted.text for posted in await ada.expect_posted(3)][2] == "still there?"
    joined = await ada.join("@1-2")
    assert (joined.peer, joined.last_seq, joined.unread) == ("Ben", 2, 1)


@pytest.mark.usefixtures("two_at_most")
async def test_one_that_two_tasks_would_leave_at_once_is_left_once(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    ada, *others = [
        await faulty_server.log_in(name) for name in ("Ada", "Ben", "Cleo", "Dag", "Eli")
    ]
    for peer in others[:2]:
        await _direct(peer, "Ada")
    with faults.queries_held() as gate:
        for peer in others[2:]:
            await peer.send(m.Direct("Ada", id=1))
        await wait_all_tasks_blocked()
        gate.open_once()  # Ada's account; and then which of her rooms are too many
        await wait_all_tasks_blocked()
    for peer in others[2:]:
        assert isinstance(await peer.reply_to(1), m.Joined)

    for peer, left in (ada, ["@1-2", "@1-3"]), (others[0], ["@1-2"]), (others[1], ["@1-3"]):
        await peer.ping()
        assert [event.room for event in peer.unread if isinstance(event, m.Left)] == left


@pytest.mark.usefixtures("two_at_most")
async def test_many_who_open_one_at_once_leave_as_many_as_are_allowed(
    server: RunningServer,
) -> None:
    ada = await server.log_in("Ada")
    peers = [await server.log_in(f"guest{number}") for number in range(8)]
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
async def test_one_that_is_being_created_is_left_to_its_creator(
    server: RunningServer,
) -> None:
    """It is on disk and not yet in the directory: on a busy server some are for a moment."""
    ben, cleo = await server.log_in("Ben"), await server.log_in("Cleo")
    for name in "Ada", "Dag":
        await server.token(name)
    await _direct(ben, "Ada")
    await server.storage.write(lambda store: store.open_direct(3, 4, 0))

    assert (await _direct(cleo, "Ada")).room == "@2-3"
    assert (await _direct(ben, "Cleo")).room == "@1-2"


@pytest.mark.usefixtures("two_at_most")
async def test_a_connection_that_ends_while_it_opens_one_leaves_nobody_in_too_many(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    ada, *others = [await faulty_server.log_in(name) for name in ("Ada", "Ben", "Cleo", "Dag")]
    for peer in others[:2]:
        await _direct(peer, "Ada")
    with faults.answers_held():
        await others[2].send(m.Direct("Ada", id=1))
        await wait_all_tasks_blocked()
        faulty_server.services.registry.disconnect_account(4, "gone")
        await wait_all_tasks_blocked()
    await wait_all_tasks_blocked()

    assert await faulty_server.storage.read(lambda store: store.rooms_of(1)) == [1, 3, 4]
    assert (await ada.expect(m.Left)).room == "@1-2"


async def test_the_surplus_left_by_a_crash_is_removed_at_the_start(
    storage: InlineStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_server(storage) as server:
        await server.log_in("Ada")
        for name in "Ben", "Cleo":
            await _direct(await server.log_in(name), "Ada")
    monkeypatch.setattr(directory, "MAX_DIRECT", 1)
    async with running_server(storage) as server:
        ada = await server.connect()
        welcome = await ada.resume(await server.token("Ada"))
        assert [info.room for info in welcome.rooms] == ["general", "@1-3"]
        ben = await server.log_in("Ben")
        await ben.post("Still there?", "@1-2")
        assert await ada.expect(m.Entered) == m.Entered("@1-2", "Ada")


async def test_nobody_can_create_many_at_once_however_often_they_reconnect(
    server: RunningServer, autojump_clock: MockClock
) -> None:
    ada = await server.log_in("Ada")
    for number in range(direct.MAX_OPENED + 2):
        await server.token(f"guest{number}")
    for number in range(direct.MAX_OPENED):
        await _direct(ada, f"guest{number}")
    other = await server.log_in("Ada")
    last = direct.MAX_OPENED

    for peer in ada, other:
        refusal = await peer.refusal(m.Direct(f"guest{last}", id=1))
        assert (refusal.code, refusal.retry_after) == (Code.TOO_FAST, direct.OPENED_EVERY)
    await _direct(ada, "guest0")  # which exists
    await _direct(await server.log_in("Ben"), f"guest{last}")  # others can
    await trio.sleep(direct.OPENED_EVERY)
    await _direct(other, f"guest{last}")
    assert await ada.code(m.Direct(f"guest{last + 1}", id=1)) is Code.TOO_FAST


async def test_leaving_and_opening_again_is_paced_and_posting_is_not(
    server: RunningServer, autojump_clock: MockClock
) -> None:
    ada, ben = await server.log_in("Ada"), await server.log_in("Ben")
    room = (await _direct(ada, "Ben")).room
    for _ in range(direct.MAX_REOPENED):
        await ada.exit(room)
        await _direct(ada, "Ben")
    await ada.exit(room)
    refusal = await ada.refusal(m.Direct("Ben", id=1))

    assert refusal.code == Code.TOO_FAST
    assert 9 <= (refusal.retry_after or 0) <= direct.REOPENED_EVERY
    await ben.post("Are you there?", room)  # and she rejoins
    await _direct(ada, "Ben")
    await ben.exit(room)
    await ada.post("Where are you?", room)
    assert [posted.text for posted in await ben.expect_posted(2)][1] == "Where are you?"
    await ada.exit(room)
    await trio.sleep(direct.REOPENED_EVERY)
    await _direct(ada, "Ben")
