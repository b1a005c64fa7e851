"""A room that nobody is in and in which nothing was ever posted is deleted; no other is."""

import trio
from trio.testing import wait_all_tasks_blocked

from chat_server.config import Config, Limits
from chat_server.store.api import AuditDraft
from chat_shared import messages as m
from chat_shared.errors import Code
from support.kitchen import kitchen
from support.peer import PASSWORD
from support.running_server import RunningServer, running_server
from support.store_faults import FaultyStorage


async def _rooms(server: RunningServer) -> list[str]:
    records = await server.storage.read(lambda store: store.rooms())
    return [record.name for record in records if not record.removed]


# --- leaving


async def test_an_unused_room_goes_with_its_last_member_and_its_name_is_free(
    server: RunningServer,
) -> None:
    password, (ada, ben) = await kitchen(server, "Ben")
    await ada.exit("kitchen")
    assert (await ben.join("kitchen")).owner == "Ben"
    await ben.exit("kitchen")

    assert await _rooms(server) == ["general"]
    request = m.Join("kitchen", password, id=1)
    assert await ada.code(request) is Code.WRONG_ROOM_OR_PASSWORD
    await ada.create("kitchen")


async def test_a_room_with_messages_stays_for_those_who_know_its_password(
    server: RunningServer,
) -> None:
    password, (ada,) = await kitchen(server)
    await ada.post("soup", "kitchen")
    await ada.exit("kitchen")

    ben = await server.log_in("Ben")
    await ben.join("kitchen", password)
    assert [line.text for line in (await ben.history("kitchen")).messages] == ["soup"]


async def test_a_direct_message_that_both_have_left_stays(server: RunningServer) -> None:
    ada, ben = await server.log_in("Ada"), await server.log_in("Ben")
    room = (await ada.grant(m.Direct("Ben", id=1), m.Joined)).room
    for peer in (ada, ben):
        await peer.exit(room)

    assert await _rooms(server) == ["general", room]


async def test_nobody_can_leave_general_which_stays_without_accounts(
    server: RunningServer,
) -> None:
    ada = await server.connect()
    await ada.register("Ada")
    assert await ada.code(m.Exit("general", id=1)) is Code.CANNOT_EXIT_GENERAL

    await ada.grant(m.DeleteAccount(PASSWORD, id=2), m.Ok)
    assert await _rooms(server) == ["general"]


async def test_unused_rooms_go_with_the_account_even_if_its_connection_ends_meanwhile(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    ada = await faulty_server.connect()
    await ada.register("Ada")
    for room in ("kitchen", "cellar", "attic"):
        await ada.create(room)
    await ada.post("soup", "attic")
    with faults.answers_held() as gate:
        await ada.send(m.DeleteAccount(PASSWORD, id=1))
        for _ in range(4):  # the attempt and its success, the account, and the first room
            await gate.wait_reached()
            gate.open_once()
        faulty_server.services.registry.disconnect_all("everybody out")
        await wait_all_tasks_blocked()
    await wait_all_tasks_blocked()

    assert await _rooms(faulty_server) == ["general", "attic"]


async def test_a_room_to_which_a_program_posts_while_its_last_member_leaves_stays(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    _, (ada,) = await kitchen(faulty_server)
    request = m.CreateHook(room="kitchen", name="builds", id=ada.number())
    hook = await ada.grant(request, m.HookCreated)
    program = await faulty_server.connect()
    await program.grant(m.OpenHook(hook.code, id=1), m.HookOpened)
    with faults.answers_held() as gate:
        await program.send(program.draft("green", "Kitchen"))
        await gate.wait_reached()  # on disk, and not published yet
        gate.let_others_pass()
        await ada.send(m.Exit("kitchen", id=ada.number()))
        await wait_all_tasks_blocked()

    await program.expect(m.Accepted)
    await wait_all_tasks_blocked()
    assert await _rooms(faulty_server) == ["general", "Kitchen"]


async def test_a_room_that_somebody_is_just_joining_stays(
    server: RunningServer, nursery: trio.Nursery
) -> None:
    await kitchen(server)
    await server.log_in("Ben")
    services = server.services
    ada, ben = sorted(services.registry.online_accounts, key=lambda account: account.name)
    room = services.rooms.find("kitchen")
    assert room is not None
    draft = AuditDraft(room.id, ada.id, "exit", 1)
    await server.storage.write(lambda store: store.leave(draft, None))
    async with room.lock:  # as `join` does
        nursery.start_soon(services.membership.remove_unused, [room])
        await wait_all_tasks_blocked()
        await server.storage.write(lambda store: store.add_member(room.id, ben.id, 1))
    await wait_all_tasks_blocked()

    assert await _rooms(server) == ["general", "Kitchen"]


# --- joining from two devices


async def test_an_account_that_joins_on_two_devices_at_once_joins_once(
    server: RunningServer,
) -> None:
    password, (ada,) = await kitchen(server)
    devices = [await server.log_in("Ben") for _ in range(2)]
    async with trio.open_nursery() as nursery:
        for device in devices:
            nursery.start_soon(device.join, "kitchen", password)

    await ada.ping()
    entered = [event for event in ada.unread if isinstance(event, m.Entered)]
    assert [event.name for event in entered if event.room == "Kitchen"] == ["Ben"]


async def test_two_devices_that_join_two_rooms_at_once_get_no_further_than_the_limit(
    faults: FaultyStorage,
) -> None:
    limits = Limits(rooms_per_account=1)
    async with running_server(faults, Config(limits=limits)) as server:
        codes = {}  # invitations, for which nothing is hashed
        for name, room in (("Ada", "kitchen"), ("Cleo", "cellar")):
            owner = await server.log_in(name)
            await owner.create(room)
            codes[room] = (await owner.grant(m.Invite(room, id=1), m.RoomInvite)).code
        phone, laptop = [await server.log_in("Ben") for _ in codes]
        with faults.answers_held() as gate:
            await phone.send(m.Join("kitchen", codes["kitchen"], id=1))
            for _ in range(2):  # the attempt, and its success
                await gate.wait_reached()
                gate.open_once()
            await gate.wait_reached()  # a member on disk
            gate.let_others_pass()
            await laptop.send(m.Join("cellar", codes["cellar"], id=1))
            await wait_all_tasks_blocked()

        assert isinstance(await phone.reply_to(1), m.Joined)
        refusal = await laptop.reply_to(1)
    assert isinstance(refusal, m.Error)
    assert refusal.code == Code.FORBIDDEN
