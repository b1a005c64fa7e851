"""A guest may do in the room what members do, and nothing that is not about it."""

import pytest
from trio.testing import MockClock

from chat_server.sessions.rate_limits import GUEST_POSTS, GUEST_POSTS_EVERY
from chat_shared import messages as m
from chat_shared.errors import Code
from support.guests import configured, with_guest
from support.inline_storage import InlineStorage
from support.peer import PASSWORD
from support.running_server import RunningServer

_ALLOWED: set[type[m.Request]] = {
    *(m.Away, m.Audit, m.Delete, m.Edit, m.Exit, m.History, m.Keep, m.Logout, m.LookUp),
    *(m.Members, m.Mentions, m.Ping, m.Post, m.React, m.Read, m.Search, m.Typing, m.Watch),
    *(m.Download, m.Preferences, m.SetPreferences),
}
_REFUSED: set[type[m.Request]] = {
    *(m.AddSshKey, m.Ban, m.Block, m.Blocked, m.Create, m.DeleteAccount, m.DeleteRoom, m.Direct),
    *(m.HandOver, m.Invitations, m.Invite, m.InviteGuests, m.Join, m.Kick, m.Mute, m.MuteOf),
    *(m.NewPassword, m.Password, m.RemoveSshKey, m.Revoke, m.RevokeInvitation, m.Sessions),
    *(m.CancelUpload, m.SendChunk, m.SshKeys, m.Topic, m.Unban, m.Unblock, m.Unmute, m.Upload),
    *(m.CreateHook, m.Hooks, m.RemoveHook),
}
_BEFORE_LOG_IN: set[type[m.Request]] = {
    *(m.CheckSshKey, m.OpenHook, m.Login, m.LoginByKey, m.Register, m.RegisterGuest, m.Resume),
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
    "size": 1,
    "sha256": "0" * 64,
    "upload": 1,
    "hook": 1,
    "file": 1,
    "at": 0,
    "data": b"x",
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

    # There is no index to search here, and no file.
    assert not isinstance(reply, m.Error) or reply.code in (Code.INTERNAL, Code.NO_SUCH_FILE)


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
