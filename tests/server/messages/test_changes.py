"""What was said is edited, deleted, reacted and replied to; everybody comes to see the same."""

from collections.abc import AsyncGenerator
from typing import TypeVar

import pytest
from trio.testing import MockClock

from chat_server.config import Config
from chat_server.pages import fitting
from chat_server.store.api import GENERAL_ROOM
from chat_shared import messages as m
from chat_shared.errors import Code
from chat_shared.limits import (
    MAX_EMOJI,
    MAX_EMOJIS,
    MAX_FRAME,
    MAX_GAP,
    MAX_LOOK_UP,
    MAX_NAME,
    MAX_REACTORS,
    MAX_SEQ,
    MAX_TEXT,
)
from support.inline_storage import InlineStorage
from support.kitchen import kitchen
from support.peer import Peer
from support.running_server import RunningServer, running_server
from support.store_faults import FaultyStorage

Change = TypeVar("Change", bound=m.Message)


@pytest.fixture
async def ada(faulty_server: RunningServer) -> Peer:
    return await faulty_server.enter("Ada")


@pytest.fixture
async def ben(faulty_server: RunningServer) -> Peer:
    return await faulty_server.enter("Ben")


@pytest.fixture
async def strict_server(storage: InlineStorage) -> AsyncGenerator[RunningServer]:
    async with running_server(storage, Config()) as server:
        yield server


async def _line(peer: Peer, seq: int, room: str = "general") -> m.Line:
    (line,) = await peer.look_up(seq, room=room)
    return line


async def _acts(peer: Peer) -> list[m.AuditEntry]:
    return (await peer.grant(m.Audit("kitchen", id=peer.number()), m.AuditPage)).entries


async def _come_back(server: RunningServer, seen: int, kind: type[Change]) -> Change:
    """Return the first of `kind` that Cleo hears who has seen so much of the general room."""
    cleo = await server.enter("Cleo", seen={"general": seen})
    return await cleo.hear(kind)


def _requests(of: int, room: str = "general") -> list[m.Request]:
    return [
        m.Edit(room, of, "new", "n1", id=1),
        m.Delete(room, of, "n2", id=2),
        m.React(room, of, "🍲", "n3", id=3),
    ]


# --- replies


async def test_a_reply_says_what_it_answers_to_those_here_to_pages_and_to_those_who_come_back(
    faulty_server: RunningServer, ada: Peer, ben: Peer
) -> None:
    await ben.post("Soup?")
    await ada.grant(m.Post("general", "Yes.", "n", 1, id=1), m.Accepted)

    assert [posted.reply for posted in await ben.hear_posted(2)] == [0, 1]
    assert [line.reply for line in (await ben.history()).messages] == [0, 1]
    assert (await _come_back(faulty_server, 1, m.Posted)).reply == 1


async def test_nobody_replies_to_what_was_not_said_yet(ada: Peer) -> None:
    await ada.post("hello")
    for reply in (2, MAX_SEQ):
        assert await ada.code(m.Post("general", "x", "n", reply, id=1)) is Code.BAD_REQUEST

    assert (await ada.grant(m.Post("general", "x", "n", 1, id=1), m.Accepted)).seq == 2


# --- what everybody hears and reads


async def test_an_edit_has_a_number_of_its_own_and_is_told_to_everybody(
    faulty_server: RunningServer, ada: Peer, ben: Peer
) -> None:
    await ada.post("soop")
    accepted = await ada.edit(1, "soup", nonce="n")

    edited = m.Edited("general", 2, 1, "Ada", accepted.at, "soup", "n")
    for peer in (ada, ben):
        assert await peer.hear(m.Edited) == edited
    assert accepted.seq == 2
    assert edited == await _come_back(faulty_server, 1, m.Edited)
    first, second = (await ben.history()).messages
    assert (first.text, first.edited) == ("soup", accepted.at)
    assert second == m.Line(2, "Ada", "", accepted.at, change="edit", of=1)


