"""A room belongs to somebody as long as anybody is in it, whoever goes and however."""

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from chat_server.admin.operations import Administration
from chat_server.config import Config, Limits
from chat_server.errors import OperatorError
from chat_server.store.api import Transfer
from chat_shared import messages as m
from chat_shared.errors import Code, Refused
from support.inline_storage import InlineStorage
from support.kitchen import kitchen
from support.peer import PASSWORD, Peer
from support.running_server import RunningServer, running_server
from support.store_faults import FaultyStorage


@pytest.fixture
def admin(server: RunningServer) -> Administration:
    return Administration(server.services, server.storage, lambda: 1)


async def owner(peer: Peer, room: str = "kitchen") -> str:
    return (await peer.join(room)).owner


# --- handing over


async def test_a_room_is_handed_over_and_with_it_all_rights(
    server: RunningServer, storage: InlineStorage
) -> None:
    _, (ada, ben) = await kitchen(server, "Ben")

    await ada.grant(m.HandOver("kitchen", "BEN", id=1), m.Ok)

    assert await ben.receive() == m.Changed("Kitchen", "", "Ben")
    entry = (await ben.hear(m.Audited)).entry
    assert (entry.by, entry.action, entry.name) == ("Ada", "hand_over", "Ben")
    assert await ada.code(m.Topic("kitchen", "Mine", id=2)) is Code.FORBIDDEN
    await ben.grant(m.Topic("kitchen", "Bread", id=1), m.Ok)
    async with running_server(storage) as again:
        assert await owner(await again.enter("Ada")) == "Ben"


async def test_only_a_member_takes_a_room_over(server: RunningServer) -> None:
    _, (ada,) = await kitchen(server)
    await server.enter("Dag")

    assert await ada.code(m.HandOver("kitchen", "Dag", id=1)) is Code.FORBIDDEN
    assert await owner(ada) == "Ada"


async def test_nobody_is_muted_in_their_own_room(
    server: RunningServer, storage: InlineStorage
) -> None:
    _, (ada, ben) = await kitchen(server, "Ben")
    await ada.grant(m.Mute("kitchen", "Ben", id=1), m.Ok)
    await ada.grant(m.HandOver("kitchen", "Ben", id=2), m.Ok)

    await ben.post("Thank you.", "kitchen")
    assert await storage.read(lambda store: store.mutes(0)) == []


# --- exit


async def test_an_owner_who_exits_leaves_the_room_to_whom_they_name(
    server: RunningServer, storage: InlineStorage
) -> None:
    _, (ada, ben, cleo) = await kitchen(server, "Ben", "Cleo")

    await ada.grant(m.Exit("kitchen", "cleo", id=1), m.Ok)

    assert [await ben.receive() for _ in range(2)] == [
        m.Left("Kitchen", "Ada"),
        m.Changed("Kitchen", "", "Cleo"),
    ]
    entry = (await ben.hear(m.Audited)).entry
    assert (entry.by, entry.action, entry.name) == ("Ada", "exit", "Cleo")
    assert await ada.receive() == m.Left("Kitchen", "Ada")
    await ada.hear_nothing_else()
    await cleo.grant(m.Topic("kitchen", "Bread", id=1), m.Ok)
    async with running_server(storage) as again:
        assert await owner(await again.enter("Ben")) == "Cleo"


async def test_who_names_nobody_leaves_it_to_the_oldest_member(server: RunningServer) -> None:
    _, (ada, ben, _cleo) = await kitchen(server, "Ben", "Cleo")

    await ada.exit("kitchen")

    assert await owner(ben) == "Ben"


async def test_where_nobody_is_left_the_room_stays_and_is_nobodys(server: RunningServer) -> None:
    password, (ada,) = await kitchen(server)

    await ada.exit("kitchen")

    ben = await server.enter("Ben")
    assert (await ben.join("kitchen", password)).owner == ""
    assert await ben.code(m.Topic("kitchen", "Mine?", id=1)) is Code.FORBIDDEN


@pytest.mark.parametrize(
    ("heir", "code"),
    [
        ("Nemo", Code.UNKNOWN_ACCOUNT),
        ("Dag", Code.FORBIDDEN),  # who is not in the room
        ("ada", Code.FORBIDDEN),
    ],
)
async def test_an_heir_must_be_another_member(server: RunningServer, heir: str, code: Code) -> None:
    _, (ada, ben) = await kitchen(server, "Ben")
    await server.enter("Dag")

    assert await ada.code(m.Exit("kitchen", heir, id=1)) is code

    await ben.hear_nothing_else()
    assert await owner(ada) == "Ada"


