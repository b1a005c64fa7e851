"""Deleting a room: it is gone for all members, and its name is free."""

import trio
from trio.testing import wait_all_tasks_blocked

from chat_server.admin.operations import Administration
from chat_server.config import Config, Limits
from chat_server.store.api import Store
from chat_shared import messages as m
from chat_shared.errors import Code
from support.inline_storage import InlineStorage
from support.kitchen import kitchen
from support.running_server import RunningServer, running_server
from support.store_faults import FaultyStorage


async def welcome(server: RunningServer, name: str) -> m.Welcome:
    token = await server.token(name)
    return await (await server.connect()).resume(token)


async def test_a_deleted_room_is_gone_for_all_and_its_name_is_free(
    server: RunningServer, storage: InlineStorage
) -> None:
    password, (ada, ben) = await kitchen(server, "Ben")
    laptop = await server.log_in("Ben")

    await ada.ok(m.DeleteRoom("kitchen", id=1))

    assert await ada.expect(m.Left) == m.Left("Kitchen", "Ada", "Ada", action="delete_room")
    for device in ben, laptop:
        assert await device.receive() == m.Left("Kitchen", "Ben", "Ada", action="delete_room")
        await device.expect_nothing_more()
        assert await device.code(device.draft("x", "kitchen")) is Code.NOT_A_MEMBER
        assert await device.code(m.Join("kitchen", password, id=2)) is Code.WRONG_ROOM_OR_PASSWORD
    assert await ada.code(m.DeleteRoom("kitchen", id=3)) is Code.NOT_A_MEMBER
    async with running_server(storage) as again:
        assert [room.room for room in (await welcome(again, "Ben")).rooms] == ["general"]
    await ben.create("kitchen")


async def test_a_deleted_room_no_longer_counts_against_the_limit(storage: InlineStorage) -> None:
    async with running_server(storage, Config(limits=Limits(rooms_per_account=1))) as server:
        _, (ada, ben) = await kitchen(server, "Ben")
        await ada.ok(m.DeleteRoom("kitchen", id=1))

        for peer, room in (ada, "attic"), (ben, "cellar"):
            await peer.create(room)


async def test_owner_and_operator_can_delete_a_room_at_the_same_time(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    _, (ada,) = await kitchen(faulty_server)
    admin = Administration(faulty_server.services, faults, lambda: 1)
    async with trio.open_nursery() as nursery:
        with faults.commits_held() as gate:
            await ada.send(m.DeleteRoom("kitchen", id=1))
            await gate.wait_reached()
            nursery.start_soon(admin.delete_room, "kitchen")
            await wait_all_tasks_blocked()

    assert isinstance(await ada.reply_to(1), m.Ok)
    assert await ada.expect(m.Left) == m.Left("Kitchen", "Ada", "Ada", action="delete_room")
    await ada.expect_nothing_more()


async def test_a_nonce_is_known_while_a_message_of_its_deleted_room_is_kept(
    server: RunningServer,
) -> None:
    _, (ada, _ben) = await kitchen(server, "Ben")
    await ada.post("hello", "kitchen", nonce="n")
    sent = server.services.rooms.deliveries
    await ada.ok(m.DeleteRoom("kitchen", id=1))

    assert (await ada.post("hello", nonce="n")).room == "Kitchen"
    await server.storage.write(_purge_all)
    assert server.services.rooms.deliveries == sent
    assert (await ada.post("hello", nonce="n")).room == "general"


def _purge_all(store: Store) -> None:
    while store.purge_removed_rooms(2**60, 500):
        pass