async def test_a_deletion_takes_the_text_away_from_all_places(
    faulty_server: RunningServer, ada: Peer, ben: Peer
) -> None:
    await ada.post("first words")
    await ada.edit(1, "second words")
    await ben.react(1, "🍲")
    accepted = await ada.delete(1, nonce="n")

    deleted = await ben.hear(m.Deleted)
    assert deleted == m.Deleted("general", 4, 1, "Ada", accepted.at, "n")
    line, *changes = (await ben.history()).messages
    assert (line.text, line.deleted, line.reactions) == ("", True, ())
    assert [change.change for change in changes] == ["edit", "react", "delete"]
    cleo = await faulty_server.enter("Cleo", seen={"general": 1})
    heard = [await cleo.receive() for _ in range(3)]
    assert isinstance(heard[0], m.Edited)
    assert (heard[0].of, heard[0].text) == (0, "")  # an edit of what is gone
    assert heard[2] == deleted


async def test_who_missed_a_message_hears_it_as_it_is_by_now(
    faulty_server: RunningServer, ada: Peer
) -> None:
    await ada.post("soop")
    await ada.post("a secret")
    await ada.post("hello")
    await ada.edit(1, "soup")
    await ada.delete(2)

    cleo = await faulty_server.enter("Cleo", seen={"general": 0})
    assert [posted.text for posted in await cleo.hear_posted(3)] == ["soup", "", "hello"]
    assert (await cleo.hear(m.Deleted)).of == 2


async def test_reactions_are_counted_named_in_order_and_ones_own_is_marked(
    faulty_server: RunningServer, ada: Peer, ben: Peer
) -> None:
    await ada.post("soup")
    await ben.react(1, "🍲")
    await ada.react(1, "👍")
    await ada.react(1, "🍲")

    reacted = await ben.hear(m.Reacted)
    assert (reacted.seq, reacted.of, reacted.author, reacted.emoji, reacted.off) == (
        *(2, 1, "Ben", "🍲", False),
    )
    assert reacted == await _come_back(faulty_server, 1, m.Reacted)
    assert (await _line(ben, 1)).reactions == (
        m.Reaction("🍲", 2, ["Ben", "Ada"], True),
        m.Reaction("👍", 1, ["Ada"], False),
    )
    assert (await ada.history()).messages[0].reactions[1].mine


async def test_a_reaction_counts_once_and_can_be_taken_back_twice(ada: Peer, ben: Peer) -> None:
    await ada.post("soup")
    for _ in range(2):
        await ben.react(1, "🍲")
    assert (await _line(ada, 1)).reactions == (m.Reaction("🍲", 1, ["Ben"]),)

    for _ in range(2):
        await ben.react(1, "🍲", off=True)
    assert (await _line(ada, 1)).reactions == ()
    assert [(await ada.hear(m.Reacted)).off for _ in range(4)] == [False, False, True, True]


async def test_only_the_first_are_named(faulty_server: RunningServer, ada: Peer) -> None:
    await ada.post("soup")
    names = [f"name{number}" for number in range(MAX_REACTORS + 2)]
    for name in names:
        await (await faulty_server.enter(name)).react(1, "🍲")

    (reaction,) = (await _line(ada, 1)).reactions
    assert reaction == m.Reaction("🍲", len(names), names[:MAX_REACTORS])


async def test_those_who_missed_more_than_is_sent_hear_of_a_gap_and_read_what_is(
    faulty_server: RunningServer, ada: Peer
) -> None:
    await ada.post("soop")
    for number in range(MAX_GAP):
        await ada.react(1, "🍲", off=bool(number % 2))
    await ada.edit(1, "soup")

    gap = await _come_back(faulty_server, 1, m.Gap)
    assert (gap.after, gap.before) == (1, MAX_GAP + 3)
    assert (await _line(ada, 1)).text == "soup"


# --- who may


async def test_only_its_author_edits_a_message(ada: Peer, ben: Peer) -> None:
    await ada.post("mine")

    assert await ben.code(m.Edit("general", 1, "yours", "n", id=1)) is Code.FORBIDDEN
    assert (await _line(ben, 1)).text == "mine"


