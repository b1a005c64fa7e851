"""A room whose messages the server has lost starts over, with all that named them by number."""

from collections.abc import Callable, Iterable
from typing import TypeAlias

import pytest

from chat_shared import messages as m
from chat_tui.model.changes import Change, HistoryLost, OutboxChanged, RoomsChanged, StartedOver
from chat_tui.model.outbox import Status, Unsent
from chat_tui.model.resuming import Known, resume_request
from chat_tui.model.room import Room
from chat_tui.model.state import ChatState
from support.tui_state import AT, LATER, answer, counts, holding, line, page, posted

Restore: TypeAlias = Callable[[ChatState], list[Change]]


def by_event(state: ChatState) -> list[Change]:
    """Say that there are other messages of the same numbers."""
    return state.apply(m.Restored("general", 5, read_seq=3, unread=2, mentions=1))


def by_welcome(state: ChatState) -> list[Change]:
    """Say that there are fewer messages."""
    info = m.RoomInfo("general", "", 5, 3, unread=2, mentions=1)
    welcome = m.Welcome(re=1, account="ada", token="t", rooms=[info])
    return state.answer(resume_request("t", state.rooms.seen()), welcome)


each_way = pytest.mark.parametrize("restore", [by_event, by_welcome])


def one_who_holds_lost_messages() -> tuple[ChatState, Room]:
    """Return one who has seen 9 messages, the last of which reply to each other."""
    return holding(*[line(seq) for seq in range(1, 9)], line(9, reply=8))


@each_way
def test_nothing_of_what_was_lost_is_kept(restore: Restore) -> None:
    state, room = one_who_holds_lost_messages()
    room.quote(line(4))
    room.audit.receive(m.AuditEntry(7, AT, "linus", "topic"))

    changes = restore(state)

    assert [StartedOver("general"), HistoryLost("general")] == changes[:2]
    assert RoomsChanged() in changes
    assert (room.lines, room.quotes, room.audit.entries) == ([], {}, {})
    assert room.seen == Known(5, "")


@each_way
def test_what_the_server_has_is_loaded_and_then_followed(restore: Restore) -> None:
    state, room = one_who_holds_lost_messages()
    restore(state)

    answer(state, room.newest(), page(*[line(seq, "other") for seq in range(1, 6)]))
    state.apply(posted(6))

    assert [each.text for each in room.lines] == ["other"] * 5 + ["hi"]
    assert room.reaches_the_end


@each_way
def test_what_is_read_is_what_the_server_says(restore: Restore) -> None:
    state, room = one_who_holds_lost_messages()
    state.mark_unread("general", 8)

    restore(state)

    assert counts(room) == (3, 2, 1)
    assert not room.dirty
    assert not room.kept_unread
    state.apply(posted(6))
    assert counts(room) == (3, 3, 1)


@each_way
def test_what_was_accepted_and_not_seen_is_posted_again_under_its_nonce(restore: Restore) -> None:
    state, _ = one_who_holds_lost_messages()
    kept = Kept()
    state.outbox.keep_in(kept, [])
    unsent = state.outbox.add("general", "did you get this?")
    elsewhere = state.outbox.add("kitchen", "soup")
    for each in (unsent, elsewhere):
        state.outbox.sending(each.nonce)
        state.outbox.accepted(each.nonce, 10)

    changes = restore(state)

    assert OutboxChanged("general") in changes
    assert state.outbox.next_to_send() is unsent
    assert kept.nonces == {unsent.nonce}
    assert elsewhere.status is Status.ACCEPTED


@each_way
def test_a_reply_that_waits_replies_to_nothing_rather_than_to_another_message(
    restore: Restore,
) -> None:
    state, _ = one_who_holds_lost_messages()
    unsent = state.outbox.add("general", "yes", reply=9)
    other = state.outbox.add("kitchen", "yes", reply=2)

    restore(state)

    assert (unsent.reply, other.reply) == (0, 2)


