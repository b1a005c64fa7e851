"""Direct messages are in memory only while they are used, and nobody notices."""

import trio
from trio.testing import wait_all_tasks_blocked

from chat_server.admin.operations import Administration
from chat_shared import messages as m
from chat_shared.errors import Code
from support.inline_storage import InlineStorage
from support.peer import Peer
from support.running_server import RunningServer, running_server
from support.store_faults import FaultyStorage


async def _direct(peer: Peer, name: str) -> str:
    return (await peer.grant(m.Direct(name, id=peer.number()), m.Joined)).room


async def _quit(*peers: Peer) -> None:
    for peer in peers:
        await peer.aclose()
    await wait_all_tasks_blocked()


async def _forget(server: RunningServer, times: int = 2) -> None:
    for _ in range(times):
        await server.services.rooms.forget_unused(server.services.is_in_use)


def _is_in_memory(server: RunningServer, name: str) -> bool:
    return server.services.rooms.find(name) is not None


async def test_what_both_have_left_unused_is_forgotten_and_there_again_with_either(
    server: RunningServer,
) -> None:
    ada, ben = [await server.log_in(name) for name in ("Ada", "Ben")]
    room = await _direct(ada, "Ben")
    await ada.post("one", room)
    sent = server.services.rooms.deliveries
    await _quit(ada, ben)

    await _forget(server, times=1)
    assert _is_in_memory(server, room)  # something may still be going on there
    await _forget(server, times=1)
    assert not _is_in_memory(server, room)
    assert server.services.rooms.deliveries == sent

    ben = await server.log_in("Ben")
    assert (await ben.post("two", room)).seq == 2
    ada = await server.connect()
    welcome = await ada.resume(await server.token("Ada"), {})
    assert [info.last_seq for info in welcome.rooms if info.room == room] == [2]
    await ben.post("three", room)
    assert (await ada.expect(m.Posted)).seq == 3


async def test_while_one_is_online_it_stays(server: RunningServer) -> None:
    ada, ben = [await server.log_in(name) for name in ("Ada", "Ben")]
    room = await _direct(ada, "Ben")
    await _quit(ada)
    await _forget(server, times=3)
    assert _is_in_memory(server, room)

    await _quit(ben)
    await _forget(server, times=1)
    await _quit(await server.log_in("Ben"))
    await _forget(server, times=1)
    assert _is_in_memory(server, room)  # used since the last time


async def test_while_it_changes_or_a_message_is_being_stored_it_stays(
    faulty_server: RunningServer, faults: FaultyStorage
) -> None:
    ada, ben = [await faulty_server.log_in(name) for name in ("Ada", "Ben")]
    name = await _direct(ada, "Ben")
    room = faulty_server.services.rooms.find(name)
    assert room is not None
    with faults.commits_held() as gate:
        await ada.send(ada.draft("kept", name))
        await _quit(ada, ben)
        await _forget(faulty_server, times=3)
        assert _is_in_memory(faulty_server, name)
        gate.open_once()
    await wait_all_tasks_blocked()

    async with room.lock:
        await _forget(faulty_server, times=3)
        assert _is_in_memory(faulty_server, name)
    await _forget(faulty_server)
    assert not _is_in_memory(faulty_server, name)


async def test_after_a_restart_only_those_of_people_online_are_read(
    storage: InlineStorage,
) -> None:
    async with running_server(storage) as server:
        ada, ben, cleo = [await server.log_in(name) for name in ("Ada", "Ben", "Cleo")]
        rooms = [await _direct(ada, "Ben"), await _direct(ben, "Cleo")]
        await cleo.post("hello", rooms[1])
    async with running_server(storage) as server:
        await server.log_in("Ada")
        assert [_is_in_memory(server, name) for name in rooms] == [True, False]
        cleo = await server.log_in("Cleo")
        assert (await cleo.post("again", rooms[1])).seq == 2


async def test_what_is_decided_about_a_forgotten_one_holds(server: RunningServer) -> None:
    """By its participants, who may come and go, and by the operator."""
    ada, ben = [await server.log_in(name) for name in ("Ada", "Ben")]
    room = await _direct(ada, "Ben")
    await ben.exit(room)
    await _quit(ada, ben)
    await _forget(server)

    ben = await server.log_in("Ben")
    assert not _is_in_memory(server, room)  # which Ben is no member of any more
    await ben.grant(m.Block("Ada", id=1), m.Ok)
    ada = await server.log_in("Ada")
    assert await ada.code(ada.draft("hello", room)) is Code.FORBIDDEN
    await ben.grant(m.Unblock("Ada", id=2), m.Ok)
    await ada.post("hello", room)
    assert (await ben.expect(m.Entered)).room == room

    await _quit(ada, ben)
    await _forget(server)
    admin = Administration(server.services, server.storage, lambda: 1)
    await admin.delete_account("Ada")
    ben = await server.log_in("Ben")
    assert await ben.code(ben.draft("hello", room)) is Code.FORBIDDEN
    await _quit(ben)
    await _forget(server)
    await admin.delete_room(room)
    ben = await server.connect()
    welcome = await ben.resume(await server.token("Ben"), {})
    assert [info.room for info in welcome.rooms] == ["general"]


async def test_one_that_is_read_by_two_at_once_is_one_room(
    faulty_server: RunningServer, faults: FaultyStorage
) -> None:
    ada, ben = [await faulty_server.log_in(name) for name in ("Ada", "Ben")]
    name = await _direct(ada, "Ben")
    await _quit(ada, ben)
    await _forget(faulty_server)
    rooms, found = faulty_server.services.rooms, []

    async def find() -> None:
        found.append(await rooms.find_direct(name))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(find)
        nursery.start_soon(find)
        nursery.start_soon(rooms.load_direct, 1)
    assert found[0] is found[1] is rooms.find(name)