async def test_the_owner_deletes_what_others_said_and_nobody_else_does(
    faulty_server: RunningServer, ada: Peer, ben: Peer
) -> None:
    password = await ada.create("kitchen")
    cleo = await faulty_server.enter("Cleo")
    for peer in (ben, cleo):
        await peer.join("kitchen", password)
        await peer.post("hello", "kitchen")

    assert await ben.code(m.Delete("kitchen", 2, "n", id=1)) is Code.FORBIDDEN
    assert await ada.code(m.Edit("kitchen", 1, "no", "n", id=1)) is Code.FORBIDDEN
    await ada.delete(1, "kitchen")
    deleted = await cleo.hear(m.Deleted)
    assert (deleted.of, deleted.author) == (1, "Ada")
    assert (await _line(ben, 1, "kitchen")).deleted


async def test_members_are_told_and_can_read_whose_message_an_owner_deleted(
    faulty_server: RunningServer,
) -> None:
    _, (ada, ben, cleo) = await kitchen(faulty_server, "Ben", "Cleo")
    await ben.post("a secret of Ben's", "kitchen")
    await cleo.post("hello", "kitchen")
    first, second = [await ada.delete(of, "kitchen") for of in (1, 2)]

    told = [(await cleo.hear(m.Audited)).entry for _ in range(2)]
    assert told == [
        m.AuditEntry(1, first.at, "Ada", "delete", "Ben"),
        m.AuditEntry(2, second.at, "Ada", "delete", "Cleo"),
    ]
    assert [(await ada.hear(m.Audited)).entry for _ in range(2)] == told
    assert await _acts(ben) == told[::-1]


async def test_what_one_said_oneself_is_taken_back_without_a_note(
    faulty_server: RunningServer,
) -> None:
    _, (ada, ben) = await kitchen(faulty_server, "Ben")
    for number, peer in enumerate((ada, ben)):
        await peer.post("hello", "kitchen")
        await peer.delete(1 + 2 * number, "kitchen")

    assert await _acts(ada) == []
    await ben.ping()
    assert not any(isinstance(event, m.Audited) for event in ben.unread)


