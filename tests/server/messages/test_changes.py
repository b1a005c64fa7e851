"""Messages are edited, deleted, reacted and replied to; all clients agree."""

from typing import TypeVar

from chat_server.pages import fit_page
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
from support.peer import Peer
from support.running_server import RunningServer

Change = TypeVar("Change", bound=m.Message)


async def _line(peer: Peer, seq: int, room: str = "general") -> m.Line:
    (line,) = await peer.look_up(seq, room=room)
    return line


async def _resumed(server: RunningServer, seen: int, kind: type[Change]) -> Change:
    """Return the first of `kind` that Cleo receives, who resumes after so many messages."""
    cleo = await server.log_in("Cleo", seen={"general": seen})
    return await cleo.expect(kind)


# --- replies


async def test_a_reply_names_its_message_in_events_pages_and_after_a_resume(
    faulty_server: RunningServer, ada: Peer, ben: Peer
) -> None:
    await ben.post("Soup?")
    await ada.grant(m.Post("general", "Yes.", "n", 1, id=1), m.Accepted)

    assert [posted.reply for posted in await ben.expect_posted(2)] == [0, 1]
    assert [line.reply for line in (await ben.history()).messages] == [0, 1]
    assert (await _resumed(faulty_server, 1, m.Posted)).reply == 1


async def test_nobody_can_reply_to_a_message_that_does_not_exist_yet(ada: Peer) -> None:
    await ada.post("hello")
    for reply in (2, MAX_SEQ):
        assert await ada.code(m.Post("general", "x", "n", reply, id=1)) is Code.BAD_REQUEST

    assert (await ada.grant(m.Post("general", "x", "n", 1, id=1), m.Accepted)).seq == 2


# --- events and pages


async def test_an_edit_has_its_own_number_and_is_sent_to_everybody(
    faulty_server: RunningServer, ada: Peer, ben: Peer
) -> None:
    await ada.post("soop")
    accepted = await ada.edit(1, "soup", nonce="n")

    edited = m.Edited("general", 2, 1, "Ada", accepted.at, "soup", "n")
    for peer in (ada, ben):
        assert await peer.expect(m.Edited) == edited
    assert accepted.seq == 2
    assert edited == await _resumed(faulty_server, 1, m.Edited)
    first, second = (await ben.history()).messages
    assert (first.text, first.edited) == ("soup", accepted.at)
    assert second == m.Line(2, "Ada", "", accepted.at, change="edit", of=1)


async def test_a_deletion_removes_the_text_everywhere(
    faulty_server: RunningServer, ada: Peer, ben: Peer
) -> None:
    await ada.post("first words")
    await ada.edit(1, "second words")
    await ben.react(1, "🍲")
    accepted = await ada.delete(1, nonce="n")

    deleted = await ben.expect(m.Deleted)
    assert deleted == m.Deleted("general", 4, 1, "Ada", accepted.at, "n")
    line, *changes = (await ben.history()).messages
    assert (line.text, line.deleted, line.reactions) == ("", True, ())
    assert [change.change for change in changes] == ["edit", "react", "delete"]
    cleo = await faulty_server.log_in("Cleo", seen={"general": 1})
    received = [await cleo.receive() for _ in range(3)]
    assert isinstance(received[0], m.Edited)
    assert (received[0].of, received[0].text) == (0, "")  # an edit of a deleted message
    assert received[2] == deleted


async def test_a_missed_message_arrives_as_it_is_by_now(
    faulty_server: RunningServer, ada: Peer
) -> None:
    await ada.post("soop")
    await ada.post("a secret")
    await ada.post("hello")
    await ada.edit(1, "soup")
    await ada.delete(2)

    cleo = await faulty_server.log_in("Cleo", seen={"general": 0})
    assert [posted.text for posted in await cleo.expect_posted(3)] == ["soup", "", "hello"]
    assert (await cleo.expect(m.Deleted)).of == 2


async def test_reactions_are_counted_and_named_in_order_and_the_readers_own_is_marked(
    faulty_server: RunningServer, ada: Peer, ben: Peer
) -> None:
    await ada.post("soup")
    await ben.react(1, "🍲")
    await ada.react(1, "👍")
    await ada.react(1, "🍲")

    reacted = await ben.expect(m.Reacted)
    assert (reacted.seq, reacted.of, reacted.author, reacted.emoji, reacted.off) == (
        *(2, 1, "Ben", "🍲", False),
    )
    assert reacted == await _resumed(faulty_server, 1, m.Reacted)
    assert (await _line(ben, 1)).reactions == (
        m.Reaction("🍲", 2, ["Ben", "Ada"], True),
        m.Reaction("👍", 1, ["Ada"], False),
    )
    assert (await ada.history()).messages[0].reactions[1].mine


