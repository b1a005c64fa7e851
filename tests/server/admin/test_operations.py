"""The operator's actions take effect at once, on disk and on connected clients."""

from contextlib import closing
from pathlib import Path

import apsw
import pytest
import trio
import trio.testing

from chat_server.accounts.codes import code_digest
from chat_server.admin.operations import Administration
from chat_server.config import Config
from chat_server.errors import OperatorError
from chat_server.services import build_services
from chat_server.store.api import GENERAL_ROOM
from chat_server.store.sqlite.storage import open_storage
from chat_shared import messages as m
from chat_shared.errors import Code
from support.inline_storage import InlineStorage
from support.peer import PASSWORD, Peer
from support.running_server import RunningServer, fast_passwords, running_server
from support.store_faults import FaultyStorage

NOW = 1_000_000


@pytest.fixture
def admin(server: RunningServer) -> Administration:
    return Administration(server.services, server.storage, lambda: NOW)


async def close_reason(peer: Peer) -> str:
    return (await peer.expect(m.Bye)).reason


async def test_a_reset_password_replaces_the_old_one_and_logs_out_every_device(
    server: RunningServer, admin: Administration
) -> None:
    ada = await server.registered("Ada")

    password = await admin.reset_password("ADA")

    assert "logged you out" in await close_reason(ada)
    again = await server.connect()
    assert await again.code(m.Resume(ada.token, {}, id=1)) == Code.BAD_TOKEN
    assert await again.code(m.Login("Ada", PASSWORD, id=2)) == Code.WRONG_CREDENTIALS
    assert (await again.log_in("Ada", password)).account == "Ada"


async def test_a_locked_account_is_logged_out_and_cannot_log_in_until_unlocked(
    server: RunningServer, admin: Administration
) -> None:
    ada = await server.registered("Ada")

    devices = await admin.lock("Ada")

    assert devices == 1
    assert "locked" in await close_reason(ada)
    again = await server.connect()
    assert await again.code(m.Resume(ada.token, {}, id=1)) == Code.BAD_TOKEN
    assert await again.code(m.Login("Ada", PASSWORD, id=2)) == Code.FORBIDDEN
    assert await again.code(m.Login("Ada", "wrong password", id=3)) == Code.WRONG_CREDENTIALS
    await admin.unlock("Ada")
    assert (await again.log_in("Ada")).account == "Ada"


async def test_logged_out_devices_need_the_password_to_log_in_again(
    server: RunningServer, admin: Administration
) -> None:
    ada = await server.registered("Ada")
    ben = await server.log_in("Ben")

    devices = await admin.log_out("Ada")

    assert devices == 1
    await close_reason(ada)
    again = await server.connect()
    assert await again.code(m.Resume(ada.token, {}, id=1)) == Code.BAD_TOKEN
    assert (await again.log_in("Ada")).account == "Ada"
    await ben.ping()


async def test_an_account_locked_during_its_log_in_is_logged_out(
    server: RunningServer, admin: Administration
) -> None:
    await server.registered("Ada")
    late = await server.connect()

    # Both at once, in any order: no session may be left with a valid token.
    async with trio.open_nursery() as nursery:
        nursery.start_soon(late.ask, m.Login("Ada", PASSWORD, id=1))
        nursery.start_soon(admin.lock, "Ada")

    assert not server.services.registry.online_accounts
    summary = await server.storage.read(lambda store: store.account_summaries("", 9))
    assert summary[0].sessions == 0


async def test_a_deleted_account_leaves_its_rooms_and_members_are_notified(
    server: RunningServer, admin: Administration
) -> None:
    ada, ben = await server.registered("Ada"), await server.log_in("Ben")
    await ben.join("kitchen", await ada.create("kitchen"))
    await ada.post("still here", room="kitchen")
    await ben.expect(m.Posted)

    await admin.delete_account("Ada")

    assert "deleted" in await close_reason(ada)
    assert {(await ben.expect(m.Left)).room for _ in range(2)} == {"general", "kitchen"}
    page = await ben.history("kitchen")
    assert [(line.author, line.text) for line in page.messages] == [("Ada", "still here")]
    again = await server.connect()
    assert await again.code(m.Login("Ada", PASSWORD, id=1)) == Code.WRONG_CREDENTIALS
    assert await again.code(m.Register("ada", PASSWORD, id=2)) == Code.NAME_TAKEN
    with pytest.raises(OperatorError, match="was deleted"):
        await admin.unlock("Ada")


