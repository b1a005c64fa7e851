"""Which changes of messages are accepted, and that each happens once and in order."""

from collections.abc import AsyncGenerator

import pytest
from trio.testing import MockClock

from chat_server.config import Config
from chat_shared import messages as m
from chat_shared.errors import Code
from chat_shared.limits import (
    MAX_EMOJI,
    MAX_EMOJIS,
    MAX_SEQ,
    MAX_TEXT,
)
from support.inline_storage import InlineStorage
from support.kitchen import kitchen
from support.peer import Peer
from support.running_server import RunningServer, running_server
from support.store_faults import FaultyStorage


@pytest.fixture
async def strict_server(storage: InlineStorage) -> AsyncGenerator[RunningServer]:
    async with running_server(storage, Config()) as server:
        yield server


async def _line(peer: Peer, seq: int, room: str = "general") -> m.Line:
    (line,) = await peer.look_up(seq, room=room)
    return line


async def _audit_entries(peer: Peer) -> list[m.AuditEntry]:
    return (await peer.grant(m.Audit("kitchen", id=peer.number()), m.AuditPage)).entries


def _requests(of: int, room: str = "general") -> list[m.Request]:
    return [
        m.Edit(room, of, "new", "n1", id=1),
        m.Delete(room, of, "n2", id=2),
        m.React(room, of, "🍲", "n3", id=3),
    ]


# --- who may


async def test_only_the_author_can_edit_a_message(ada: Peer, ben: Peer) -> None:
    await ada.post("mine")

    assert await ben.code(m.Edit("general", 1, "yours", "n", id=1)) is Code.FORBIDDEN
    assert (await _line(ben, 1)).text == "mine"


async def test_the_owner_can_delete_others_messages_and_nobody_else_can(
    faulty_server: RunningServer, ada: Peer, ben: Peer
) -> None:
    password = await ada.create("kitchen")
    cleo = await faulty_server.log_in("Cleo")
    for peer in (ben, cleo):
        await peer.join("kitchen", password)
        await peer.post("hello", "kitchen")

    assert await ben.code(m.Delete("kitchen", 2, "n", id=1)) is Code.FORBIDDEN
    assert await ada.code(m.Edit("kitchen", 1, "no", "n", id=1)) is Code.FORBIDDEN
    await ada.delete(1, "kitchen")
    deleted = await cleo.expect(m.Deleted)
    assert (deleted.of, deleted.author) == (1, "Ada")
    assert (await _line(ben, 1, "kitchen")).deleted


async def test_members_learn_whose_message_an_owner_deleted_and_can_read_it_later(
    faulty_server: RunningServer,
) -> None:
    _, (ada, ben, cleo) = await kitchen(faulty_server, "Ben", "Cleo")
    await ben.post("a secret of Ben's", "kitchen")
    await cleo.post("hello", "kitchen")
    first, second = [await ada.delete(of, "kitchen") for of in (1, 2)]

    announced = [(await cleo.expect(m.Audited)).entry for _ in range(2)]
    assert announced == [
        m.AuditEntry(1, first.at, "Ada", "delete", "Ben"),
        m.AuditEntry(2, second.at, "Ada", "delete", "Cleo"),
    ]
    assert [(await ada.expect(m.Audited)).entry for _ in range(2)] == announced
    assert await _audit_entries(ben) == announced[::-1]


async def test_deleting_your_own_message_makes_no_audit_entry(
    faulty_server: RunningServer,
) -> None:
    _, (ada, ben) = await kitchen(faulty_server, "Ben")
    for number, peer in enumerate((ada, ben)):
        await peer.post("hello", "kitchen")
        await peer.delete(1 + 2 * number, "kitchen")

    assert await _audit_entries(ada) == []
    await ben.ping()
    assert not any(isinstance(event, m.Audited) for event in ben.unread)


