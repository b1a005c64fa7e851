"""A room has an owner as long as it has members, however its owner leaves."""

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


async def test_a_room_is_handed_over_with_all_rights(
    server: RunningServer, storage: InlineStorage
) -> None:
    _, (ada, ben) = await kitchen(server, "Ben")

    await ada.grant(m.HandOver("kitchen", "BEN", id=1), m.Ok)

    assert await ben.receive() == m.Changed("Kitchen", "", "Ben")
    entry = (await ben.expect(m.Audited)).entry
    assert (entry.by, entry.action, entry.name) == ("Ada", "hand_over", "Ben")
    assert await ada.code(m.Topic("kitchen", "Mine", id=2)) is Code.FORBIDDEN
    await ben.grant(m.Topic("kitchen", "Bread", id=1), m.Ok)
    async with running_server(storage) as again:
        assert await owner(await again.log_in("Ada")) == "Ben"


async def test_only_a_member_can_become_the_owner(server: RunningServer) -> None:
    _, (ada,) = await kitchen(server)
    await server.log_in("Dag")

    assert await ada.code(m.HandOver("kitchen", "Dag", id=1)) is Code.FORBIDDEN
    assert await owner(ada) == "Ada"


async def test_an_owner_is_not_muted(server: RunningServer, storage: InlineStorage) -> None:
    _, (ada, ben) = await kitchen(server, "Ben")
    await ada.grant(m.Mute("kitchen", "Ben", id=1), m.Ok)
    await ada.grant(m.HandOver("kitchen", "Ben", id=2), m.Ok)

    await ben.post("Thank you.", "kitchen")
    assert await storage.read(lambda store: store.mutes()) == []


# --- leaving


async def test_an_owner_who_leaves_can_name_the_next_owner(
    server: RunningServer, storage: InlineStorage
) -> None:
    _, (ada, ben, cleo) = await kitchen(server, "Ben", "Cleo")

    await ada.grant(m.Exit("kitchen", "cleo", id=1), m.Ok)

    assert [await ben.receive() for _ in range(2)] == [
        m.Left("Kitchen", "Ada"),
        m.Changed("Kitchen", "", "Cleo"),
    ]
    entry = (await ben.expect(m.Audited)).entry
    assert (entry.by, entry.action, entry.name) == ("Ada", "exit", "Cleo")
    assert await ada.receive() == m.Left("Kitchen", "Ada")
    await ada.expect_nothing_more()
    await cleo.grant(m.Topic("kitchen", "Bread", id=1), m.Ok)
    async with running_server(storage) as again:
        assert await owner(await again.log_in("Ben")) == "Cleo"


async def test_without_a_named_successor_the_oldest_member_becomes_the_owner(
    server: RunningServer,
) -> None:
    _, (ada, ben, _cleo) = await kitchen(server, "Ben", "Cleo")

    await ada.exit("kitchen")

    assert await owner(ben) == "Ben"


async def test_a_room_with_messages_but_without_members_stays_and_has_no_owner(
    server: RunningServer,
) -> None:
    password, (ada,) = await kitchen(server)
    await ada.post("Soup?", "kitchen")

    await ada.exit("kitchen")

    ben = await server.log_in("Ben")
    assert (await ben.join("kitchen", password)).owner == ""
    assert await ben.code(m.Topic("kitchen", "Mine?", id=1)) is Code.FORBIDDEN


@pytest.mark.parametrize(
    ("successor", "code"),
    [
        ("Nemo", Code.UNKNOWN_ACCOUNT),
        ("Dag", Code.FORBIDDEN),  # not a member of the room
        ("ada", Code.FORBIDDEN),
    ],
)
async def test_a_successor_must_be_another_member(
    server: RunningServer, successor: str, code: Code
) -> None:
    _, (ada, ben) = await kitchen(server, "Ben")
    await server.log_in("Dag")

    assert await ada.code(m.Exit("kitchen", successor, id=1)) is code

    await ben.expect_nothing_more()
    assert await owner(ada) == "Ada"