async def test_an_offline_account_can_be_deleted(
    server: RunningServer, admin: Administration
) -> None:
    ada, ben = await server.registered("Ada"), await server.log_in("Ben")
    await ben.join("kitchen", await ada.create("kitchen"))
    await ada.aclose()
    await trio.testing.wait_all_tasks_blocked()

    await admin.delete_account("Ada")

    assert [await ben.expect(m.Left) for _ in range(2)] == [
        m.Left("general", "Ada"),
        m.Left("kitchen", "Ada"),
    ]
    assert (await ben.join("kitchen")).owner == "Ben"


async def test_a_deleted_account_blocks_nobody_and_receives_no_direct_messages(
    server: RunningServer, admin: Administration
) -> None:
    ada, ben = await server.log_in("Ada"), await server.log_in("Ben")
    room = (await ben.grant(m.Direct("Ada", id=1), m.Joined)).room
    await ada.grant(m.Block("Ben", id=1), m.Ok)
    assert await ben.code(ben.draft("Are you there?", room)) is Code.FORBIDDEN

    await admin.delete_account("Ada")

    refusal = await ben.refusal(ben.draft("Are you there?", room))
    assert refusal.message.startswith("The account Ada was deleted.")
    assert await server.storage.read(lambda store: store.blocked(1)) == []


async def test_a_deleted_room_is_gone_for_its_members(
    server: RunningServer, admin: Administration
) -> None:
    ada = await server.log_in("Ada")
    password = await ada.create("kitchen")
    ben = await server.log_in("Ben")
    await ben.join("kitchen", password)

    await admin.delete_room("KITCHEN")

    assert await ada.expect(m.Left) == m.Left("kitchen", "Ada", action="delete_room")
    assert await ben.expect(m.Left) == m.Left("kitchen", "Ben", action="delete_room")
    assert await ada.code(ada.draft("anybody?", room="kitchen")) == Code.NOT_A_MEMBER
    assert await ben.code(m.Join("kitchen", password, id=9)) == Code.WRONG_ROOM_OR_PASSWORD
    assert await ben.create("kitchen")  # the name is free


async def test_a_message_sent_to_a_room_being_deleted_harms_nobody(
    server: RunningServer, admin: Administration
) -> None:
    ada = await server.log_in("Ada")
    await ada.create("kitchen")
    first = await ada.post("known", room="kitchen", nonce="the nonce")

    await ada.send(ada.draft("late", room="kitchen"))
    await admin.delete_room("kitchen")

    # A known nonce keeps its answer, and the journal goes on.
    again = await ada.post("known", nonce="the nonce")
    assert (again.room, again.seq) == ("kitchen", first.seq)
    assert (await ada.post("all is well")).room == "general"


async def test_a_restart_does_not_bring_a_deleted_room_back(
    server: RunningServer, admin: Administration, storage: InlineStorage
) -> None:
    ada = await server.log_in("Ada")
    await ada.create("kitchen")
    await ada.post("known", room="kitchen", nonce="the nonce")
    await admin.delete_room("kitchen")

    async with running_server(storage) as after:
        peer = await after.connect()
        welcome = await peer.resume(ada.token)
        known = await peer.post("known", nonce="the nonce")

    assert [room.room for room in welcome.rooms] == ["general"]
    assert known.room == "kitchen"


async def test_a_new_room_password_replaces_the_old_one(
    server: RunningServer, admin: Administration
) -> None:
    ada, ben = await server.log_in("Ada"), await server.log_in("Ben")
    old = await ada.create("kitchen")

    new = await admin.reset_room_password("kitchen")

    assert await ben.code(m.Join("kitchen", old, id=9)) == Code.WRONG_ROOM_OR_PASSWORD
    await ben.join("kitchen", new)
    await ada.post("still a member", room="kitchen")


