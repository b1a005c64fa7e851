"""Away messages, and when an account was last online."""

from functools import partial
from itertools import count

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from chat_server.clock import rfc3339
from chat_server.rooms.presence import PresenceTracker
from chat_server.sessions.rate_limits import TokenBucket
from chat_server.sessions.session import Account
from chat_server.store.api import MemberRecord, Store
from chat_shared import messages as m
from chat_shared.errors import Code
from chat_shared.limits import MAX_REASON
from support.inline_storage import InlineStorage
from support.running_server import RunningServer, running_server
from support.store_faults import FaultyStorage
from support.watching import ROUND, disconnect, go_away, watching

_LONGEST = "🍲" * MAX_REASON

# --- away


async def test_an_away_message_is_shown_to_those_who_watch(
    server: RunningServer, autojump_clock: MockClock
) -> None:
    ada = await watching(server, "Ada")
    ben = await server.log_in("Ben")
    await ada.expect(m.Presence)
    await go_away(ben, "Cooking.")

    there = m.Member("Ben", True, away="Cooking.")
    assert await ada.expect(m.Presence) == m.Presence("general", [there])
    assert (await ada.join("general")).members[1] == there
    await go_away(ben, "  ")
    assert await ada.expect(m.Presence) == m.Presence("general", [m.Member("Ben", True)])


async def test_it_holds_on_all_devices_and_after_a_restart(server: RunningServer) -> None:
    ada = await server.log_in("Ada")
    await go_away(ada, "Back on Monday.")
    laptop = await server.connect()
    assert (await laptop.resume(await server.token("Ada"))).away == "Back on Monday."
    await laptop.aclose()
    await disconnect(server, ada, 1)

    phone = await server.connect()
    assert (await phone.resume(await server.token("Ada"))).away == "Back on Monday."
    await go_away(phone, "")
    assert (await phone.join("general")).members == [m.Member("Ada", True)]


async def test_two_devices_set_it_one_after_the_other(
    faults: FaultyStorage,
    faulty_server: RunningServer,
    nursery: trio.Nursery,
    autojump_clock: MockClock,
) -> None:
    ada = await faulty_server.log_in("Ada")
    await trio.sleep(ROUND)  # until all else is written
    account = faulty_server.services.registry.find(1)
    assert account is not None
    presence = faulty_server.services.presence
    with faults.answers_held() as gate:
        nursery.start_soon(presence.set_away, account, "first")
        await gate.wait_reached()
        written = faults.writes
        nursery.start_soon(presence.set_away, account, "second")
        await wait_all_tasks_blocked()
        assert faults.writes == written  # or the two could be answered in the other order

    await ada.ping()
    await wait_all_tasks_blocked()
    assert account.away == "second"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("x" * (MAX_REASON + 1), Code.TOO_LONG),
        ("a\x1b[31m", Code.BAD_REQUEST),
        ("a\nb", Code.BAD_REQUEST),
        ("a\tb", Code.BAD_REQUEST),
        ("a\u2028b", Code.BAD_REQUEST),
    ],
)
async def test_an_invalid_away_message_is_refused(
    server: RunningServer, text: str, code: Code
) -> None:
    ada = await server.log_in("Ada")
    await go_away(ada, "Cooking. 👩‍🍳")

    refused = await ada.refusal(m.Away(text, id=1))

    assert refused.code == code
    assert refused.message.startswith("The away message ")
    assert (await ada.join("general")).members[0].away == "Cooking. 👩‍🍳"


def _set_away(account: int, store: Store) -> None:
    store.set_away(account, _LONGEST)


async def test_members_with_long_away_messages_are_paged_so_that_they_fit(
    server: RunningServer,
) -> None:
    names = [f"n{number:03}" for number in range(120)]
    for number, name in enumerate(names):
        await server.token(name)
        await server.storage.write(partial(_set_away, number + 1))
    ada = await server.log_in(names[0])
    page = await ada.grant(m.Members("general", id=1), m.MemberPage)
    rest = await ada.grant(m.Members("general", page.members[-1].name, id=2), m.MemberPage)

    assert page.more
    assert not rest.more
    assert [member.name for member in page.members + rest.members] == names
    assert (await ada.join("general")).more


# --- last seen


async def test_when_an_account_was_last_online_is_stored(
    storage: InlineStorage, autojump_clock: MockClock
) -> None:
    async with running_server(storage) as server:
        ben = await server.log_in("Ben")
        await disconnect(server, ben, 1)
        ada = await server.log_in("Ada")
        seen = (await ada.join("general")).members[1].seen
        await trio.sleep(ROUND)
    async with running_server(storage) as server:
        ada = await server.log_in("Ada")
        members = (await ada.join("general")).members

    assert members == [m.Member("Ada", True), m.Member("Ben", False, seen=seen)]
    assert seen


async def test_an_account_seen_again_during_the_write_is_stored_as_of_later(
    faults: FaultyStorage, faulty_server: RunningServer, autojump_clock: MockClock
) -> None:
    server = faulty_server.services
    await faulty_server.token("Ada")
    times = count(1)
    presence = PresenceTracker(faults, server.registry, server.rooms, lambda: next(times))
    faulty_server.nursery.start_soon(presence.run)
    ada = Account(1, "Ada", TokenBucket(1, 1, 0), TokenBucket(1, 1, 0))
    presence.account_online(ada)
    with faults.commits_held() as gate:
        await gate.wait_reached()
        ada.online = False
        presence.account_online(ada)
        assert presence.describe(MemberRecord(1, "Ada", "", 0)).seen == rfc3339(2)
    await trio.sleep(2 * ROUND)

    (record,) = await faults.read(lambda store: store.members(1, "", 9))
    assert record.seen == 2


async def test_many_who_go_offline_at_once_are_one_transaction(
    faults: FaultyStorage, faulty_server: RunningServer, autojump_clock: MockClock
) -> None:
    peers = [await faulty_server.log_in(f"n{number}") for number in range(20)]
    await trio.sleep(ROUND)
    writes = faults.writes
    for peer in peers:
        await peer.aclose()
    await trio.sleep(ROUND)

    assert len(faulty_server.services.registry) == 0
    assert faults.writes == writes + 1


async def test_a_full_disk_does_not_keep_sessions_from_ending(
    faults: FaultyStorage, faulty_server: RunningServer, autojump_clock: MockClock
) -> None:
    ada = await watching(faulty_server, "Ada")
    ben = await faulty_server.log_in("Ben")
    await ada.expect(m.Presence)
    with faults.full_disk():
        await disconnect(faulty_server, ben, 2)
        assert not (await ada.expect(m.Presence)).members[0].online
        await trio.sleep(ROUND)

    await faulty_server.log_in("Ben")
    assert (await ada.expect(m.Presence)).members[0].online
