"""A guest's account ends with its day, its membership or its room, and outlasts a restart."""

from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from chat_server.rooms import guests
from chat_server.store.api import Expiry
from chat_server.store.sqlite.storage import open_storage
from chat_shared import messages as m
from chat_shared.errors import Code
from support.clock import Clock
from support.guests import bye, come, configured, link, refusal_of, with_guest
from support.inline_storage import InlineStorage
from support.kitchen import kitchen
from support.peer import PASSWORD
from support.running_server import RunningServer

HOUR = 3_600


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