def resumed_behind() -> tuple[ChatState, Unsent]:
    """Return one who has just resumed and missed two messages, with a reply that waits."""
    state, _ = one_who_holds_lost_messages()
    reply = state.outbox.add("general", "yes", reply=9)
    state.outbox.add("general", "indeed")
    info = m.RoomInfo("general", "", 11, 3, unread=8)
    welcome = m.Welcome(re=1, account="ada", token="t", rooms=[info])
    state.answer(resume_request("t", state.rooms.seen()), welcome)
    return state, reply


@pytest.mark.parametrize(
    "event",
    [posted(10), m.Edited("general", 10, 3, "linus", AT, "ho"), m.Gap("general", 9, 12)],
    ids=lambda event: m.type_of(event),
)
def test_a_reply_is_sent_once_it_is_known_that_nothing_was_lost(event: m.Event) -> None:
    state, reply = resumed_behind()
    assert state.outbox.next_to_send() is None

    state.apply(m.ReadTo("general", 3))
    assert state.outbox.next_to_send() is None
    state.apply(event)

    assert state.outbox.next_to_send() is reply
    assert reply.reply == 9


def test_a_reply_to_what_was_lost_is_sent_as_a_message_of_its_own() -> None:
    state, reply = resumed_behind()
    state.apply(m.Restored("general", 11, read_seq=3, unread=8))

    assert state.outbox.next_to_send() is reply
    assert reply.reply == 0


def test_only_replies_to_rooms_with_missed_messages_wait_to_be_known() -> None:
    state, *_ = resumed_behind()
    for _ in range(2):
        state.outbox.take_back("general")
    first, second = (
        state.outbox.add(room, "yes", reply=to) for room, to in (("general", 0), ("kitchen", 4))
    )

    for each in (first, second):
        assert state.outbox.next_to_send() is each
        state.outbox.sending(each.nonce)
        state.outbox.accepted(each.nonce, 12)


def test_where_nothing_was_missed_replies_do_not_wait() -> None:
    state, _ = one_who_holds_lost_messages()
    reply = state.outbox.add("general", "yes", reply=9)
    info = m.RoomInfo("general", "", 9, 9)
    welcome = m.Welcome(re=1, account="ada", token="t", rooms=[info])
    state.answer(resume_request("t", state.rooms.seen()), welcome)

    assert state.outbox.next_to_send() is reply


def test_after_a_log_in_replies_do_not_wait() -> None:
    state, reply = resumed_behind()
    info = m.RoomInfo("general", "", 11, 11)
    login = m.Login(id=1, name="ada", password="correct horse")
    state.answer(login, m.Welcome(re=1, account="ada", token="t", rooms=[info]))

    assert state.outbox.next_to_send() is reply


def test_with_nothing_under_way_the_outbox_is_not_drawn_again() -> None:
    state, _ = one_who_holds_lost_messages()

    assert OutboxChanged("general") not in by_event(state)


def test_a_page_under_way_brings_what_the_server_has() -> None:
    state, room = one_who_holds_lost_messages()
    request = room.around(2)
    by_event(state)

    answer(state, request, page(*[line(seq, "other") for seq in range(1, 6)]))

    assert [each.text for each in room.lines] == ["other"] * 5


def test_of_a_room_that_we_are_not_in_nothing_is_known() -> None:
    state, room = one_who_holds_lost_messages()

    assert state.apply(m.Restored("kitchen", 5, 3)) == []
    assert room.seen == Known(9, AT)


def test_a_message_of_another_time_is_what_differs() -> None:
    state, room = one_who_holds_lost_messages()
    state.apply(m.Reacted("general", 10, 3, "linus", LATER, "👍"))

    assert resume_request("t", state.rooms.seen()).at == {"general": LATER}
    assert room.known == Known(10, LATER)


class Kept:
    """What an outbox stores."""

    def __init__(self, unsent: Iterable[Unsent] = ()) -> None:
        self.nonces = {each.nonce for each in unsent}

    def keep(self, unsent: Unsent) -> None:
        self.nonces.add(unsent.nonce)

    def forget(self, nonce: str) -> None:
        self.nonces.discard(nonce)
