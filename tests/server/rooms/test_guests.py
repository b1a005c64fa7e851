"""Guests come to one room by a link, without a password, and only so many."""

import pytest
from trio.testing import MockClock

from chat_server.rooms import guests
from chat_shared import messages as m
from chat_shared.errors import Code
from support.clock import Clock
from support.guests import come, configured, link, refusal_of, with_guest
from support.inline_storage import InlineStorage
from support.kitchen import kitchen
from support.peer import PASSWORD
from support.running_server import RunningServer
from support.watching import disconnect

HOUR = 3_600


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


async def test_the_guest_who_has_been_away_for_longest_makes_place(
    server: RunningServer, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guests, "MAX_BY_LINK", 2)
    ada, mia, code = await with_guest(server)
    leo, welcome = await come(server, "Leo", code)
    await disconnect(server, leo, 3)
    assert "this invitation lets in" in (await refusal_of(server, "Ben", code)).message
    clock.pass_by(guests.ABSENT_FOR + 1)
    await ada.ping()
    ada.unread.clear()

    ben, _ = await come(server, "Ben", code)

    assert await ada.expect(m.Left) == m.Left("Kitchen", "guest-Leo")
    assert await ada.expect(m.Entered) == m.Entered("Kitchen", "guest-Ben", guest=True)
    assert await (await server.connect()).code(m.Resume(welcome.token, {}, id=1)) is Code.BAD_TOKEN
    clock.pass_by(guests.ABSENT_FOR + 1)
    assert "this invitation lets in" in (await refusal_of(server, "Cleo", code)).message
    await mia.post("Still here", "kitchen")
    await ben.post("So am I", "kitchen")


async def test_a_room_that_is_full_has_place_for_who_comes_by_another_link(
    server: RunningServer, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guests, "MAX_IN_ROOM", 1)
    ada, mia, _ = await with_guest(server)
    other = (await link(ada)).code
    assert "this room lets in" in (await refusal_of(server, "Ben", other)).message
    await disconnect(server, mia, 2)
    clock.pass_by(guests.ABSENT_FOR + 1)

    await come(server, "Ben", other)
    assert await ada.expect(m.Left) == m.Left("Kitchen", "guest-Mia")


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
