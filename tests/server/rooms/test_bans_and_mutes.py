"""Bans and mutes hold at once, on every device, until they end or are lifted."""

from contextlib import nullcontext

import pytest

from chat_server.clock import rfc3339
from chat_server.rooms import moderation
from chat_shared import messages as m
from chat_shared.errors import Code
from support.clock import Clock
from support.inline_storage import InlineStorage
from support.kitchen import kitchen
from support.peer import Peer
from support.running_server import RunningServer, running_server

HOUR = 3_600


def later(clock: Clock, seconds: float) -> str:
    return rfc3339(clock.now + round(seconds * 1000))


async def audited(peer: Peer) -> m.AuditEntry:
    return (await peer.expect(m.Audited)).entry


# --- ban


async def test_a_banned_member_leaves_and_cannot_return(
    server: RunningServer, storage: InlineStorage, clock: Clock
) -> None:
    password, (ada, ben) = await kitchen(server, "Ben")
    until = later(clock, HOUR)
    invite = await ada.grant(m.Invite("kitchen", id=1), m.RoomInvite)
    ben.unread.clear()

    await ada.ok(m.Ban("kitchen", "ben", until, "Spam.", id=2))

    assert (await ben.expect(m.Left)) == m.Left("Kitchen", "Ben", "Ada", "Spam.", "ban", until)
    for secret in password, invite.code:
        refusal = await ben.refusal(m.Join("kitchen", secret, id=3))
        assert refusal.code == Code.BANNED
        assert refusal.message == "You're banned from Kitchen. Reason: Spam."
        assert refusal.until == until
    async with running_server(storage, now=clock) as again:
        back = await again.log_in("Ben")
        assert await back.code(m.Join("kitchen", password, id=4)) is Code.BANNED


async def test_a_ban_is_revealed_only_to_those_who_could_otherwise_join(
    server: RunningServer,
) -> None:
    _, (ada, ben) = await kitchen(server, "Ben")
    await ada.ok(m.Ban("kitchen", "Ben", id=1))

    assert await ben.code(m.Join("kitchen", "wrong", id=2)) is Code.WRONG_ROOM_OR_PASSWORD


async def test_a_ban_ends_by_itself_or_is_lifted(server: RunningServer, clock: Clock) -> None:
    password, (ada, ben, cleo) = await kitchen(server, "Ben", "Cleo")
    await ada.ok(m.Ban("kitchen", "Ben", later(clock, HOUR), id=1))
    await ada.ok(m.Ban("kitchen", "Cleo", id=2))

    clock.pass_by(HOUR - 1)
    assert await ben.code(m.Join("kitchen", password, id=3)) is Code.BANNED
    clock.pass_by(1)
    await ben.join("kitchen", password)
    refusal = await cleo.refusal(m.Join("kitchen", password, id=4))
    assert refusal.message == "You're banned from Kitchen."
    await ada.ok(m.Unban("kitchen", "Cleo", id=5))
    await cleo.join("kitchen", password)


async def test_an_account_can_be_banned_before_it_ever_joins(server: RunningServer) -> None:
    password, (ada,) = await kitchen(server)
    dag = await server.log_in("Dag")

    await ada.ok(m.Ban("kitchen", "Dag", id=1))

    assert (await audited(ada)).name == "Dag"
    await ada.expect_nothing_more()
    assert await dag.code(m.Join("kitchen", password, id=2)) is Code.BANNED


async def test_a_second_ban_replaces_the_first(server: RunningServer, clock: Clock) -> None:
    password, (ada, ben) = await kitchen(server, "Ben")
    await ada.ok(m.Ban("kitchen", "Ben", id=1))
    await ada.ok(m.Ban("kitchen", "Ben", later(clock, 1), id=2))

    clock.pass_by(1)

    await ben.join("kitchen", password)


