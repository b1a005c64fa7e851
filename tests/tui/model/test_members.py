from chat_shared import messages as m
from chat_tui.model.changes import MembersChanged, TypingChanged
from support.tui_state import logged_in

AWAY = m.Member("ada", True, away="Cooking.")


def test_a_presence_event_changes_only_the_members_it_names() -> None:
    state = logged_in()
    room = state.rooms["general"]
    members = [m.Member("ada", True), m.Member("Cleo", False, seen="2026-11-21T23:10:00.000Z")]
    state.answer(
        m.Members(id=1, room="general"), m.MemberPage(re=1, room="general", members=members)
    )

    changed = state.apply(m.Presence("general", [m.Member("cleo", True), m.Member("dag", True)]))

    assert changed == [MembersChanged("general")]
    assert room.members == {"ada": m.Member("ada", True), "cleo": m.Member("cleo", True)}


def test_we_are_away_once_the_server_agrees() -> None:
    state = logged_in()
    away = m.Away(id=1, text="Cooking.")

    state.answer(away, m.Error("too_fast", "no", 1))
    assert state.away == ""
    state.answer(away, m.Ok(re=1))
    assert state.away == "Cooking."
    state.answer(m.Away(id=1), m.Ok(re=1))
    assert state.away == ""


def test_we_are_away_when_another_device_says_so() -> None:
    state = logged_in()
    state.apply(m.Presence("general", [m.Member("linus", True, away="Fishing.")]))
    assert state.away == ""
    state.apply(m.Presence("general", [AWAY]))
    assert state.away == "Cooking."

    login = m.Login(id=1, name="ada", password="p")
    state.answer(login, m.Welcome(re=1, account="ada", token="t", rooms=[], away="Sleeping."))
    assert state.away == "Sleeping."


def test_our_own_typing_is_ignored() -> None:
    state = logged_in()

    assert state.apply(m.IsTyping("general", "ben")) == [TypingChanged("general", "ben")]
    assert state.apply(m.IsTyping("general", "Ada")) == []
    assert state.apply(m.IsTyping("nowhere", "ben")) == []
