"""Guests come to one room by a link, for a day, without a password; or they keep the account."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from chat_server.admin.operations import Administration
from chat_server.config import Config, Registration
from chat_server.rooms import guests
from chat_server.sessions.rate_limits import GUEST_POSTS, GUEST_POSTS_EVERY
from chat_server.store.api import Expiry
from chat_server.store.sqlite.storage import open_storage
from chat_server.store.threads import Storage
from chat_shared import messages as m
from chat_shared.errors import Code
from support.clock import Clock
from support.inline_storage import InlineStorage
from support.kitchen import kitchen
from support.peer import PASSWORD, Peer
from support.running_server import WIDE, RunningServer, running_server

HOUR = 3_600


@asynccontextmanager
async def configured(
    storage: Storage,
    registration: Registration = "open",
    *,
    clock: Clock | None = None,
    allowed: bool = True,
) -> AsyncIterator[RunningServer]:
    config = Config(registration=registration, guest_links=allowed, limits=WIDE)
    async with running_server(storage, config, now=clock or Clock()) as server:
        yield server


@pytest.fixture
async def server(storage: InlineStorage, clock: Clock) -> AsyncGenerator[RunningServer]:
    async with configured(storage, clock=clock) as server:
        yield server


async def link(peer: Peer, room: str = "kitchen") -> m.RoomInvite:
    return await peer.grant(m.InviteGuests(room, id=peer.number()), m.RoomInvite)


async def come(server: RunningServer, name: str, code: str) -> tuple[Peer, m.Welcome]:
    peer = await server.connect()
    request = m.RegisterGuest(name, code, "test", id=peer.number())
    return peer, await peer.grant(request, m.Welcome)


async def refusal_of(server: RunningServer, name: str, code: str) -> m.Error:
    peer = await server.connect()
    return await peer.refusal(m.RegisterGuest(name, code, id=1))


async def with_guest(server: RunningServer) -> tuple[Peer, Peer, str]:
    """Return Ada, guest-Mia in her kitchen, and the code of the link."""
    _, (ada,) = await kitchen(server)
    code = (await link(ada)).code
    mia, _ = await come(server, "Mia", code)
    await ada.ping()
    ada.unread.clear()
    return ada, mia, code


async def bye(peer: Peer) -> str:
    return (await peer.expect(m.Bye)).reason


# --- coming


async def test_a_link_lets_in_several_people_by_name_alone(
    server: RunningServer, clock: Clock
) -> None:
    _, (ada,) = await kitchen(server)
    given = await link(ada)
    assert (given.guests, given.registers) == (guests.MAX_BY_LINK, False)
    entry = (await ada.expect(m.Audited)).entry
    assert (entry.action, entry.until) == ("invite_guests", given.expires)

    mia, welcome = await come(server, "Mia", given.code.upper())
    _, other = await come(server, "guest-ben", given.code)

    assert (welcome.account, other.account) == ("guest-Mia", "guest-ben")
    assert [room.room for room in welcome.rooms] == ["Kitchen"]
    assert welcome.guest_until == "2027-01-16T08:00:00.000Z"
    assert await ada.receive() == m.Entered("Kitchen", "guest-Mia", guest=True)
    entry = (await ada.expect(m.Audited)).entry
    assert (entry.by, entry.action, entry.name) == ("guest-Mia", "register_guest", "Ada")
    await mia.post("Hello", "kitchen")
    assert (await ada.expect(m.Posted)).guest
    clock.pass_by(7 * 24 * HOUR)
    assert (await refusal_of(server, "Cleo", given.code)).code == Code.REGISTRATION_CLOSED


async def test_guests_are_marked_wherever_they_are_listed(server: RunningServer) -> None:
    ada, mia, _ = await with_guest(server)
    await mia.post("Hello", "kitchen")
    await ada.post("Hello", "kitchen")

    joined = await ada.grant(m.Watch("kitchen", id=1), m.Joined)
    assert {member.name: member.guest for member in joined.members} == {
        "Ada": False,
        "guest-Mia": True,
    }
    page = await ada.grant(m.History("kitchen", id=2), m.Page)
    assert [line.guest for line in page.messages] == [True, False]
    await mia.aclose()
    presence = await ada.expect(m.Presence)
    assert [(member.name, member.online, member.guest) for member in presence.members] == [
        ("guest-Mia", False, True)
    ]


async def test_without_the_operators_permission_there_are_none(storage: InlineStorage) -> None:
    async with configured(storage) as server:
        _, (ada,) = await kitchen(server)
        code = (await link(ada)).code
    async with configured(storage, allowed=False) as server:
        ada = await server.log_in("Ada")
        assert await ada.code(m.InviteGuests("kitchen", id=1)) is Code.FORBIDDEN
        assert (await refusal_of(server, "Mia", code)).code == Code.REGISTRATION_CLOSED


async def test_links_are_to_rooms_that_not_everyone_is_in(server: RunningServer) -> None:
    _, (ada, ben) = await kitchen(server, "Ben")
    direct = await ada.grant(m.Direct("Ben", id=1), m.Joined)
    outside = await server.log_in("Dag")
    await ada.grant(m.Mute("kitchen", "Ben", id=2), m.Ok)

    assert await ada.code(m.InviteGuests("general", id=3)) is Code.FORBIDDEN
    assert await ada.code(m.InviteGuests(direct.room, id=4)) is Code.FORBIDDEN
    assert await outside.code(m.InviteGuests("kitchen", id=5)) is Code.NOT_A_MEMBER
    assert await ben.code(m.InviteGuests("kitchen", id=6)) is Code.MUTED


async def test_a_link_is_listed_and_revoked_as_an_invitation_is(server: RunningServer) -> None:
    ada, mia, code = await with_guest(server)
    listed = await ada.grant(m.Invitations("kitchen", id=1), m.InvitationList)
    [info] = listed.invitations
    assert info.guests == guests.MAX_BY_LINK

    await ada.grant(m.RevokeInvitation("kitchen", info.invitation, id=2), m.Ok)

    assert "revoked" in (await refusal_of(server, "Ben", code)).message
    await mia.post("Still here", "kitchen")


async def test_a_link_gives_no_account_and_an_invitation_no_guest(server: RunningServer) -> None:
    ada, _, code = await with_guest(server)
    cleo, dag = await server.log_in("Cleo"), await server.connect()

    assert await cleo.code(m.Join("kitchen", code, id=1)) is Code.WRONG_ROOM_OR_PASSWORD
    assert await cleo.code(m.Join(password=code, id=2)) is Code.WRONG_ROOM_OR_PASSWORD
    register = m.Register("Dag", PASSWORD, code, id=1)
    assert await dag.code(register) is Code.REGISTRATION_CLOSED
    ordinary = await ada.grant(m.Invite("kitchen", id=3), m.RoomInvite)
    assert (await refusal_of(server, "Dag", ordinary.code)).code == Code.REGISTRATION_CLOSED


async def test_names_are_checked_and_only_by_those_who_have_the_link(
    server: RunningServer,
) -> None:
    _, _, code = await with_guest(server)

    assert (await refusal_of(server, "MIA", code)).code == Code.NAME_TAKEN
    for bad in "", "a b", "guest", "x" * 27, "guest-guest-mia", "k7qm-2vxh-9rtd", "a(b)", "-":
        assert (await refusal_of(server, bad, code)).code == Code.BAD_NAME, bad
    for name in "Mia", "a b":
        error = await refusal_of(server, name, "k7qm-2vxh-9rtd")
        assert error.code == Code.REGISTRATION_CLOSED
    peer = await server.connect()
    assert await peer.code(m.Register("guest-ben", PASSWORD, id=1)) is Code.BAD_NAME


async def test_nobody_logs_in_to_a_guests_account_by_a_password(server: RunningServer) -> None:
    await with_guest(server)
    peer = await server.connect()

    for password in "", PASSWORD:
        login = m.Login("guest-Mia", password, id=peer.number())
        assert await peer.code(login) is Code.WRONG_CREDENTIALS


async def test_a_guest_comes_back_by_the_token_and_is_a_guest_still(
    server: RunningServer,
) -> None:
    _, mia, _ = await with_guest(server)
    peer, welcome = await come(server, "Ben", (await _code(server)))
    await peer.aclose()

    again = await server.connect()
    resumed = await again.grant(m.Resume(welcome.token, {}, id=1), m.Welcome)

    assert resumed.guest_until == welcome.guest_until
    assert await again.code(m.Create("cellar", id=2)) is Code.FORBIDDEN
    await mia.ping()


async def _code(server: RunningServer) -> str:
    return (await link(await server.log_in("Ada"))).code


# --- what a guest may do

_ALLOWED: set[type[m.Request]] = {
    *(m.Away, m.Audit, m.Delete, m.Edit, m.Exit, m.History, m.Keep, m.Logout, m.LookUp),
    *(m.Members, m.Mentions, m.Ping, m.Post, m.React, m.Read, m.Search, m.Typing, m.Watch),
    *(m.Preferences, m.SetPreferences),
}
_REFUSED: set[type[m.Request]] = {
    *(m.AddSshKey, m.Ban, m.Block, m.Blocked, m.Create, m.DeleteAccount, m.DeleteRoom, m.Direct),
    *(m.HandOver, m.Invitations, m.Invite, m.InviteGuests, m.Join, m.Kick, m.Mute, m.MuteOf),
    *(m.NewPassword, m.Password, m.RemoveSshKey, m.Revoke, m.RevokeInvitation, m.Sessions),
    *(m.SshKeys, m.Topic, m.Unban, m.Unblock, m.Unmute),
}
_BEFORE_LOG_IN: set[type[m.Request]] = {
    *(m.CheckSshKey, m.Login, m.LoginByKey, m.Register, m.RegisterGuest, m.Resume),
}
_FIELDS = {
    "room": "kitchen",
    "name": "Ada",
    "password": PASSWORD,
    "text": "Hello",
    "nonce": "n",
    "of": 1,
    "seq": 1,
    "seqs": [1],
    "emoji": "🍞",
    "words": "Hello",
    "invitation": 1,
    "key": "ssh-ed25519 AAAA",
    "fingerprint": "SHA256:x",
    "old": "",
    "new": PASSWORD,
    "topic": "Soup",
    "values": {"theme": "dark"},
    "session": "x",
}


def _example(kind: type[m.Request]) -> m.Request:
    fields = {name: _FIELDS[name] for name in kind.__struct_fields__ if name in _FIELDS}
    return kind(**fields, id=500)


def test_of_every_request_it_is_decided_whether_a_guest_may_send_it() -> None:
    assert set(m.REQUESTS) == _ALLOWED | _REFUSED | _BEFORE_LOG_IN
    assert {kind for kind in m.REQUESTS if kind.by_guests} == _ALLOWED


@pytest.mark.parametrize("kind", sorted(_REFUSED, key=str))
async def test_a_guest_is_refused_what_is_not_about_the_room(
    server: RunningServer, kind: type[m.Request]
) -> None:
    ada, mia, _ = await with_guest(server)

    refusal = await mia.refusal(_example(kind))

    assert refusal.code == Code.FORBIDDEN
    assert "/keep" in refusal.message
    await ada.expect_nothing_more()


@pytest.mark.parametrize("kind", sorted(_ALLOWED, key=str))
async def test_a_guest_may_do_in_the_room_what_members_do(
    server: RunningServer, kind: type[m.Request]
) -> None:
    _, mia, _ = await with_guest(server)
    await mia.post("Hello", "kitchen")

    reply = await mia.ask(_example(kind))

    assert not isinstance(reply, m.Error) or reply.code == Code.INTERNAL  # no index to search here


async def test_a_guest_sees_nothing_of_other_rooms(server: RunningServer) -> None:
    ada, mia, _ = await with_guest(server)
    await ada.post("Only for members", "general")
    await ada.create("Cellar")

    assert await mia.code(m.Members("general", id=1)) is Code.NOT_A_MEMBER
    assert await mia.code(m.Watch("general", id=2)) is Code.NOT_A_MEMBER
    assert await mia.code(m.History("cellar", id=3)) is Code.NOT_A_MEMBER
    assert await mia.code(m.Search("members", room="general", id=4)) is Code.NOT_A_MEMBER
    await mia.expect_nothing_more()


async def test_nobody_opens_direct_messages_with_a_guest(server: RunningServer) -> None:
    ada, _, _ = await with_guest(server)

    refusal = await ada.refusal(m.Direct("guest-mia", id=1))

    assert refusal.message == "guest-Mia is a guest, without direct messages."


async def test_a_guest_is_slower_on_all_devices(
    storage: InlineStorage, mock_clock: MockClock
) -> None:
    async with configured(storage) as server:
        _, mia, _ = await with_guest(server)
        for _ in range(GUEST_POSTS):
            await mia.post("Hello", "kitchen")

        refusal = await mia.refusal(m.Post("kitchen", "Once more", "late", id=1))
        assert refusal.code == Code.TOO_FAST
        assert refusal.retry_after == pytest.approx(GUEST_POSTS_EVERY, abs=0.01)
        mock_clock.jump(GUEST_POSTS_EVERY)
        await mia.grant(m.Keep(PASSWORD, id=2), m.Ok)
        for _ in range(2 * GUEST_POSTS):
            await mia.post("Faster", "kitchen")


async def test_no_room_falls_to_a_guest(server: RunningServer) -> None:
    ada, mia, _ = await with_guest(server)

    for request in m.HandOver("kitchen", "guest-Mia", id=1), m.Exit("kitchen", "guest-Mia", id=2):
        assert (await ada.refusal(request)).message == (
            "guest-Mia is a guest. Guests can't own a room."
        )
    await ada.grant(m.Exit("kitchen", id=3), m.Ok)
    assert (await mia.expect(m.Changed)).owner == ""


# --- how many


async def test_guests_at_a_time_are_bounded(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guests, "MAX_BY_LINK", 1)
    monkeypatch.setattr(guests, "MAX_IN_ROOM", 2)
    ada, mia, code = await with_guest(server)

    assert "this invitation lets in" in (await refusal_of(server, "Ben", code)).message
    await come(server, "Ben", (await link(ada)).code)
    third = (await link(ada)).code
    assert "this room lets in" in (await refusal_of(server, "Cleo", third)).message
    await mia.grant(m.Logout(id=1), m.Ok)
    await ada.expect(m.Left)
    await come(server, "Cleo", code)


async def test_however_many_links_there_are_few_guests_come_within_an_hour(
    storage: InlineStorage, monkeypatch: pytest.MonkeyPatch, mock_clock: MockClock
) -> None:
    monkeypatch.setattr(guests, "MAX_CREATED", 2)
    async with configured(storage) as server:
        ada, _, code = await with_guest(server)
        await come(server, "Ben", (await link(ada)).code)

        refusal = await refusal_of(server, "Cleo", code)
        assert (refusal.code, refusal.retry_after) == (Code.TOO_FAST, guests.CREATED_EVERY)
        mock_clock.jump(guests.CREATED_EVERY)
        await come(server, "Cleo", code)


async def test_those_whom_a_full_link_refuses_keep_nobody_out_later(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guests, "MAX_BY_LINK", 1)
    ada, mia, code = await with_guest(server)

    for number in range(guests.MAX_CREATED + 1):
        assert (await refusal_of(server, f"m{number}", code)).code == Code.FORBIDDEN
    await mia.grant(m.Logout(id=1), m.Ok)
    await ada.expect(m.Left)
    await come(server, "Ben", code)


# --- ending


async def test_after_a_day_the_account_ends_and_its_messages_stay(
    server: RunningServer, clock: Clock
) -> None:
    ada, mia, _ = await with_guest(server)
    await mia.post("Hello", "kitchen")
    clock.pass_by(24 * HOUR)
    server.services.guests.look()

    assert await bye(mia) == guests.OVER
    assert await ada.expect(m.Left) == m.Left("Kitchen", "guest-Mia")
    page = await ada.grant(m.History("kitchen", id=1), m.Page)
    assert [(line.author, line.guest) for line in page.messages] == [("guest-Mia", True)]
    peer = await server.connect()
    assert await peer.code(m.Register("guest-mia", PASSWORD, id=1)) is Code.BAD_NAME


async def test_whose_time_is_over_is_looked_for_now_and_then(
    storage: InlineStorage, clock: Clock, autojump_clock: MockClock
) -> None:
    async with configured(storage, clock=clock) as server:
        _, mia, _ = await with_guest(server)
        clock.pass_by(24 * HOUR)

        assert await bye(mia) == guests.OVER
        assert trio.current_time() < 60


@pytest.mark.parametrize(
    "how",
    [m.Kick("kitchen", "guest-Mia", id=1), m.Ban("kitchen", "guest-Mia", id=1)],
    ids=["kicked", "banned"],
)
async def test_the_account_ends_with_the_membership(server: RunningServer, how: m.Request) -> None:
    ada, mia, code = await with_guest(server)

    await ada.grant(how, m.Ok)

    assert await bye(mia) == guests.LEFT
    assert (await refusal_of(server, "Mia", code)).code == Code.NAME_TAKEN
    await come(server, "Mia2", code)  # nobody knows who that is: the owner revokes the link


@pytest.mark.parametrize(
    "request_", [m.Exit("kitchen", id=1), m.Logout(id=1)], ids=["exit", "log-out"]
)
async def test_a_guest_who_leaves_has_no_account(
    server: RunningServer, request_: m.Request
) -> None:
    ada, mia, _ = await with_guest(server)

    await mia.grant(request_, m.Ok)

    await bye(mia)
    assert (await ada.expect(m.Left)).name == "guest-Mia"
    record = await server.storage.read(lambda store: store.account("guest-mia"))
    assert record is not None
    assert record.removed


async def test_guests_end_with_their_room(server: RunningServer) -> None:
    ada, mia, _ = await with_guest(server)

    await ada.grant(m.DeleteRoom("kitchen", id=1), m.Ok)

    assert await bye(mia) == guests.LEFT


async def test_a_clock_that_leaps_ends_no_account(server: RunningServer, clock: Clock) -> None:
    _, mia, _ = await with_guest(server)
    known = clock()
    await server.storage.write(lambda store: store.set_expiry(Expiry(known)))
    clock.pass_by(30 * 24 * HOUR)
    server.services.guests.look()

    await mia.post("Still here", "kitchen")
    await server.storage.write(lambda store: store.set_expiry(Expiry(known + 24 * HOUR * 1000)))
    server.services.guests.look()
    await bye(mia)


async def test_guests_outlast_a_restart_and_end_after_it(tmp_path: Path, clock: Clock) -> None:
    async with open_storage(tmp_path / "chat.db", "power") as storage:
        async with configured(storage, clock=clock) as server:
            _, (ada,) = await kitchen(server)
            _, welcome = await come(server, "Mia", (await link(ada)).code)
        async with configured(storage, clock=clock) as server:
            mia = await server.connect()
            await mia.grant(m.Resume(welcome.token, {}, id=1), m.Welcome)
        clock.pass_by(24 * HOUR)
        async with configured(storage, clock=clock) as server:
            ada = await server.log_in("Ada")
            while (await ada.grant(m.Members("kitchen", id=ada.number()), m.MemberPage)).members[
                1:
            ]:
                await trio.lowlevel.checkpoint()
            mia = await server.connect()
            assert await mia.code(m.Resume(welcome.token, {}, id=1)) is Code.BAD_TOKEN


# --- keeping


async def test_a_guest_keeps_the_account_with_its_name_history_and_room(
    server: RunningServer, clock: Clock
) -> None:
    ada, mia, _ = await with_guest(server)
    await mia.post("Hello", "kitchen")
    await ada.ping()
    ada.unread.clear()

    await mia.grant(m.Keep(PASSWORD, id=1), m.Ok)

    assert await mia.expect(m.Entered) == m.Entered("general", "guest-Mia")
    assert await ada.expect(m.Entered) == m.Entered("general", "guest-Mia")
    assert (await ada.expect(m.Audited)).entry.action == "keep"
    page = await ada.grant(m.History("kitchen", id=1), m.Page)
    assert [(line.author, line.guest) for line in page.messages] == [("guest-Mia", False)]
    await mia.create("Cellar")
    await ada.grant(m.Direct("guest-Mia", id=2), m.Joined)
    clock.pass_by(48 * HOUR)
    server.services.guests.look()
    await mia.ping()
    again = await server.connect()
    welcome = await again.grant(m.Login("guest-mia", PASSWORD, id=1), m.Welcome)
    assert [room.room for room in welcome.rooms[:2]] == ["general", "Kitchen"]
    assert welcome.guest_until == ""


async def test_a_weak_password_keeps_nothing_and_nobody_keeps_twice(
    server: RunningServer,
) -> None:
    ada, mia, _ = await with_guest(server)

    assert await mia.code(m.Keep("short", id=1)) is Code.WEAK_PASSWORD
    assert await mia.code(m.Create("cellar", id=2)) is Code.FORBIDDEN
    await mia.grant(m.Keep(PASSWORD, id=3), m.Ok)
    assert await mia.code(m.Keep(PASSWORD, id=4)) is Code.FORBIDDEN
    assert await ada.code(m.Keep(PASSWORD, id=5)) is Code.FORBIDDEN


async def test_who_is_removed_while_keeping_the_account_is_not_told_that_it_is_kept(
    server: RunningServer, storage: InlineStorage
) -> None:
    _, mia, _ = await with_guest(server)
    guest = await storage.read(lambda store: store.account("guest-mia"))
    assert guest is not None
    assert await storage.write(lambda store: store.remove_guest(guest.id, guest.guest_until))

    refusal = await mia.refusal(m.Keep(PASSWORD, id=1))

    assert refusal.message == "You are not a guest any more."


async def test_where_people_are_invited_a_guest_needs_an_invitation_to_keep_it(
    storage: InlineStorage,
) -> None:
    async with configured(storage, "invite") as server:
        ada, mia, code = await with_guest(server)
        await ada.create("Cellar")
        invitation = (await ada.grant(m.Invite("cellar", id=1), m.RoomInvite)).code

        for wrong in "", code, "k7qm-2vxh-9rtd":
            refused = m.Keep(PASSWORD, wrong, id=mia.number())
            assert await mia.code(refused) is Code.REGISTRATION_CLOSED
        await mia.grant(m.Keep(PASSWORD, invitation, id=2), m.Ok)

        entered = [await mia.expect(m.Entered) for _ in range(2)]
        assert [event.room for event in entered] == ["general", "Cellar"]
        ben, _ = await come(server, "Ben", code)
        refused = m.Keep(PASSWORD, invitation, id=1)
        assert await ben.code(refused) is Code.REGISTRATION_CLOSED


async def test_where_nobody_registers_no_guest_stays(storage: InlineStorage) -> None:
    async with configured(storage, "closed") as server:
        _, mia, _ = await with_guest(server)

        assert await mia.code(m.Keep(PASSWORD, id=1)) is Code.REGISTRATION_CLOSED


async def test_the_operators_notice_reaches_guests(server: RunningServer) -> None:
    _, mia, _ = await with_guest(server)
    Administration(server.services, server.storage, Clock()).send_notice("Restart at noon.")

    assert await mia.expect(m.Notice) == m.Notice("Restart at noon.")