async def test_spellings_of_one_reaction_are_counted_as_one_and_any_removes_it(
    faulty_server: RunningServer, ada: Peer, ben: Peer
) -> None:
    await ada.post("soup")
    await ada.react(1, "\u2764\ufe0f")
    await ben.react(1, "\u2764")
    await ben.react(1, "\u2764\ufe0e\u200d")

    events = [await ada.expect(m.Reacted) for _ in range(3)]
    assert {event.emoji for event in events} == {"\u2764\ufe0f"}
    assert (await _resumed(faulty_server, 2, m.Reacted)).emoji == "\u2764\ufe0f"
    (reaction,) = (await _line(ada, 1)).reactions
    assert (reaction.emoji, reaction.count) == ("\u2764\ufe0f", 2)

    await ada.react(1, "\u2764", off=True)
    (reaction,) = (await _line(ada, 1)).reactions
    assert (reaction.names, reaction.mine) == (["Ben"], False)


async def test_a_reaction_counts_once_and_can_be_removed_twice(ada: Peer, ben: Peer) -> None:
    await ada.post("soup")
    for _ in range(2):
        await ben.react(1, "🍲")
    assert (await _line(ada, 1)).reactions == (m.Reaction("🍲", 1, ["Ben"]),)

    for _ in range(2):
        await ben.react(1, "🍲", off=True)
    assert (await _line(ada, 1)).reactions == ()
    assert [(await ada.expect(m.Reacted)).off for _ in range(4)] == [False, False, True, True]


async def test_a_reaction_is_removed_by_the_person_who_added_it_and_nobody_else(
    ada: Peer, ben: Peer
) -> None:
    await ada.post("soup")
    for emoji in ("🍲", "👍"):
        await ada.react(1, emoji)
        await ben.react(1, emoji)

    await ben.react(1, "🍲", off=True)
    assert (await _line(ada, 1)).reactions == (
        m.Reaction("🍲", 1, ["Ada"], True),
        m.Reaction("👍", 2, ["Ada", "Ben"], True),
    )


async def test_only_the_first_are_named(faulty_server: RunningServer, ada: Peer) -> None:
    await ada.post("soup")
    names = [f"name{number}" for number in range(MAX_REACTORS + 2)]
    for name in names:
        await (await faulty_server.log_in(name)).react(1, "🍲")

    (reaction,) = (await _line(ada, 1)).reactions
    assert reaction == m.Reaction("🍲", len(names), names[:MAX_REACTORS])


async def test_those_who_missed_too_much_receive_a_gap_and_read_the_messages_as_they_are(
    faulty_server: RunningServer, ada: Peer
) -> None:
    await ada.post("soop")
    for number in range(MAX_GAP):
        await ada.react(1, "🍲", off=bool(number % 2))
    await ada.edit(1, "soup")

    gap = await _resumed(faulty_server, 1, m.Gap)
    assert (gap.after, gap.before) == (1, MAX_GAP + 3)
    assert (await _line(ada, 1)).text == "soup"


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


def test_the_longest_message_fits_a_frame() -> None:
    reaction = m.Reaction("🍲" * MAX_EMOJI, 10**9, ["𐐷" * MAX_NAME] * MAX_REACTORS, True)
    line = m.Line(
        *(MAX_SEQ, "𐐷" * MAX_NAME, "🍲" * MAX_TEXT, "2026-11-22T09:30:00.000Z", MAX_SEQ),
        edited="2026-11-22T09:30:00.000Z",
        reactions=(reaction,) * MAX_EMOJIS,
    )

    assert fit_page([line, line]) == [line]
    assert len(m.encode(m.Page("𐐷" * MAX_NAME, [line], True, re=2**31 - 1))) <= MAX_FRAME


# --- retention


async def test_an_edit_of_a_removed_message_names_no_message(
    faulty_server: RunningServer, ada: Peer
) -> None:
    await ada.post("soop")
    await ada.edit(1, "soup")
    await faulty_server.storage.write(
        lambda store: store.remove_old_messages(GENERAL_ROOM, 2**60, 1)
    )

    edited = await _resumed(faulty_server, 1, m.Edited)
    assert (edited.seq, edited.of, edited.text) == (2, 0, "")