async def test_leaving_on_two_devices_at_once_happens_once(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    _, (ada, ben) = await kitchen(faulty_server, "Ben")
    laptop = await faulty_server.log_in("Ben")
    with faults.commits_held():
        for device in ben, laptop:
            await device.send(m.Exit("kitchen", id=1))
        await wait_all_tasks_blocked()

    for device in ben, laptop:
        assert isinstance(await device.reply_to(1), m.Ok)
    assert await ada.receive() == m.Left("Kitchen", "Ben")
    await ada.expect_nothing_more()


async def test_a_member_who_is_not_the_owner_cannot_name_a_successor(server: RunningServer) -> None:
    _, (_, ben, _cleo) = await kitchen(server, "Ben", "Cleo")

    assert await ben.code(m.Exit("kitchen", "Cleo", id=1)) is Code.FORBIDDEN
    await ben.exit("kitchen")


async def test_a_member_made_the_owner_while_leaving_transfers_the_room(
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


# --- deleted accounts


async def test_the_rooms_of_a_deleted_account_go_to_their_oldest_members(
    server: RunningServer, storage: InlineStorage
) -> None:
    ada, ben = await server.connect(), await server.log_in("Ben")
    await ada.register("Ada")
    await ben.join("kitchen", await ada.create("kitchen"))
    await ada.create("closet")
    ben.unread.clear()

    await ada.grant(m.DeleteAccount(PASSWORD, id=1), m.Ok)
    await ada.expect(m.Bye)

    assert (await ben.expect(m.Changed)) == m.Changed("kitchen", "", "Ben")
    await ben.grant(m.Topic("kitchen", "Mine", id=1), m.Ok)
    async with running_server(storage) as again:
        assert await owner(await again.log_in("Ben")) == "Ben"


async def test_the_same_holds_when_the_operator_deletes_it(
    server: RunningServer, admin: Administration
) -> None:
    _, (_, ben) = await kitchen(server, "Ben")

    await admin.delete_account("Ada")

    assert await ben.expect(m.Left) == m.Left("general", "Ada")
    assert await ben.expect(m.Changed) == m.Changed("Kitchen", "", "Ben")


async def test_a_room_that_changed_hands_meanwhile_stays_with_its_new_owner(
    server: RunningServer,
) -> None:
    _, (ada, ben) = await kitchen(server, "Ben")

    await server.services.ownership.apply_transfers("Cleo", [Transfer(2, 2, "Ben")])

    await ben.expect_nothing_more()
    assert await owner(ada) == "Ada"


# --- the operator


async def test_the_operator_can_assign_a_room_to_an_account_that_then_is_a_member(
    server: RunningServer, admin: Administration, storage: InlineStorage
) -> None:
    _, (ada, ben) = await kitchen(server, "Ben")
    await ada.post("Soup?", "kitchen")
    await ben.expect_posted(1)
    await ada.exit("kitchen")
    await ben.exit("kitchen")
    for peer in ada, ben:
        peer.unread.clear()

    await admin.set_room_owner("KITCHEN", "ben")

    assert await ben.receive() == m.Entered("Kitchen", "Ben")
    assert await ben.receive() == m.Changed("Kitchen", "", "Ben")
    await ada.expect_nothing_more()
    await ben.grant(m.Topic("kitchen", "Bread", id=1), m.Ok)
    async with running_server(storage) as again:
        assert await owner(await again.log_in("Ben")) == "Ben"


async def test_a_member_is_assigned_the_room_without_joining_again(
    server: RunningServer, admin: Administration
) -> None:
    _, (ada, ben) = await kitchen(server, "Ben")
    await ben.aclose()
    await wait_all_tasks_blocked()

    await admin.set_room_owner("kitchen", "Ben")

    assert await ada.receive() == m.Changed("Kitchen", "", "Ben")
    await ada.expect_nothing_more()


async def test_an_offline_account_is_announced_and_no_longer_banned_or_muted(
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
    ben = await server.log_in("Ben")
    await ben.post("Mine.", "kitchen")


async def test_some_rooms_never_have_an_owner(server: RunningServer, admin: Administration) -> None:
    await server.log_in("Ada")
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


async def test_the_limit_of_rooms_holds_for_assigned_ones_too(storage: InlineStorage) -> None:
    async with running_server(storage, Config(limits=Limits(rooms_per_account=1))) as server:
        await kitchen(server)
        ben = await server.log_in("Ben")
        await ben.create("cellar")
        admin = Administration(server.services, storage, lambda: 1)

        with pytest.raises(Refused, match="Ben can't join more rooms"):
            await admin.set_room_owner("kitchen", "Ben")


async def test_a_room_is_either_assigned_or_deleted(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    _, (ada,) = await kitchen(faulty_server)
    await faulty_server.log_in("Ben")
    admin = Administration(faulty_server.services, faults, lambda: 1)
    refused: list[str] = []

    async def assign() -> None:
        try:
            await admin.set_room_owner("kitchen", "Ben")
        except Refused as exc:
            refused.append(exc.message)

    async with trio.open_nursery() as nursery:
        with faults.commits_held() as gate:
            await ada.send(m.DeleteRoom("kitchen", id=1))
            await gate.wait_reached()
            nursery.start_soon(assign)
            await wait_all_tasks_blocked()

    assert refused == ["The room Kitchen was deleted."]
