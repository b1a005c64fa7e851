"""The audit log: every member can read the owners' actions, as far back as they are kept."""

import pytest
import trio

from chat_server.store.api import AuditDraft, Store
from chat_server.store.sqlite import audit
from chat_shared import messages as m
from chat_shared.errors import Code
from chat_shared.limits import MAX_FRAME, MAX_PAGE, MAX_REASON
from support.kitchen import kitchen
from support.peer import Peer
from support.running_server import RunningServer


async def page(peer: Peer, before: int = 0) -> m.AuditPage:
    return await peer.grant(m.Audit("kitchen", before, id=peer.number()), m.AuditPage)


async def set_topics(server: RunningServer, number: int, reason: str = "") -> None:
    """Make Ada set the topic of her kitchen `number` times."""

    def append(store: Store) -> None:
        for _ in range(number):
            store.set_topic(AuditDraft(2, 1, "topic", 1, reason=reason), reason)

    await server.storage.write(append)


async def test_every_member_reads_what_was_announced_newest_first(server: RunningServer) -> None:
    _, (ada, ben) = await kitchen(server, "Ben")
    await server.log_in("Dag")
    until = "2031-01-01T00:00:00.000Z"
    for request in (
        m.Topic("kitchen", "Soup", id=1),
        m.NewPassword("kitchen", id=2),
        m.Mute("kitchen", "Ben", until, "Loud.", id=3),
        m.Unmute("kitchen", "Ben", id=4),
        m.Ban("kitchen", "Dag", id=5),
        m.Unban("kitchen", "Dag", id=6),
        m.Invite("kitchen", id=7),
    ):
        assert not isinstance(await ada.ask(request), m.Error)
    announced = [(await ben.expect(m.Audited)).entry for _ in range(7)]

    read = await page(ben)

    assert read.entries == announced[::-1]
    assert (read.room, read.more) == ("Kitchen", False)
    assert [(entry.action, entry.name, entry.until, entry.reason) for entry in announced[:6]] == [
        ("topic", "", "", "Soup"),
        ("new_password", "", "", ""),
        ("mute", "Ben", until, "Loud."),
        ("unmute", "Ben", "", ""),
        ("ban", "Dag", "", ""),
        ("unban", "Dag", "", ""),
    ]
    assert {entry.by for entry in announced} == {"Ada"}


async def test_no_secret_is_in_it(server: RunningServer) -> None:
    _, (ada,) = await kitchen(server)
    password = await ada.grant(m.NewPassword("kitchen", id=1), m.RoomPassword)
    invite = await ada.grant(m.Invite("kitchen", id=2), m.RoomInvite)

    text = repr((await page(ada)).entries)

    assert password.password not in text
    assert invite.code not in text


async def test_only_members_can_read_it(server: RunningServer) -> None:
    await kitchen(server)
    dag = await server.log_in("Dag")

    assert await dag.code(m.Audit("kitchen", id=1)) is Code.NOT_A_MEMBER
    assert await dag.code(m.Audit("nowhere", id=2)) is Code.NOT_A_MEMBER
    assert (await dag.grant(m.Audit("general", id=3), m.AuditPage)).entries == []


async def test_it_is_read_page_by_page(server: RunningServer) -> None:
    _, (ada,) = await kitchen(server)
    await set_topics(server, MAX_PAGE + 1)

    first = await page(ada)
    rest = await page(ada, first.entries[-1].id)

    assert (len(first.entries), first.more) == (MAX_PAGE, True)
    assert ([entry.id for entry in rest.entries], rest.more) == ([1], False)


async def test_a_page_of_the_longest_reasons_fits_a_frame(server: RunningServer) -> None:
    _, (ada,) = await kitchen(server)
    await set_topics(server, MAX_PAGE, "𝄞" * MAX_REASON)

    ids: list[int] = []
    more = True
    while more:
        reply = await page(ada, ids[-1] if ids else 0)
        assert len(m.encode(reply)) <= MAX_FRAME
        ids += [entry.id for entry in reply.entries]
        more = reply.more

    assert ids == list(range(MAX_PAGE, 0, -1))


async def test_the_oldest_entries_beyond_the_bound_go_and_ids_continue(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "MAX_AUDIT_ENTRIES", 3)
    _, (ada,) = await kitchen(server)
    await set_topics(server, 5)

    assert [entry.id for entry in (await page(ada)).entries] == [5, 4, 3]
    await server.storage.write(lambda store: store.remove_old_audit_entries(2, 2, 10))
    await set_topics(server, 1)
    assert [entry.id for entry in (await page(ada)).entries] == [6]


async def test_a_deleted_room_deletes_its_entries(server: RunningServer) -> None:
    _, (ada, _ben) = await kitchen(server, "Ben")
    for request in (
        m.Mute("kitchen", "Ben", id=1),
        m.Ban("kitchen", "Ben", id=2),
        m.Invite("kitchen", id=3),
        m.DeleteRoom("kitchen", id=4),
    ):
        assert not isinstance(await ada.ask(request), m.Error)
    swept = 0
    while step := await server.storage.write(lambda store: store.purge_removed_rooms(2**60, 1)):
        swept += step
        await trio.lowlevel.checkpoint()

    # A member, three entries, a ban and a mute (of different targets), an invitation, the room.
    assert swept == 1 + 3 + 2 + 1 + 1
    assert await server.storage.read(lambda store: store.audit_entries(2, 2**50, 10)) == []
