"""What is unread, and which messages mention us."""

import pytest

from chat_shared import messages as m
from chat_tui.model.changes import RoomsChanged
from chat_tui.model.state import ChatState
from support.tui_state import AT, logged_in, posted


def test_messages_of_others_are_unread_until_read() -> None:
    state = logged_in()
    for seq in (1, 2):
        state.apply(posted(seq))
    assert (state.rooms["general"].unread, state.unread) == (2, 2)

    assert state.read("general") == [RoomsChanged()]

    assert state.unread == 0
    assert state.read("general") == []
    assert state.read("nowhere") == []


def test_writing_in_a_room_marks_it_as_read() -> None:
    state = logged_in()
    state.apply(posted(1))
    state.apply(posted(2, author="ADA"))

    assert state.unread == 0


def test_mentions_are_counted_as_the_server_says() -> None:
    state = logged_in()
    state.apply(m.Posted("general", 1, "linus", "hey", AT, mentions=["Ada", "ben"]))
    state.apply(m.Posted("general", 2, "linus", "@ada.b, hi", AT, mentions=["ada.b"]))

    assert state.rooms["general"].mentions == 1
    state.read("general")
    assert state.rooms["general"].mentions == 0


@pytest.mark.parametrize("text", ["@ben", "", "no one"])
def test_a_deleted_mention_no_longer_counts_whatever_was_edited_in_or_out(text: str) -> None:
    state = logged_in()
    state.apply(m.Posted("general", 1, "linus", "@ada", AT, mentions=["ada"]))
    state.apply(m.Posted("general", 2, "linus", "soup", AT))
    for seq, of, new in [(3, 1, text), (4, 2, "soup, @ada")]:
        state.apply(m.Edited("general", seq, of, "linus", AT, new))
    assert state.rooms["general"].mentions == 1

    state.apply(m.Deleted("general", 5, 2, "linus", AT))
    assert state.rooms["general"].mentions == 1
    state.apply(m.Deleted("general", 6, 1, "linus", AT))
    assert state.rooms["general"].mentions == 0


@pytest.mark.parametrize("text", ["@ada?", "@ada", "hey @Ada, you", "(@ada)"])
def test_a_server_that_does_not_say_who_is_mentioned_is_helped(text: str) -> None:
    assert logged_in().mentions_us(m.Line(1, "linus", text, AT))


@pytest.mark.parametrize("text", ["@adam", "gran@ada", "hey ada", "ada@example.org", "`@ada`", ""])
def test_part_of_a_word_is_no_mention(text: str) -> None:
    assert not logged_in().mentions_us(m.Line(1, "linus", text, AT))


def test_without_an_account_nothing_is_a_mention() -> None:
    assert not ChatState().mentions_us(m.Line(1, "linus", "@ hello", AT))
