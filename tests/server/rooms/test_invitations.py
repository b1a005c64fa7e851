"""Any member invites people to a room, who register and join with one code."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from trio.testing import MockClock, wait_all_tasks_blocked

from chat_server.config import Config, Limits, Registration
from chat_server.rooms import invitations
from chat_shared import messages as m
from chat_shared.errors import Code
from support.clock import Clock
from support.inline_storage import InlineStorage
from support.kitchen import kitchen
from support.peer import PASSWORD, Peer
from support.running_server import RunningServer, running_server
from support.store_faults import FaultyStorage

HOUR = 3_600


@asynccontextmanager
async def configured(
    storage: InlineStorage, registration: Registration = "open", invitations: int = 5
) -> AsyncIterator[RunningServer]:
    config = Config(registration=registration, limits=Limits(invitations=invitations))
    async with running_server(storage, config) as server:
        yield server


async def invite(peer: Peer, room: str = "kitchen") -> m.RoomInvite:
    return await peer.grant(m.Invite(room, id=peer.number()), m.RoomInvite)


async def code_of_invite(peer: Peer, room: str = "kitchen") -> Code:
    return await peer.code(m.Invite(room, id=peer.number()))


async def register(server: RunningServer, name: str, code: str) -> tuple[Peer, m.Welcome]:
    peer = await server.connect()
    request = m.Register(name, PASSWORD, code, id=peer.number())
    return peer, await peer.grant(request, m.Welcome)


async def refused_registration(server: RunningServer, code: str) -> str:
    peer = await server.connect()
    refusal = await peer.refusal(m.Register("Dag", PASSWORD, code, id=1))
    assert refusal.code == Code.REGISTRATION_CLOSED
    return refusal.message


async def audited(peer: Peer) -> m.AuditEntry:
    return (await peer.expect(m.Audited)).entry


def rooms(welcome: m.Welcome) -> list[str]:
    return [room.room for room in welcome.rooms]


# --- one code for account and room


@pytest.mark.parametrize("registration", ["open", "invite"])
async def test_a_members_code_registers_and_joins_in_one_step(
    storage: InlineStorage, registration: Registration
) -> None:
    async with configured(storage, registration) as server:
        _, (ada, ben) = await kitchen(server, "Ben")
        given = await invite(ben)
        assert given.registers
        assert [(await audited(peer)).action for peer in (ada, ben)] == ["invite"] * 2

        dag, welcome = await register(server, "Dag", given.code)

        assert rooms(welcome) == ["general", "Kitchen"]
        await dag.post("Hello", "kitchen")
        assert await ada.receive() == m.Entered("Kitchen", "Dag")
        entry = await audited(ada)
        assert (entry.by, entry.action, entry.name) == ("Dag", "join", "Ben")
        assert await refused_registration(server, given.code)


async def test_who_has_an_account_joins_with_the_code_alone(server: RunningServer) -> None:
    _, (ada, ben) = await kitchen(server, "Ben")
    code = (await invite(ben)).code
    cleo = await server.log_in("Cleo")

    joined = await cleo.grant(m.Join(password=code, id=1), m.Joined)

    assert joined.room == "Kitchen"
    await ada.expect(m.Audited)
    entry = await audited(ada)
    assert (entry.by, entry.action, entry.name) == ("Cleo", "join", "Ben")
    refusal = await cleo.refusal(m.Join(password=code, id=2))
    assert refusal.code == Code.WRONG_ROOM_OR_PASSWORD
    assert refusal.message == "This invitation code is wrong, expired or already used."
    assert await ben.code(m.Join(id=1)) is Code.WRONG_ROOM_OR_PASSWORD


async def test_a_code_of_general_is_for_an_account_only(storage: InlineStorage) -> None:
    async with configured(storage, "invite") as server:
        ada = await server.log_in("Ada")
        code = (await invite(ada, "general")).code

        assert (await ada.grant(m.Join(password=code, id=9), m.Joined)).room == "general"
        _, welcome = await register(server, "Dag", code)

        assert rooms(welcome) == ["general"]
        await ada.expect(m.Audited)
        assert (await audited(ada)).name == "Ada"
        assert await ada.receive() == m.Entered("general", "Dag")
        await ada.expect_nothing_more()


async def test_a_wrong_code_is_refused_even_where_none_is_needed(server: RunningServer) -> None:
    sentence = await refused_registration(server, "k7qm-2vxh-9rtd")

    assert sentence.endswith("or leave it out: this server needs none.")
    await register(server, "Dag", " ")


async def test_where_registration_is_closed_it_is_for_accounts_that_exist(
    storage: InlineStorage,
) -> None:
    async with configured(storage, "closed") as server:
        _, (ada,) = await kitchen(server)
        given = await invite(ada)

        assert not given.registers
        assert "isn't accepting" in await refused_registration(server, given.code)
        await (await server.log_in("Ben")).join("kitchen", given.code)
        assert await code_of_invite(ada, "general") is Code.FORBIDDEN


async def test_where_members_may_not_invite_only_owners_do_and_only_accounts(
    storage: InlineStorage,
) -> None:
    async with configured(storage, "invite", invitations=0) as server:
        _, (ada, ben) = await kitchen(server, "Ben")

        assert await code_of_invite(ben) is Code.FORBIDDEN
        assert await code_of_invite(ada, "general") is Code.FORBIDDEN
        given = await invite(ada)
        assert not given.registers
        assert "needs an invitation code" in await refused_registration(server, given.code)
        await (await server.log_in("Cleo")).join("kitchen", given.code)


async def test_the_reply_says_where_the_server_is(server: RunningServer) -> None:
    public = server.services.public
    public.host, public.port, public.fingerprint = "chat.example.org", 7667, "SHA256:9f"
    public.ssh_port, public.ssh_key = 2222, "SHA256:Zq"
    ada = await server.log_in("Ada")

    given = await invite(ada, "general")

    assert (given.host, given.port, given.fingerprint) == ("chat.example.org", 7667, "SHA256:9f")
    assert (given.ssh_port, given.ssh_key) == (2222, "SHA256:Zq")


# --- who may not


async def test_only_members_who_may_write_invite_and_nobody_to_direct_messages(
    server: RunningServer,
) -> None:
    _, (ada, ben) = await kitchen(server, "Ben")
    dag = await server.log_in("Dag")
    direct = await ada.grant(m.Direct("Ben", id=1), m.Joined)
    await ada.grant(m.Mute("kitchen", "Ben", id=2), m.Ok)

    assert await code_of_invite(dag) is Code.NOT_A_MEMBER
    assert await code_of_invite(ada, direct.room) is Code.FORBIDDEN
    assert await code_of_invite(ben) is Code.MUTED
    await ada.grant(m.Unmute("kitchen", "Ben", id=3), m.Ok)
    await invite(ben)


async def test_a_ban_is_stronger_and_what_the_banned_made_ends(server: RunningServer) -> None:
    _, (ada, ben) = await kitchen(server, "Ben")
    hers, his = (await invite(ada)).code, (await invite(ben)).code

    await ada.grant(m.Ban("kitchen", "Ben", id=1), m.Ok)

    assert await ben.code(m.Join(password=hers, id=2)) is Code.BANNED
    assert await refused_registration(server, his)
    await register(server, "Cleo", hers)


async def test_who_is_removed_while_inviting_invites_nobody(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    _, (ada, ben) = await kitchen(faulty_server, "Ben")
    with faults.commits_held() as gate:
        await ada.send(m.Kick("kitchen", "Ben", id=1))
        await gate.wait_reached()
        await ben.send(m.Invite("kitchen", id=1))
        await wait_all_tasks_blocked()

    reply = await ben.reply_to(1)
    assert isinstance(reply, m.Error)
    assert reply.code == Code.NOT_A_MEMBER


async def test_a_new_member_who_is_kicked_at_once_is_seen_to_join_first(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    _, (ada,) = await kitchen(faulty_server)
    code = (await invite(ada)).code
    dag = await faulty_server.connect()
    with faults.answers_held() as gate:
        await dag.send(m.Register("Dag", PASSWORD, code, id=1))
        await gate.wait_reached()  # stored, and not announced
        gate.let_others_pass()
        await ada.send(m.Kick("kitchen", "Dag", id=9))
        await wait_all_tasks_blocked()

    assert isinstance(await ada.reply_to(9), m.Ok)
    assert rooms(await dag.expect(m.Welcome)) == ["general"]
    events = [event for event in ada.unread if getattr(event, "room", "") == "Kitchen"]
    seen = [type(event) for event in events]
    assert seen.index(m.Entered) < seen.index(m.Left)


# --- how many


async def test_unused_invitations_of_a_member_are_bounded(
    storage: InlineStorage, clock: Clock
) -> None:
    config = Config(limits=Limits(invitations=2))
    async with running_server(storage, config, now=clock) as server:
        _, (ada, ben) = await kitchen(server, "Ben")
        first = await invite(ben)
        await invite(ben, "general")

        for _ in range(invitations.MAX_MADE):
            refusal = await ben.refusal(m.Invite("kitchen", id=ben.number()))
            assert refusal.code == Code.FORBIDDEN
            assert refusal.message.startswith("You already have 2 unused invitations")
        for _ in range(3):
            await invite(ada)  # the owner
        await register(server, "Cleo", first.code)
        await invite(ben)
        clock.pass_by(7 * 24 * HOUR)
        await invite(ben)


async def test_unused_invitations_to_a_room_are_bounded(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    monkeypatch.setattr(invitations, "MAX_INVITES", 2)
    monkeypatch.setattr(invitations, "MAX_GENERAL_INVITES", 3)
    _, (ada, ben) = await kitchen(server, "Ben")
    codes = [(await invite(peer)).code for peer in (ada, ben)]
    for _ in range(3):
        await invite(ada, "general")

    for peer, room in (ada, "kitchen"), (ben, "kitchen"), (ben, "general"):
        assert await code_of_invite(peer, room) is Code.FORBIDDEN
    await (await server.log_in("Cleo")).join("kitchen", codes[0])
    await invite(ada)
    clock.pass_by(7 * 24 * HOUR)
    await invite(ada)


async def test_nobody_fills_the_moderation_log_with_invitations(
    storage: InlineStorage, monkeypatch: pytest.MonkeyPatch, mock_clock: MockClock
) -> None:
    monkeypatch.setattr(invitations, "MAX_MADE", 2)
    async with running_server(storage) as server:
        _, (_, ben) = await kitchen(server, "Ben")
        for _ in range(2):
            await invite(ben)
            await revoke_all(ben)

        refusal = await ben.refusal(m.Invite("kitchen", id=90))
        assert (refusal.code, refusal.retry_after) == (Code.TOO_FAST, invitations.MADE_EVERY)
        mock_clock.jump(invitations.MADE_EVERY)
        await invite(await server.log_in("Ben"))


# --- listing and revoking


async def listed(peer: Peer, room: str = "kitchen") -> list[m.InvitationInfo]:
    request = m.Invitations(room, id=peer.number())
    return (await peer.grant(request, m.InvitationList)).invitations


async def revoke_all(peer: Peer) -> None:
    for one in await listed(peer):
        await peer.grant(m.RevokeInvitation("kitchen", one.invitation, id=peer.number()), m.Ok)


async def test_members_list_and_revoke_their_own_and_the_owner_all(server: RunningServer) -> None:
    _, (ada, ben, cleo) = await kitchen(server, "Ben", "Cleo")
    codes = [(await invite(peer)).code for peer in (ben, cleo, ada)]

    assert [one.by for one in await listed(ben)] == ["Ben"]
    assert [one.by for one in await listed(ada)] == ["Ben", "Cleo", "Ada"]
    _, of_cleo, of_ada = await listed(ada)
    assert (of_ada.created, of_ada.expires) == (
        "2027-01-15T08:00:00.000Z",
        "2027-01-22T08:00:00.000Z",
    )
    request = m.RevokeInvitation("kitchen", of_ada.invitation, id=50)
    assert await ben.code(request) is Code.FORBIDDEN
    await ada.grant(m.RevokeInvitation("kitchen", of_cleo.invitation, id=51), m.Ok)

    assert await refused_registration(server, codes[1])
    assert await listed(cleo) == []
    entries = (await cleo.grant(m.Audit("kitchen", id=52), m.AuditPage)).entries
    assert (entries[0].by, entries[0].action, entries[0].name) == (
        "Ada",
        "revoke_invitation",
        "Cleo",
    )
    dag = await server.log_in("Dag")
    for outside in (m.Invitations("kitchen", id=1), m.RevokeInvitation("kitchen", 1, id=2)):
        assert await dag.code(outside) is Code.NOT_A_MEMBER


# --- when the disk fails


_REQUESTS: list[Callable[[int], m.Request]] = [
    lambda _: m.Invite("kitchen", id=90),
    lambda invitation: m.RevokeInvitation("kitchen", invitation, id=90),
]


@pytest.mark.parametrize("make", _REQUESTS)
async def test_what_cannot_be_stored_does_not_happen(
    faults: FaultyStorage, faulty_server: RunningServer, make: Callable[[int], m.Request]
) -> None:
    _, (ada, ben) = await kitchen(faulty_server, "Ben")
    await invite(ada)
    [before] = await listed(ada)
    await ben.expect(m.Audited)
    with faults.full_disk():
        assert await ada.code(make(before.invitation)) is Code.INTERNAL

    await ben.expect_nothing_more()
    assert await listed(ada) == [before]


async def test_a_registration_that_cannot_be_stored_leaves_the_invitation(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    _, (ada,) = await kitchen(faulty_server)
    code = (await invite(ada)).code
    dag = await faulty_server.connect()
    with faults.full_disk():
        assert await dag.code(m.Register("Dag", PASSWORD, code, id=1)) is Code.INTERNAL

    _, welcome = await register(faulty_server, "Dag", code)
    assert rooms(welcome) == ["general", "Kitchen"]
