"""What a server can lengthen in the client's memory has a bound. See also `test_memory`."""

import pytest

from chat_shared import messages as m
from chat_shared.limits import MAX_EMOJIS, MAX_SEEN, TYPING_MEMBERS
from chat_tui.model import members, room as rooms_of_one, rooms, timeline
from chat_tui.model.changes import LoadingEnded
from chat_tui.model.reactions import reacted
from chat_tui.model.room import IDLE_PAGES, MAX_PAGES_IN_A_ROW, Room
from chat_tui.model.state import ChatState
from chat_tui.model.typing_indicator import TypingIndicator
from support.tui_state import AT, line, logged_in, mark, page, posted

_JOIN = m.Join(id=1, room="general")


def _joined(*names: str, more: bool = False) -> m.Joined:
    people = [m.Member(name, True) for name in names]
    return m.Joined(re=1, room="general", topic="", owner="", last_seq=0, members=people, more=more)


def _member_page(*names: str) -> m.MemberPage:
    people = [m.Member(name, True) for name in names]
    return m.MemberPage(re=1, room="general", members=people, more=True)


def test_a_server_can_add_us_to_as_many_rooms_as_resume_can_name() -> None:
    state = logged_in()

    for number in range(MAX_SEEN + 10):
        state.apply(m.Entered(f"room{number}", "ada"))
        state.answer(m.Create(id=1, room="x"), m.Created(re=1, room=f"own{number}", password="p"))

    assert len(state.rooms) == MAX_SEEN
    infos = [m.RoomInfo(f"other{number}", "", 0, 0) for number in range(MAX_SEEN + 10)]
    state.answer(
        m.Resume(id=1, token="t", seen={}), m.Welcome(re=1, account="ada", token="t", rooms=infos)
    )
    assert len(state.rooms) == MAX_SEEN


def test_the_members_of_a_room_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "MAX_MEMBERS", 3)
    state = logged_in()
    state.answer(_JOIN, _joined("ada", "ben", more=True))
    request = state.rooms.more_members("general")
    assert request is not None

    state.answer(request, _member_page("cleo", "dag", "eve"))
    state.apply(m.Entered("general", "fay"))

    assert [*state.rooms["general"].members] == ["ada", "ben", "cleo"]


def test_a_page_of_members_that_brings_no_one_new_is_the_last() -> None:
    state = logged_in()
    state.answer(_JOIN, _joined("ada", "ben", more=True))
    request = state.rooms.more_members("general")
    assert request == m.Members(id=1, room="general", after="ben")
    assert state.rooms.more_members("general") is None  # it is requested once

    state.answer(request, _member_page("cleo"))
    request = state.rooms.more_members("general")
    assert request == m.Members(id=1, room="general", after="cleo")
    state.answer(request, _member_page("cleo", "ben"))

    assert state.rooms.more_members("general") is None


def test_the_people_whose_presence_is_known_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms, "MAX_PRESENCES", 2)
    state = logged_in()

    for name in ("ben", "cleo", "dag"):
        state.apply(m.Presence("general", [m.Member(name, True)]))

    assert [*state.rooms.presence] == ["cleo", "dag"]


def test_those_who_type_are_bounded() -> None:
    indicator = TypingIndicator()

    for number in range(TYPING_MEMBERS + 9):
        indicator.typing(f"user{number}", 0)

    assert indicator.sentence(1) == f"{TYPING_MEMBERS} people are typing…"


def test_the_reactions_to_a_message_are_bounded() -> None:
    reactions: tuple[m.Reaction, ...] = ()

    for number in range(MAX_EMOJIS + 5):
        reactions = reacted(reactions, f"e{number}", "ben", off=False, mine=False)

    assert len(reactions) == MAX_EMOJIS


def test_quotes_and_what_is_looked_up_for_them_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms_of_one, "MAX_QUOTES", 5)
    room = Room("general")

    room.want_quotes(range(1, 20))
    for seq in range(1, 20):
        room.quote(line(seq))

    assert room.wanted == {1, 2, 3, 4, 5}
    assert [*room.quotes] == [15, 16, 17, 18, 19]


def test_changes_during_a_page_that_never_comes_are_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(timeline, "MAX_OUTDATED", 5)
    state = logged_in(m.RoomInfo("general", "", 100, 0))
    assert state.rooms["general"].newest() is not None

    for number in range(1, 20):
        state.apply(m.Edited("general", 100 + number, number, "linus", AT, "x"))

    assert len(state.rooms["general"].outdated) == 5


def _load(state: ChatState, replies: list[m.Page]) -> tuple[int, list[LoadingEnded]]:
    """Request the newest page as long as the client does; return how often, and what it says."""
    room, asked, ended = state.rooms["general"], 0, []
    for reply in replies:
        if (request := room.newest()) is None:
            break
        asked += 1
        changes = state.answer(request, reply)
        ended += [change for change in changes if isinstance(change, LoadingEnded)]
    return asked, ended


def test_pages_that_advance_by_one_message_each_do_not_go_on_for_ever() -> None:
    state = logged_in(m.RoomInfo("general", "", 2**53 - 1, 0))

    asked, ended = _load(state, [page(line(seq)) for seq in range(1, 500)])

    assert asked == MAX_PAGES_IN_A_ROW
    assert ended == [LoadingEnded("general")]


def test_pages_that_do_not_advance_end_with_a_sentence() -> None:
    state = logged_in(m.RoomInfo("general", "", 9, 0))

    asked, ended = _load(state, [page(line(5)) for _ in range(100)])

    assert asked == IDLE_PAGES + 1  # the first one was news
    assert ended


def test_pages_of_nothing_but_changes_are_loaded_only_so_far_unless_someone_scrolls() -> None:
    state = logged_in(m.RoomInfo("general", "", 1_000, 0))
    room = state.rooms["general"]
    newest = room.newest()
    assert newest is not None
    state.answer(newest, page(line(1_000), more=True))

    for _ in range(2 * MAX_PAGES_IN_A_ROW):
        if (request := room.older(unasked=True)) is None:
            break
        assert request.before is not None
        state.answer(request, page(mark(request.before - 1, of=1), more=True))

    assert room.first_held == 1_000 - MAX_PAGES_IN_A_ROW + 1
    assert room.older() is not None


def test_news_and_scrolling_make_a_room_load_again() -> None:
    state = logged_in(m.RoomInfo("general", "", 2**53 - 9, 0))
    _load(state, [page(line(seq)) for seq in range(1, 500)])
    room = state.rooms["general"]
    assert room.newest() is None

    state.apply(posted(2**53 - 8))

    assert room.newest() is not None