async def test_who_exits_on_two_devices_at_the_same_time_leaves_once(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    _, (ada, ben) = await kitchen(faulty_server, "Ben")
    laptop = await faulty_server.enter("Ben")
    with faults.commits_held():
        for device in ben, laptop:
            await device.send(m.Exit("kitchen", id=1))
        await wait_all_tasks_blocked()

    for device in ben, laptop:
        assert isinstance(await device.reply_to(1), m.Ok)
    assert await ada.receive() == m.Left("Kitchen", "Ben")
    await ada.hear_nothing_else()


async def test_whoever_owns_nothing_leaves_it_to_nobody(server: RunningServer) -> None:
    _, (_, ben, _cleo) = await kitchen(server, "Ben", "Cleo")

    assert await ben.code(m.Exit("kitchen", "Cleo", id=1)) is Code.FORBIDDEN
    await ben.exit("kitchen")


async def test_whoever_is_made_the_owner_while_they_exit_leaves_it_to_another(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    _, (ada, ben, cleo) = await kitchen(faulty_server, "Ben", "Cleo")
    with faults.answers_held() as gate:
        await ada.send(m.HandOver("kitchen", "Ben", id=1))
        await gate.wait_reached()
        await ben.send(m.Exit("kitchen", id=1))
        await wait_all_tasks_blocked()

    assert isinstance(await ada.reply_to(1), m.Ok)
    assert isinstance(await ben.reply_to(1), m.Ok)
    assert await owner(cleo) == "Ada"


# --- accounts that are deleted


async def test_a_deleted_account_leaves_its_rooms_to_their_oldest_members(
    server: RunningServer, storage: InlineStorage
) -> None:
    ada, ben = await server.connect(), await server.enter("Ben")
    await ada.register("Ada")
    await ben.join("kitchen", await ada.create("kitchen"))
    await ada.create("closet")
    ben.unread.clear()

    await ada.grant(m.DeleteAccount(PASSWORD, id=1), m.Ok)
    await ada.hear(m.Bye)

    assert (await ben.hear(m.Changed)) == m.Changed("kitchen", "", "Ben")
    await ben.grant(m.Topic("kitchen", "Mine", id=1), m.Ok)
    async with running_server(storage) as again:
        assert await owner(await again.enter("Ben")) == "Ben"


async def test_an_account_that_the_operator_deletes_does_as_well(
    server: RunningServer, admin: Administration
) -> None:
    _, (_, ben) = await kitchen(server, "Ben")

    await admin.delete_account("Ada")

    assert await ben.hear(m.Left) == m.Left("general", "Ada")
    assert await ben.hear(m.Changed) == m.Changed("Kitchen", "", "Ben")


async def test_what_was_given_to_somebody_else_meanwhile_stays_theirs(
    server: RunningServer,
) -> None:
    _, (ada, ben) = await kitchen(server, "Ben")

    await server.services.succession.follow("Cleo", [Transfer(2, 2, "Ben")])

    await ben.hear_nothing_else()
    assert await owner(ada) == "Ada"


# --- the operator


async def test_the_operator_gives_a_room_to_somebody_who_is_in_it_from_then_on(
    server: RunningServer, admin: Administration, storage: InlineStorage
) -> None:
    _, (ada, ben) = await kitchen(server, "Ben")
    await ada.exit("kitchen")
    await ben.exit("kitchen")
    for peer in ada, ben:
        peer.unread.clear()

    await admin.set_room_owner("KITCHEN", "ben")

    assert await ben.receive() == m.Entered("Kitchen", "Ben")
    assert await ben.receive() == m.Changed("Kitchen", "", "Ben")
    await ada.hear_nothing_else()
    await ben.grant(m.Topic("kitchen", "Bread", id=1), m.Ok)
    async with running_server(storage) as again:
        assert await owner(await again.enter("Ben")) == "Ben"


async def test_a_member_is_given_the_room_without_a_second_entering(
    server: RunningServer, admin: Administration
) -> None:
    _, (ada, ben) = await kitchen(server, "Ben")
    await ben.aclose()
    await wait_all_tasks_blocked()

    await admin.set_room_owner("kitchen", "Ben")

    assert await ada.receive() == m.Changed("Kitchen", "", "Ben")
    await ada.hear_nothing_else()


async def test_whoever_is_out_is_announced_and_neither_banned_nor_muted_any_more(
    server: RunningServer, admin: Administration
) -> None:
    _, (ada, ben) = await kitchen(server, "Ben")
    await ada.grant(m.Mute("kitchen", "Ben", id=1), m.Ok)
    await ada.grant(m.Ban("kitchen", "Ben", id=2), m.Ok)
    await ben.aclose()
    await wait_all_tasks_blocked()
    await ada.ping()
    ada.unread.clear()

    await admin.set_room_owner("kitchen", "Ben")

    assert await ada.receive() == m.Entered("Kitchen", "Ben")
    ben = await server.enter("Ben")
    await ben.post("Mine.", "kitchen")


async def test_some_rooms_are_nobodys(server: RunningServer, admin: Administration) -> None:
    await server.enter("Ada")
    await server.storage.write(lambda store: store.add_unowned_room("@1-2", "@1-2", "", 1))
    await server.services.rooms.load()

    for room, sentence in (
        ("general", "The general room has no owner"),
        ("@1-2", "Direct messages have no owner"),
    ):
        with pytest.raises(OperatorError, match=sentence):
            await admin.set_room_owner(room, "Ada")
    with pytest.raises(OperatorError, match="no room named nowhere"):
        await admin.set_room_owner("nowhere", "Ada")
    with pytest.raises(OperatorError, match="no account named Nemo"):
        await admin.set_room_owner("general", "Nemo")


async def test_nobody_is_given_one_room_too_many(storage: InlineStorage) -> None:
    async with running_server(storage, Config(limits=Limits(rooms_per_account=1))) as server:
        await kitchen(server)
        ben = await server.enter("Ben")
        await ben.create("cellar")
        admin = Administration(server.services, storage, lambda: 1)

        with pytest.raises(Refused, match="as many rooms as one may be"):
            await admin.set_room_owner("kitchen", "Ben")


async def test_a_room_is_given_or_deleted_and_not_both(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    _, (ada,) = await kitchen(faulty_server)
    await faulty_server.enter("Ben")
    admin = Administration(faulty_server.services, faults, lambda: 1)
    refused: list[str] = []

    async def give() -> None:
        try:
            await admin.set_room_owner("kitchen", "Ben")
        except Refused as exc:
            refused.append(exc.message)

    async with trio.open_nursery() as nursery:
        with faults.commits_held() as gate:
            await ada.send(m.DeleteRoom("kitchen", id=1))
            await gate.wait_reached()
            nursery.start_soon(give)
            await wait_all_tasks_blocked()

    assert refused == ["There is no room called Kitchen any more."]
