from datetime import UTC, datetime

import pytest

from chat_shared import messages as m
from chat_tui.model.muting import is_muted, seconds_left
from support.tui_state import AT, LATER, logged_in

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)  # as AT; LATER is a quarter of an hour later


def audited(action: str, name: str = "ada", until: str = "") -> m.Audited:
    return m.Audited("general", m.AuditEntry(1, AT, "Cleo", action, name, until))


def test_a_log_in_says_that_we_are_muted_and_until_when() -> None:
    state = logged_in()
    room = state.rooms["general"]
    assert not is_muted(room, NOW)
    state.apply(m.IsMuted("general", LATER))

    assert is_muted(room, NOW)
    assert seconds_left(room, NOW) == 15 * 60
    at_the_end = datetime(2026, 11, 22, 9, 45, tzinfo=UTC)
    assert not is_muted(room, at_the_end)
    assert seconds_left(room, at_the_end) is None


def test_a_mute_without_an_end_lasts_until_it_is_lifted() -> None:
    state = logged_in()
    room = state.rooms["general"]

    state.apply(audited("mute"))
    assert is_muted(room, NOW)
    assert seconds_left(room, NOW) is None
    state.apply(audited("unmute", "Ada"))
    assert not is_muted(room, NOW)


@pytest.mark.parametrize("event", [audited("mute", "ben"), audited("kick"), audited("ban")])
def test_what_happens_to_others_and_other_actions_mute_nobody(event: m.Audited) -> None:
    state = logged_in()

    state.apply(event)

    assert not is_muted(state.rooms["general"], NOW)


def test_an_owner_is_not_muted() -> None:
    state = logged_in()
    state.apply(audited("mute"))

    state.apply(m.Changed("general", "", "Cleo"))
    assert is_muted(state.rooms["general"], NOW)
    state.apply(m.Changed("general", "", "ada"))
    assert not is_muted(state.rooms["general"], NOW)


def test_a_refused_message_shows_a_mute_that_came_while_we_were_away() -> None:
    state = logged_in()
    post = m.Post(id=1, room="general", text="hi", nonce="1")

    state.answer(post, m.Error("forbidden", "No.", 1))
    assert not is_muted(state.rooms["general"], NOW)
    state.answer(post, m.Error("muted", "You're muted in general.", 1, until=LATER))
    assert seconds_left(state.rooms["general"], NOW) == 15 * 60


def test_a_log_in_that_says_nothing_of_it_ends_it() -> None:
    state = logged_in()
    state.apply(m.IsMuted("general"))
    assert is_muted(state.rooms["general"], NOW)

    rooms = [m.RoomInfo("general", "", 0, 0)]
    state.answer(m.Resume(id=1, token="t", seen={}), m.Welcome("ada", "t", rooms, re=1))

    assert not is_muted(state.rooms["general"], NOW)


def test_joining_says_so_too() -> None:
    state = logged_in()
    joined = m.Joined("kitchen", "", "Cleo", 0, [], muted=True, re=1)

    state.answer(m.Join(id=1, room="kitchen"), joined)

    assert is_muted(state.rooms["kitchen"], NOW)
