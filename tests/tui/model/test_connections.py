"""What the client still knows on another connection, of another account, of another server."""

from chat_shared import messages as m
from chat_tui.model.changes import (
    Change,
    MembersChanged,
    OutboxChanged,
    PasswordLost,
    RoomAdded,
    RoomsChanged,
)
from chat_tui.model.read_state import report
from chat_tui.model.state import ChatState
from support.tui_state import AT, counts, general, line, logged_in, page, posted

_LOGIN = m.Login(id=1, name="ada", password="correct horse")
_RESUME = m.Resume(id=1, token="t", seen={})


def _welcome(*rooms: m.RoomInfo, account: str = "ada") -> m.Welcome:
    return m.Welcome(re=1, account=account, token="t", rooms=list(rooms))


def _reconnect(state: ChatState, last_seq: int) -> list[Change]:
    return state.answer(_RESUME, _welcome(m.RoomInfo("general", "", last_seq, last_seq)))


def test_another_server_starts_from_nothing() -> None:
    state = logged_in()
    state.outbox.add("general", "for the first server")
    state.notify_all.add("general")
    state.answer(m.Away(id=1, text="Cooking."), m.Ok(re=1))
    state.apply(m.Presence("general", [m.Member("linus", True)]))
    state.answer(m.Create(id=1, room="attic"), None)

    state.leave()

    assert (state.account, state.away, state.notify_all) == ("", "", set())
    assert (dict(state.rooms), state.rooms.presence) == ({}, {})
    assert state.outbox.of("general") == []
    lost = state.answer(_LOGIN, _welcome(m.RoomInfo("attic", "ada", 0, 0)))
    assert PasswordLost("attic") not in lost


def test_who_comes_back_to_what_they_know_keeps_it() -> None:
    state, room = general(2, 2)
    request = room.newest()
    assert request is not None
    state.answer(request, page(line(1), line(2)))

    assert _reconnect(state, 2) == [RoomsChanged()]

    assert [known.seq for known in room.lines] == [1, 2]


def test_who_logs_in_again_knows_where_each_room_ends() -> None:
    state, room = general(2, 2)

    state.answer(_LOGIN, _welcome(m.RoomInfo("general", "", 5, 2, unread=3)))

    assert room.last_seq == 5
    assert counts(room) == (2, 3, 0)


def test_a_server_restored_from_a_backup_is_told_nothing_of_what_it_lost() -> None:
    state, room = general(3, 2, unread=1)
    state.read("general")

    _reconnect(state, 1)

    assert report(room) is None


def test_presence_is_known_until_the_connection_ends() -> None:
    state = logged_in()
    ben, cleo, dag = (m.Member(name, True) for name in ("Ben", "Cleo", "Dag"))
    state.apply(m.Presence("general", [ben]))
    members = m.Members(id=1, room="general")
    state.answer(members, m.MemberPage(re=1, room="general", members=[cleo]))
    joined = m.Joined(re=1, room="attic", topic="", owner="", last_seq=0, members=[dag])

    assert state.answer(m.Join(id=1, room="attic"), joined) == [
        RoomsChanged(),
        MembersChanged("attic"),
    ]

    assert state.rooms.presence == {"ben": ben, "cleo": cleo, "dag": dag}
    _reconnect(state, 0)
    assert state.rooms.presence == {}


def test_members_of_a_room_we_have_left_meanwhile_are_ignored() -> None:
    state = logged_in()
    request = m.Members(id=1, room="attic")

    assert state.answer(request, m.MemberPage(re=1, room="attic", members=[])) == []


def test_a_room_joined_on_another_device_is_listed() -> None:
    state = logged_in()

    assert state.apply(m.Entered("attic", "Ada"))[:2] == [RoomAdded("attic"), RoomsChanged()]

    assert counts(state.rooms["attic"]) == (0, 0, 0)
    state.apply(m.Posted("attic", 1, "linus", "hi", AT))
    assert counts(state.rooms["attic"]) == (0, 1, 0)


def test_an_accepted_message_before_one_that_arrives_has_been_delivered() -> None:
    state = logged_in()
    unsent = state.outbox.add("general", "hi")
    state.outbox.accepted(unsent.nonce, 1)

    assert OutboxChanged("general") in state.apply(posted(2))

    assert state.outbox.of("general") == []


def test_a_gap_of_one_message_moves_the_end_and_one_of_none_does_not() -> None:
    state, room = general(1, 1)

    assert state.apply(m.Gap("general", 1, 2)) == []
    assert state.apply(m.Gap("general", 1, 3)) == [RoomsChanged()]

    assert room.last_seq == 2