async def test_bans_and_mutes_are_bounded(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    monkeypatch.setattr(moderation, "MAX_SANCTIONS", 1)
    _, (ada, _ben, _cleo) = await kitchen(server, "Ben", "Cleo")
    await ada.ok(m.Ban("kitchen", "Ben", later(clock, 1), id=1))
    await ada.ok(m.Mute("kitchen", "Ben", id=2))

    assert await ada.code(m.Ban("kitchen", "Cleo", id=3)) is Code.FORBIDDEN
    await ada.ok(m.Ban("kitchen", "Ben", later(clock, 2), id=4))
    clock.pass_by(2)
    await ada.ok(m.Ban("kitchen", "Cleo", id=5))


@pytest.mark.parametrize(
    "request_", [m.Unban("kitchen", "Ben", id=1), m.Unmute("kitchen", "Ben", id=1)]
)
async def test_only_a_sanction_in_force_can_be_lifted(
    server: RunningServer, request_: m.Request
) -> None:
    _, (ada, ben) = await kitchen(server, "Ben")

    assert await ada.code(request_) is Code.FORBIDDEN
    await ben.expect_nothing_more()


# --- mute


async def test_a_muted_member_can_read_but_not_post(
    server: RunningServer, storage: InlineStorage, clock: Clock
) -> None:
    _, (ada, ben) = await kitchen(server, "Ben")

    await ada.ok(m.Mute("kitchen", "Ben", later(clock, HOUR), "Not so loud.", id=1))

    entry = await audited(ben)
    assert (entry.action, entry.name, entry.until) == ("mute", "Ben", later(clock, HOUR))
    refusal = await ben.refusal(ben.draft("BUT", "kitchen"))
    assert refusal.code == Code.MUTED
    assert refusal.message == "You're muted in Kitchen. Reason: Not so loud."
    assert refusal.until == later(clock, HOUR)
    await ben.post("elsewhere I may")
    await ada.post("Better.", "kitchen")
    assert [event.text for event in await ben.expect_posted(2)] == ["elsewhere I may", "Better."]
    async with running_server(storage, now=clock) as again:
        back = await again.log_in("Ben")
        assert await back.code(back.draft("BUT", "kitchen")) is Code.MUTED


async def test_a_mute_ends_by_itself(server: RunningServer, clock: Clock) -> None:
    _, (ada, ben) = await kitchen(server, "Ben")
    await ada.ok(m.Mute("kitchen", "Ben", later(clock, HOUR), id=1))

    clock.pass_by(HOUR - 0.001)
    assert await ben.code(ben.draft("x", "kitchen")) is Code.MUTED
    clock.pass_by(0.001)
    await ben.post("x", "kitchen")


@pytest.mark.parametrize("restarted", [False, True])
async def test_what_ended_by_a_clock_that_was_wrong_holds_again(
    storage: InlineStorage, server: RunningServer, clock: Clock, restarted: bool
) -> None:
    password, (ada, ben, cleo) = await kitchen(server, "Ben", "Cleo")
    await ada.ok(m.Mute("kitchen", "Ben", later(clock, HOUR), id=1))
    await ada.ok(m.Ban("kitchen", "Cleo", later(clock, HOUR), id=2))
    clock.pass_by(400 * 24 * HOUR)
    await ben.post("x", "kitchen")
    await ada.ok(m.Mute("kitchen", "Cleo", later(clock, HOUR), id=3))
    await ada.ok(m.Ban("kitchen", "Ben", later(clock, HOUR), id=4))
    clock.pass_by(-400 * 24 * HOUR)
    await ada.ok(m.Unban("kitchen", "Ben", id=5))

    async with running_server(storage, now=clock) if restarted else nullcontext(server) as after:
        ben, cleo = await after.log_in("Ben"), await after.log_in("Cleo")
        await ben.join("kitchen", password)
        assert await ben.code(ben.draft("x", "kitchen")) is Code.MUTED
        assert await cleo.code(m.Join("kitchen", password, id=9)) is Code.BANNED


async def test_one_that_has_ended_makes_place_when_there_are_too_many(
    server: RunningServer, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moderation, "MAX_SANCTIONS", 2)
    _, (ada, *_) = await kitchen(server, "Ben", "Cleo", "Dag", "Eve")
    room = server.services.rooms.find("kitchen")
    assert room is not None
    await ada.ok(m.Mute("kitchen", "Ben", later(clock, 2 * HOUR), id=1))
    await ada.ok(m.Mute("kitchen", "Cleo", later(clock, HOUR), id=2))
    assert await ada.code(m.Mute("kitchen", "Dag", id=3)) is Code.FORBIDDEN

    clock.pass_by(HOUR)
    await ada.ok(m.Mute("kitchen", "Dag", id=4))

    assert await ada.code(m.Mute("kitchen", "Eve", id=5)) is Code.FORBIDDEN
    assert set(room.mutes) == {2, 4}


async def test_a_mute_can_be_lifted(server: RunningServer, storage: InlineStorage) -> None:
    _, (ada, ben) = await kitchen(server, "Ben")
    await ada.ok(m.Mute("kitchen", "Ben", id=1))
    await ada.ok(m.Unmute("kitchen", "Ben", id=2))

    await ben.post("Thanks.", "kitchen")
    assert await storage.read(lambda store: store.mutes()) == []


async def test_a_mute_outlasts_leaving_and_rejoining(server: RunningServer) -> None:
    password, (ada, ben) = await kitchen(server, "Ben")
    await ada.ok(m.Mute("kitchen", "Ben", id=1))
    await ben.exit("kitchen")
    await ben.join("kitchen", password)

    assert await ben.code(ben.draft("x", "kitchen")) is Code.MUTED


@pytest.mark.parametrize(
    "until",
    [
        "tomorrow", "2027-01-15", "2027-01-15T09:00:00", "20270115T090000Z", "1800003600",
        "2027-02-30T09:00:00Z", "2027-01-15T08:00:00Z", "2000-01-01T00:00:00Z",
        "2037-01-16T00:00:00Z", "9999-12-31T23:59:59-23:59",
    ],
)  # fmt: skip
async def test_an_end_must_be_in_the_future_and_not_too_far(
    server: RunningServer, until: str
) -> None:
    _, (ada, ben) = await kitchen(server, "Ben")

    assert await ada.code(m.Mute("kitchen", "Ben", until, id=1)) is Code.BAD_REQUEST
    assert await ada.code(m.Ban("kitchen", "Ben", until, id=2)) is Code.BAD_REQUEST
    await ben.expect_nothing_more()
    await ben.post("x", "kitchen")


async def test_a_log_in_and_joining_show_a_mute(server: RunningServer, clock: Clock) -> None:
    password, (ada, ben) = await kitchen(server, "Ben")
    await ada.ok(m.Mute("kitchen", "Ben", later(clock, HOUR), "Not so loud.", id=1))

    laptop = await server.log_in("Ben")
    assert await laptop.receive() == m.IsMuted("Kitchen", later(clock, HOUR))
    await (await server.log_in("Ada")).expect_nothing_more()
    await ben.ok(m.Exit("kitchen", id=2))
    joined = await ben.grant(m.Join("kitchen", password, id=3), m.Joined)
    assert (joined.muted, joined.muted_until) == (True, later(clock, HOUR))

    clock.pass_by(HOUR)

    await (await server.log_in("Ben")).expect_nothing_more()


async def test_the_owner_is_told_whether_someone_is_muted_and_until_when(
    server: RunningServer, clock: Clock
) -> None:
    _, (ada, ben) = await kitchen(server, "Ben")
    await server.log_in("Cleo")

    async def muted(name: str) -> m.MuteInfo:
        return await ada.grant(m.MuteOf("kitchen", name, id=ada.number()), m.MuteInfo)

    await ada.ok(m.Mute("kitchen", "Ben", later(clock, HOUR), id=1))
    await ada.ok(m.Mute("kitchen", "Cleo", id=2))
    ben_until, cleo_until = [await muted(name) for name in ("ben", "Cleo")]
    clock.pass_by(HOUR)
    await ada.ok(m.Unmute("kitchen", "Cleo", id=3))

    assert (ben_until.room, ben_until.name, ben_until.muted) == ("Kitchen", "Ben", True)
    assert ben_until.until == rfc3339(clock.now)
    assert (cleo_until.muted, cleo_until.until) == (True, "")
    for name in ("Ben", "Cleo"):
        mute = await muted(name)
        assert (mute.muted, mute.until) == (False, "")
    assert await ada.code(m.MuteOf("kitchen", "Nobody", id=4)) is Code.UNKNOWN_ACCOUNT
    assert await ben.code(m.MuteOf("kitchen", "Cleo", id=5)) is Code.FORBIDDEN