async def test_a_deletion_is_audited_once_however_often_it_is_requested(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    """Among new ones of the same batch, after the commit, and next to another device's."""
    _, (ada, ben) = await kitchen(faulty_server, "Ben")
    laptop = await faulty_server.log_in("Ada")
    await ben.post("hello", "kitchen")
    delete = m.Delete("kitchen", 1, "n", id=1)
    with faults.commits_held() as gate:
        await ben.send(ben.draft("first"))
        await gate.wait_reached()
        await ada.send(delete, ada.draft("second", "kitchen"), delete)
        await laptop.send(m.Delete("kitchen", 1, "other", id=1))
        for peer in ada, laptop:
            await peer.ping()
    for _ in range(2):
        await ada.reply_to(1)
    await ada.grant(delete, m.Accepted)
    await laptop.reply_to(1)

    (entry,) = await _audit_entries(ben)
    assert (await ben.expect(m.Audited)).entry == entry
    await ben.ping()
    assert not any(isinstance(event, m.Audited) for event in ben.unread)


async def test_a_deletion_that_could_not_be_stored_is_not_audited(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    _, (ada, ben) = await kitchen(faulty_server, "Ben")
    await ben.post("hello", "kitchen")
    with faults.full_disk():
        assert await ada.code(m.Delete("kitchen", 1, "n", id=1)) is Code.INTERNAL

    assert await _audit_entries(ben) == []
    await ada.grant(m.Delete("kitchen", 1, "n", id=2), m.Accepted)
    assert [entry.id for entry in await _audit_entries(ben)] == [1]


async def test_a_message_that_does_not_exist_cannot_be_changed(ada: Peer) -> None:
    await ada.post("hello")
    await ada.react(1, "🍲")

    for of in (0, 2, 3, MAX_SEQ):  # 2 is a change itself
        for request in _requests(of):
            assert await ada.code(request) is Code.NO_SUCH_MESSAGE


async def test_a_deleted_message_stays_deleted(ada: Peer) -> None:
    await ada.post("hello")
    await ada.delete(1)

    for request in _requests(1):
        refusal = await ada.refusal(request)
        assert (refusal.code, refusal.message) == (
            Code.NO_SUCH_MESSAGE,
            "This message was deleted.",
        )


async def test_only_members_can_change_messages_or_look_them_up(ada: Peer, ben: Peer) -> None:
    await ada.create("kitchen")
    await ada.post("hello", "kitchen")

    for request in (*_requests(1, "kitchen"), m.LookUp("kitchen", [1], id=4)):
        assert await ben.code(request) is Code.NOT_A_MEMBER


# --- valid and invalid changes


@pytest.mark.parametrize(
    ("text", "code"),
    [("", Code.BAD_REQUEST), ("x" * (MAX_TEXT + 1), Code.TOO_LONG), ("a\0b", Code.BAD_REQUEST)],
)
async def test_an_edit_accepts_the_texts_that_a_post_accepts(
    ada: Peer, text: str, code: Code
) -> None:
    await ada.post("hello")

    assert await ada.code(m.Edit("general", 1, text, "n", id=1)) is code
    assert (await ada.history()).messages == [await _line(ada, 1)]


@pytest.mark.parametrize(
    "emoji",
    ["", "x" * (MAX_EMOJI + 1), "a b", "\u3000", "\n", "\x1b", "a\0", "\u200b", "\ufe0f", "\u0301"],
)
async def test_a_reaction_that_is_no_emoji_is_refused(ada: Peer, emoji: str) -> None:
    await ada.post("hello")

    assert await ada.code(m.React("general", 1, emoji, "n", id=1)) is Code.BAD_REQUEST
    assert (await ada.post("next")).seq == 2


@pytest.mark.parametrize("emoji", ["\u3164", "\u2800", "\U000e0fff", "\u3164\u200d"])
async def test_an_invisible_reaction_is_refused(ada: Peer, emoji: str) -> None:
    await ada.post("hello")

    assert await ada.code(m.React("general", 1, emoji, "n", id=1)) is Code.BAD_REQUEST


async def test_an_emoji_newer_than_this_python_is_accepted(ada: Peer) -> None:
    await ada.post("hello")

    assert (await ada.react(1, "\U0001faff")).seq == 2


@pytest.mark.parametrize("emoji", ["x" * MAX_EMOJI, "👩‍👩‍👧‍👦", "+1", "\U0001f1e9\U0001f1ea"])
async def test_an_emoji_is_sent_as_it_was_chosen(ada: Peer, emoji: str) -> None:
    await ada.post("hello")
    await ada.react(1, emoji)

    assert (await ada.expect(m.Reacted)).emoji == emoji


async def test_the_different_reactions_to_a_message_are_bounded(ada: Peer, ben: Peer) -> None:
    await ada.post("hello")
    for number in range(MAX_EMOJIS):
        await ada.react(1, f"e{number}")

    assert await ben.code(m.React("general", 1, "other", "n", id=1)) is Code.FORBIDDEN
    await ben.react(1, "e0")
    await ben.react(1, "other", off=True)
    await ada.react(1, "e1", off=True)
    await ben.react(1, "other")


async def test_changes_count_as_posts(
    strict_server: RunningServer, autojump_clock: MockClock
) -> None:
    ada = await strict_server.log_in("Ada")
    for _ in range(7):
        await ada.post("x")
    await ada.edit(1, "y")
    await ada.react(2, "🍲")
    await ada.delete(3)

    for request in (*_requests(4), ada.draft("x")):
        assert await ada.code(request) is Code.TOO_FAST
        await ada.post("read once it may be sent")