async def test_a_room_password_is_set_under_the_lock_that_its_owner_takes_for_it(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    admin = Administration(faulty_server.services, faults, lambda: NOW)
    ada = await faulty_server.log_in("Ada")
    await ada.create("kitchen")
    room = faulty_server.services.rooms.find("kitchen")
    assert room is not None
    with faults.answers_held() as gate:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(admin.reset_room_password, "kitchen")
            with trio.fail_after(60):
                # Other writes come first. Without the lock, two could be answered in either order.
                await gate.wait_reached()
                while not room.lock.locked():
                    gate.open_once()
                    await gate.wait_reached()
            gate.open_once()


async def test_the_general_room_is_neither_deleted_nor_locked(admin: Administration) -> None:
    with pytest.raises(OperatorError, match="cannot be deleted"):
        await admin.delete_room("general")
    with pytest.raises(OperatorError, match="no password"):
        await admin.reset_room_password("general")


async def test_the_keep_time_of_a_room_is_stored(
    server: RunningServer, admin: Administration
) -> None:
    await admin.set_room_keep("general", 5)

    assert await server.storage.read(lambda store: store.keep_times()) == [(GENERAL_ROOM, 5)]


async def test_a_notice_reaches_all_who_are_logged_in(
    server: RunningServer, admin: Administration
) -> None:
    ada, ben = await server.log_in("Ada"), await server.log_in("Ben")
    visitor = await server.connect()

    reached = admin.send_notice("Back in five minutes.")

    assert reached == 2
    for peer in ada, ben:
        assert await peer.expect(m.Notice) == m.Notice("Back in five minutes.")
    await visitor.expect_nothing_more()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "can't be empty"),
        ("  ", "can't be empty"),
        ("x" * 8_001, "The notice has 8,001 characters; the limit is 8,000"),
        ("\x1b[2J", "can't contain control characters"),
    ],
)
async def test_a_notice_is_validated_like_a_message(
    admin: Administration, text: str, sentence: str
) -> None:
    with pytest.raises(OperatorError, match=sentence):
        admin.send_notice(text)


async def test_an_invitation_is_stored_as_its_digest_until_it_expires(
    tmp_path: Path,
) -> None:
    async with open_storage(tmp_path / "chat.db", "process") as storage:
        server = await build_services(Config(), storage, fast_passwords())
        code = await Administration(server, storage, lambda: NOW).invite(7)

    with closing(apsw.Connection(str(tmp_path / "chat.db"))) as db:
        kept = db.execute("SELECT digest, expires FROM invite").fetchall()
    assert kept == [(code_digest(code), NOW + 7 * 86_400_000)]


@pytest.mark.parametrize("days", [0, -1, 366])
async def test_an_invitation_is_valid_for_a_day_to_a_year(admin: Administration, days: int) -> None:
    with pytest.raises(OperatorError, match="1 to 365"):
        await admin.invite(days)


async def test_direct_messages_have_no_password(
    server: RunningServer, admin: Administration
) -> None:
    ada = await server.log_in("Ada")
    await server.token("Ben")
    await ada.grant(m.Direct("Ben", id=1), m.Joined)

    with pytest.raises(OperatorError, match="nobody else can join"):
        await admin.reset_room_password("@1-2")
    await admin.delete_room("@1-2")
    assert (await ada.grant(m.Direct("Ben", id=2), m.Joined)).last_seq == 0


async def test_unknown_accounts_and_rooms_are_named(admin: Administration) -> None:
    for ask in admin.reset_password, admin.lock, admin.unlock, admin.log_out:
        with pytest.raises(OperatorError, match="no account named Nemo"):
            await ask("Nemo")
    for room in admin.delete_room, admin.reset_room_password:
        with pytest.raises(OperatorError, match="no room named nowhere"):
            await room("nowhere")
