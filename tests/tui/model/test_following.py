"""Whatever happens in a room and on the way, the client ends up with what the server has."""

from collections.abc import Callable
from typing import TypeAlias

import pytest
from hypothesis import given, strategies as st

from chat_tui.model.room import IDLE_PAGES, messages_in
from support.followed_room import Follower

Step: TypeAlias = Callable[[Follower], object]

_seqs = st.integers(1, 25)
_posts = st.integers(0, 20)
_STEPS = st.one_of(
    st.builds(lambda reply: lambda at: at.happens(at.server.post(reply)), st.just(0) | _seqs),
    st.builds(lambda of: lambda at: at.happens(at.server.edit(of)), _seqs),
    st.builds(lambda of: lambda at: at.happens(at.server.delete(of)), _seqs),
    st.sampled_from(
        [
            Follower.read,
            Follower.answer,
            Follower.receive,
            Follower.settle,
            Follower.reconnect,
            Follower.log_in,
            Follower.back_up,
            lambda at: at.ask(at.room.newest()),
            lambda at: at.ask(at.room.newer()),
            lambda at: at.ask(at.room.older()),
            lambda at: at.ask(at.room.look_up()),
        ]
    ),
    st.builds(lambda seq: lambda at: at.ask(at.room.around(seq)), _seqs),
    st.builds(lambda seq: lambda at: at.server.keep_from(seq), _seqs),
    st.builds(lambda posts: lambda at: at.restore(posts), _posts),
)


def _check(at: Follower) -> None:
    room = at.room
    assert [line.seq for line in room.lines] == [
        *range(room.first_held, room.first_held + len(room.lines))
    ]
    assert at.shown == list(messages_in(room.lines))


def _check_quotes(at: Follower) -> None:
    for line in at.room.lines:
        if at.server.kept_from <= line.reply <= at.server.last_seq:
            assert at.room.quoted(line.reply) == at.server.lines[line.reply - 1]


def _catch_up(at: Follower) -> None:
    """Load what a reader at the end of the room sees, and what its replies quote."""
    at.settle()
    while requests := [request for request in (at.room.newest(), at.room.look_up()) if request]:
        for request in requests:
            at.ask(request)
        at.settle()
        _check(at)


def _scroll_up(at: Follower) -> None:
    while request := at.room.older():
        at.ask(request)
        at.settle()
        _check(at)


@given(_posts, st.lists(_STEPS, max_size=40))
def test_who_follows_a_room_has_it_as_the_server_has_it(posts: int, steps: list[Step]) -> None:
    at = Follower()
    for _ in range(posts):
        at.server.post()
    at.log_in()

    for step in steps:
        step(at)
        _check(at)
    _catch_up(at)
    _check_quotes(at)
    _scroll_up(at)
    _catch_up(at)

    assert at.room.last_seq == at.server.last_seq
    assert [line for line in at.room.lines if line.seq >= at.server.kept_from] == at.server.kept


def _with_posts(count: int) -> Follower:
    """Return one who has seen the last page of a room with this many messages."""
    at = Follower()
    for _ in range(count):
        at.server.post()
    at.log_in()
    _catch_up(at)
    return at


def test_a_message_edited_while_it_is_looked_up_is_looked_up_again() -> None:
    at = _with_posts(10)
    at.happens(at.server.post(reply=1))
    at.receive()
    at.ask(at.room.look_up())
    at.read()
    at.happens(at.server.edit(1))

    _catch_up(at)

    _check_quotes(at)


@pytest.mark.parametrize("posts", [3, 10])  # the page replaces the message, or brings it
def test_a_message_edited_while_one_jumps_to_it_is_looked_up(posts: int) -> None:
    at = _with_posts(posts)
    at.ask(at.room.around(2))
    at.read()
    at.happens(at.server.edit(2))
    at.settle()

    at.ask(at.room.look_up())
    at.settle()

    assert at.room.line(2) == at.server.lines[1]


def test_a_page_that_arrives_before_the_one_jumped_to_leaves_the_jump_alone() -> None:
    at = _with_posts(10)
    at.ask(at.room.older())
    at.ask(at.room.around(1))

    at.settle()

    assert at.room.line(1) is not None


def test_a_jump_to_where_nothing_is_kept_changes_nothing() -> None:
    at = _with_posts(10)
    at.happens(at.server.post())
    at.receive()
    at.server.keep_from(12)
    at.ask(at.room.around(1))
    at.read()
    at.happens(at.server.post())

    _catch_up(at)

    assert [line.seq for line in at.shown] == [8, 9, 10, 11, 12]


def test_from_where_one_has_jumped_one_can_scroll_up_to_the_first_message() -> None:
    at = _with_posts(110)
    at.ask(at.room.around(104))  # a page earlier than the next
    at.settle()
    _scroll_up(at)
    at.ask(at.room.around(108))
    at.settle()

    _scroll_up(at)

    assert at.room.first_held == 1


def test_what_is_posted_while_an_empty_page_is_under_way_is_loaded() -> None:
    at = _with_posts(10)
    at.server.keep_from(11)
    at.log_in_anew()
    at.ask(at.room.newest())
    at.read()
    at.happens(at.server.post())

    _catch_up(at)

    assert at.shown == at.server.kept


def test_pages_that_bring_nothing_new_do_not_keep_the_end_away() -> None:
    at = _with_posts(10)
    for _ in range(2 * IDLE_PAGES):
        at.ask(at.room.around(1))
    at.settle()

    _catch_up(at)

    assert at.room.line(10) is not None


def test_a_server_restored_from_a_backup_is_loaded_anew() -> None:
    at = _with_posts(6)
    _scroll_up(at)
    backup = list(at.server.lines), list(at.server.events)
    for event in (at.server.post(reply=1), at.server.edit(1), at.server.post()):
        at.happens(event)
    _catch_up(at)
    at.server.lines, at.server.events = backup
    at.server.post(reply=1)

    at.reconnect()
    _catch_up(at)

    assert at.shown[-1] == at.server.lines[-1]
    _check_quotes(at)
    _scroll_up(at)
    assert at.shown == at.server.kept