async def test_a_deletion_is_noted_once_however_often_it_is_asked_for(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    """Among fresh ones of the same round, behind the commit, and beside another device's."""
    _, (ada, ben) = await kitchen(faulty_server, "Ben")
    laptop = await faulty_server.enter("Ada")
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

    (entry,) = await _acts(ben)
    assert (await ben.hear(m.Audited)).entry == entry
    await ben.ping()
    assert not any(isinstance(event, m.Audited) for event in ben.unread)


async def test_a_deletion_that_could_not_be_stored_is_not_noted(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    _, (ada, ben) = await kitchen(faulty_server, "Ben")
    await ben.post("hello", "kitchen")
    with faults.full_disk():
        assert await ada.code(m.Delete("kitchen", 1, "n", id=1)) is Code.INTERNAL

    assert await _acts(ben) == []
    await ada.grant(m.Delete("kitchen", 1, "n", id=2), m.Accepted)
    assert [entry.id for entry in await _acts(ben)] == [1]


async def test_what_there_is_not_cannot_be_changed(ada: Peer) -> None:
    await ada.post("hello")
    await ada.react(1, "🍲")

    for of in (0, 2, 3, MAX_SEQ):  # 2 is a change itself
        for request in _requests(of):
            assert await ada.code(request) is Code.NO_SUCH_MESSAGE


async def test_what_was_deleted_stays_deleted(ada: Peer) -> None:
    await ada.post("hello")
    await ada.delete(1)

    for request in _requests(1):
        refusal = await ada.refusal(request)
        assert (refusal.code, refusal.message) == (
            Code.NO_SUCH_MESSAGE,
            "This message was deleted.",
        )


async def test_only_members_change_anything_or_look_it_up(ada: Peer, ben: Peer) -> None:
    await ada.create("kitchen")
    await ada.post("hello", "kitchen")

    for request in (*_requests(1, "kitchen"), m.LookUp("kitchen", [1], id=4)):
        assert await ben.code(request) is Code.NOT_A_MEMBER


# --- what may be asked


@pytest.mark.parametrize(
    ("text", "code"),
    [("", Code.BAD_REQUEST), ("x" * (MAX_TEXT + 1), Code.TOO_LONG), ("a\0b", Code.BAD_REQUEST)],
)
async def test_a_text_is_edited_to_what_could_have_been_posted(
    ada: Peer, text: str, code: Code
) -> None:
    await ada.post("hello")

    assert await ada.code(m.Edit("general", 1, text, "n", id=1)) is code
    assert (await ada.history()).messages == [await _line(ada, 1)]


@pytest.mark.parametrize(
    "emoji",
    ["", "x" * (MAX_EMOJI + 1), "a b", "\u3000", "\n", "\x1b", "a\0", "\u200b", "\ufe0f", "\u0301"],
)
async def test_what_is_no_emoji_is_refused(ada: Peer, emoji: str) -> None:
    await ada.post("hello")

    assert await ada.code(m.React("general", 1, emoji, "n", id=1)) is Code.BAD_REQUEST
    assert (await ada.post("next")).seq == 2


@pytest.mark.parametrize("emoji", ["\u3164", "\u2800", "\U000e0fff", "\u3164\u200d"])
async def test_nor_is_what_is_drawn_as_nothing(ada: Peer, emoji: str) -> None:
    await ada.post("hello")

    assert await ada.code(m.React("general", 1, emoji, "n", id=1)) is Code.BAD_REQUEST


async def test_an_emoji_that_is_newer_than_this_python_is_one(ada: Peer) -> None:
    await ada.post("hello")

    assert (await ada.react(1, "\U0001faff")).seq == 2


@pytest.mark.parametrize("emoji", ["x" * MAX_EMOJI, "👩‍👩‍👧‍👦", "+1", "\U0001f1e9\U0001f1ea"])
async def test_an_emoji_is_told_as_it_was_chosen(ada: Peer, emoji: str) -> None:
    await ada.post("hello")
    await ada.react(1, emoji)

    assert (await ada.hear(m.Reacted)).emoji == emoji


async def test_a_message_takes_so_many_emojis(ada: Peer, ben: Peer) -> None:
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
    ada = await strict_server.enter("Ada")
    for _ in range(7):
        await ada.post("x")
    await ada.edit(1, "y")
    await ada.react(2, "🍲")
    await ada.delete(3)

    for request in (*_requests(4), ada.draft("x")):
        assert await ada.code(request) is Code.TOO_FAST


# --- once, and in order


@pytest.mark.parametrize("which", range(3))
async def test_a_change_made_again_with_its_nonce_is_the_same_change(
    ada: Peer, ben: Peer, which: int
) -> None:
    await ada.post("hello")
    request = _requests(1)[which]
    first, again = [await ada.grant(request, m.Accepted) for _ in range(2)]

    assert again == first
    assert first.seq == 2
    assert (await ben.post("next")).seq == 3


async def test_an_edit_that_comes_behind_the_deletion_gives_nothing_back(
    faults: FaultyStorage, faulty_server: RunningServer, ada: Peer, ben: Peer
) -> None:
    await ada.post("hello")
    with faults.commits_held() as gate:
        await ben.send(ben.draft("first"))
        await gate.wait_reached()
        await ada.send(
            m.Delete("general", 1, "n1", id=1),
            m.Edit("general", 1, "still here", "n2", id=2),
            m.React("general", 1, "🍲", "n3", id=3),
            m.Delete("general", 1, "n4", id=4),
            ada.draft("last"),
        )
        await ada.ping()

    await ada.hear_posted(3)
    accepted = [await ada.reply_to(number) for number in (1, 2, 3, 4)]
    assert [reply.seq for reply in accepted if isinstance(reply, m.Accepted)] == [3, 4, 5, 6]
    line = await _line(ada, 1)
    assert (line.text, line.deleted, line.reactions) == ("", True, ())
    edited = await ben.hear(m.Edited)
    assert (edited.of, edited.text) == (0, "")
    assert [await ben.hear(kind) for kind in (m.Deleted, m.Reacted, m.Deleted)] == [
        m.Deleted("general", 3, 1, "Ada", edited.at, "n1"),
        m.Reacted("general", 5, 0, "Ada", edited.at, "🍲", False, "n3"),
        m.Deleted("general", 6, 0, "Ada", edited.at, "n4"),
    ]
    again = await faulty_server.enter("Cleo", seen={"general": 2})
    heard = [await again.receive() for _ in range(5)]
    assert [getattr(event, "of", None) for event in heard] == [1, 0, 0, 0, None]


async def test_a_round_of_everything_keeps_the_order_in_which_it_was_asked_for(
    faults: FaultyStorage, ada: Peer, ben: Peer
) -> None:
    await ada.post("hello")
    requests: list[m.Request] = [
        ada.draft("two"),
        ada.draft("three"),
        m.Edit("general", 1, "hello!", "n4", id=4),
        ada.draft("five"),
        m.React("general", 1, "🍲", "n6", id=6),
        m.Edit("general", 1, "hello?", "n7", id=7),
        ada.draft("eight"),
    ]
    writes = faults.writes
    with faults.commits_held() as gate:
        await ben.send(ben.draft("first"))
        await gate.wait_reached()
        await ada.send(*requests, requests[0], requests[2])
        await ada.ping()

    heard = [await ben.receive() for _ in range(3 + len(requests))]
    assert faults.writes == writes + 2
    events = [event for event in heard if not isinstance(event, m.Accepted)]
    assert [getattr(event, "seq", 0) for event in events] == list(range(1, 10))
    assert [type(event) for event in events[2:]] == [
        *(m.Posted, m.Posted, m.Edited, m.Posted, m.Reacted, m.Edited, m.Posted),
    ]
    await ben.hear_nothing_else()


async def test_a_full_disk_refuses_changes_and_changes_nothing(
    faults: FaultyStorage, ada: Peer
) -> None:
    await ada.post("hello")
    with faults.full_disk():
        for request in _requests(1):
            assert await ada.code(request) is Code.INTERNAL

    assert (await ada.history()).messages == [await _line(ada, 1)]
    await ada.edit(1, "hello!")


# --- single messages


async def test_single_messages_are_looked_up_in_the_order_of_their_numbers(ada: Peer) -> None:
    for text in "abc":
        await ada.post(text)

    lines = await ada.look_up(3, 1, 9, 3, 0)
    assert [(line.seq, line.text) for line in lines] == [(1, "a"), (3, "c")]
    assert await ada.look_up(7) == []


async def test_as_many_are_looked_up_as_fit_a_frame(ada: Peer) -> None:
    for _ in range(3):
        await ada.post("🍲" * MAX_TEXT)

    assert [line.seq for line in await ada.look_up(*range(1, MAX_LOOK_UP + 1))] == [1]
    assert [line.seq for line in await ada.look_up(2, 3)] == [2]


def test_the_longest_line_fits_a_frame() -> None:
    reaction = m.Reaction("🍲" * MAX_EMOJI, 10**9, ["𐐷" * MAX_NAME] * MAX_REACTORS, True)
    line = m.Line(
        *(MAX_SEQ, "𐐷" * MAX_NAME, "🍲" * MAX_TEXT, "2026-11-22T09:30:00.000Z", MAX_SEQ),
        edited="2026-11-22T09:30:00.000Z",
        reactions=(reaction,) * MAX_EMOJIS,
    )

    assert fitting([line, line]) == [line]
    assert len(m.encode(m.Page("𐐷" * MAX_NAME, [line], True, re=2**31 - 1))) <= MAX_FRAME


# --- what is kept for a time only


async def test_an_edit_of_what_is_not_kept_any_more_is_of_nothing(
    faulty_server: RunningServer, ada: Peer
) -> None:
    await ada.post("soop")
    await ada.edit(1, "soup")
    await faulty_server.storage.write(
        lambda store: store.remove_old_messages(GENERAL_ROOM, 2**60, 1)
    )

    edited = await _come_back(faulty_server, 1, m.Edited)
    assert (edited.seq, edited.of, edited.text) == (2, 0, "")
