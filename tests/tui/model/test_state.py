from hypothesis import given, strategies as st

from chat_shared import messages as m
from chat_tui.model import changes
from chat_tui.model.changes import (
    Appended,
    Change,
    OutboxChanged,
    Prepended,
    RoomRemoved,
    RoomsChanged,
    StartedOver,
)
from chat_tui.model.resuming import Known
from chat_tui.model.room import KEEP, Room
from chat_tui.model.state import ChatState
from chat_tui.model.timeline import MOST
from support.tui_state import AT, line

LOGIN = m.Login(id=1, name="ada", password="correct horse")
RESUME = m.Resume(id=1, token="t", seen={})


def welcome(*rooms: tuple[str, int], account: str = "ada") -> m.Welcome:
    infos = [m.RoomInfo(name, "", last, last) for name, last in rooms]
    return m.Welcome(re=1, account=account, token="t", rooms=infos)


def logged_in(*rooms: tuple[str, int]) -> ChatState:
    state = ChatState()
    state.answer(LOGIN, welcome(*(rooms or (("general", 0),))))
    return state


def posted(seq: int, text: str = "hi", author: str = "linus", nonce: str = "") -> m.Posted:
    return m.Posted("general", seq, author, text, AT, nonce)


def page(state: ChatState, *seqs: int, more: bool = False) -> list[Change]:
    """Answer a request for the last page of general."""
    request = state.rooms["general"].newest() or m.History(id=1, room="general", before=1)
    return state.answer(
        request, m.Page(re=1, room="general", messages=[*map(line, seqs)], more=more)
    )


def seqs(state: ChatState) -> list[int]:
    return [held.seq for held in state.rooms["general"].lines]


# --- messages


def test_messages_are_appended_in_order() -> None:
    state = logged_in()

    assert Appended("general", (line(1),)) in state.apply(posted(1))
    state.apply(posted(2))

    assert seqs(state) == [1, 2]


def test_a_duplicate_changes_nothing() -> None:
    state = logged_in()
    state.apply(posted(1))

    assert state.apply(posted(1)) == []


def test_after_a_gap_messages_are_counted_and_loaded_in_pages() -> None:
    state = logged_in()
    state.apply(posted(1))

    assert state.apply(posted(4)) == [RoomsChanged()]

    assert seqs(state) == [1]
    assert page(state, 2, 3, 4) == [Appended("general", (line(2), line(3), line(4)))]
    assert seqs(state) == [1, 2, 3, 4]


def test_a_gap_moves_the_end_and_live_messages_wait_for_the_page() -> None:
    state = logged_in()
    state.apply(posted(1))
    state.apply(m.Gap("general", 1, 900))
    state.apply(posted(900))

    assert seqs(state) == [1]
    assert state.rooms["general"].unread == 2  # what the gap holds, a welcome has counted
    request = state.rooms["general"].newest()
    assert request is not None
    assert request.before == 901
    lines = [line(seq) for seq in range(701, 901)]
    reply = m.Page(re=1, room="general", messages=lines, more=True)
    assert state.answer(request, reply) == [StartedOver("general")]
    state.apply(posted(901))
    assert seqs(state) == list(range(701, 902))
    assert state.rooms["general"].has_older


def test_an_older_page_is_prepended() -> None:
    state = logged_in(("general", 10))
    page(state, 9, 10, more=True)

    request = state.rooms["general"].older()
    assert request is not None
    reply = m.Page(re=1, room="general", messages=[line(7), line(8)], more=False)
    assert state.answer(request, reply) == [Prepended("general", (line(7), line(8)))]

    assert seqs(state) == [7, 8, 9, 10]
    assert not state.rooms["general"].has_older


def test_a_page_that_overlaps_adds_only_what_is_new() -> None:
    state = logged_in(("general", 10))
    page(state, 9, 10)

    request = state.rooms["general"].older()
    assert request is not None
    reply = m.Page(re=1, room="general", messages=[line(8), line(9)], more=True)
    state.answer(request, reply)

    assert seqs(state) == [8, 9, 10]


def test_a_lost_page_can_be_requested_again() -> None:
    state = logged_in(("general", 10))
    request = state.rooms["general"].newest()
    assert request is not None

    state.answer(request, None)

    assert state.rooms["general"].newest() is not None


def test_an_empty_page_is_not_requested_again() -> None:
    state = logged_in(("general", 10))

    assert page(state) == [StartedOver("general")]

    assert state.rooms["general"].newest() is None
    assert state.rooms["general"].older() is None
    state.apply(posted(11))
    assert seqs(state) == [11]


def test_a_message_that_arrives_during_a_page_request_is_not_lost() -> None:
    state = logged_in(("general", 2))
    request = state.rooms["general"].newest()
    assert request is not None
    state.apply(posted(3))

    state.answer(request, m.Page(re=1, room="general", messages=[line(1), line(2)], more=False))

    assert seqs(state) == [1, 2]
    page(state, 3)
    assert seqs(state) == [1, 2, 3]


def test_memory_is_bounded_for_a_reader_far_back() -> None:
    state = logged_in()
    for seq in range(1, MOST + 100):
        state.apply(posted(seq))

    assert len(state.rooms["general"].lines) == MOST
    assert state.rooms["general"].last_seq == MOST + 99


def test_paging_up_forever_drops_the_newest_messages() -> None:
    state = logged_in(("general", 20_000))
    page(state, *range(19_801, 20_001), more=True)
    changes_seen: list[Change] = []
    while StartedOver("general") not in changes_seen:
        room = state.rooms["general"]
        request = room.older()
        assert request is not None
        first = room.first_held
        older = [line(seq) for seq in range(first - 200, first)]
        changes_seen = state.answer(
            request, m.Page(re=1, room="general", messages=older, more=True)
        )
        assert len(room.lines) <= KEEP

    assert not state.rooms["general"].reaches_the_end


@given(
    st.lists(st.integers(1, 30), max_size=60),
    st.lists(st.tuples(st.integers(1, 30), st.integers(1, 12)), max_size=20),
)
def test_the_loaded_messages_are_contiguous_whatever_arrives(
    events: list[int], pages: list[tuple[int, int]]
) -> None:
    state = logged_in(("general", 3))
    room = state.rooms["general"]
    for index, seq in enumerate(events):
        state.apply(posted(seq))
        if index < len(pages):
            first, length = pages[index]
            lines = [line(seq) for seq in range(first, first + length)]
            request = m.History(id=1, room="general", before=first + length)
            state.answer(request, m.Page(re=1, room="general", messages=lines, more=True))

        held = [kept.seq for kept in room.lines]
        assert held == list(range(held[0], held[0] + len(held))) if held else True
        assert room.last_seq >= room.held_to >= (held[-1] if held else 0)


# --- own messages


def test_a_delivered_message_leaves_the_outbox() -> None:
    state = logged_in()
    unsent = state.outbox.add("general", "hi")

    seen = state.apply(posted(1, author="ada", nonce=unsent.nonce))

    assert OutboxChanged("general") in seen
    assert state.outbox.of("general") == []


def test_messages_of_others_do_not_empty_our_outbox() -> None:
    state = logged_in()
    unsent = state.outbox.add("general", "hi")

    state.apply(posted(1, author="linus", nonce=unsent.nonce))

    assert state.outbox.of("general") == [unsent]


def test_an_accepted_message_in_a_page_leaves_the_outbox() -> None:
    state = logged_in(("general", 1))
    unsent = state.outbox.add("general", "hi")
    state.outbox.accepted(unsent.nonce, 1)

    assert OutboxChanged("general") in page(state, 1)


def test_an_accepted_message_that_is_in_the_room_already_leaves_the_outbox() -> None:
    state = logged_in()
    state.apply(posted(1, author="ada"))
    unsent = state.outbox.add("general", "hi")
    state.outbox.accepted(unsent.nonce, 1)

    post = m.Post(id=1, room="general", text="hi", nonce=unsent.nonce)
    seen = state.answer(post, m.Accepted(re=1, room="general", seq=1, at=AT))

    assert seen == [OutboxChanged("general")]
    assert state.outbox.of("general") == []


# --- reconnecting


def test_resume_says_up_to_where_each_room_is_known() -> None:
    state = logged_in(("general", 4), ("kitchen", 2))
    state.apply(posted(5))

    assert state.rooms.seen() == {"general": Known(5, AT), "kitchen": Known(2, "")}


def test_after_resume_missed_messages_arrive_as_events() -> None:
    state = logged_in()
    state.apply(posted(1))

    info = m.RoomInfo("general", "", 3, 0, unread=3)
    state.answer(RESUME, m.Welcome(re=1, account="ada", token="t", rooms=[info]))
    state.apply(posted(2))
    state.apply(posted(3))

    assert seqs(state) == [1, 2, 3]
    assert state.rooms["general"].unread == 3  # the server has counted these
    state.apply(posted(4))
    assert state.rooms["general"].unread == 4


def test_after_a_log_in_a_room_starts_over_since_nobody_has_compared_what_we_hold() -> None:
    state = logged_in()
    state.apply(posted(1))

    changes = state.answer(LOGIN, welcome(("general", 3)))
    assert StartedOver("general") in changes
    assert seqs(state) == []
    page(state, 1, 2, 3)

    assert seqs(state) == [1, 2, 3]


def test_a_server_restored_from_a_backup_starts_the_room_over() -> None:
    state = logged_in()
    for seq in (1, 2, 3):
        state.apply(posted(seq))

    assert StartedOver("general") in state.answer(RESUME, welcome(("general", 1)))

    assert seqs(state) == []
    page(state, 1)
    state.apply(posted(2))
    assert seqs(state) == [1, 2]


def test_known_people_are_members_of_our_rooms_and_direct_messages() -> None:
    state = logged_in()
    state.rooms["@1-2"] = Room("@1-2", peer="Cleo")
    members = [m.Member("ada", online=True), m.Member("linus", online=False)]
    state.answer(
        m.Members(id=1, room="general"),
        m.MemberPage(re=1, room="general", members=members, more=False),
    )

    assert sorted(state.known_people()) == ["Cleo", "linus"]


def test_rooms_left_meanwhile_are_gone() -> None:
    state = logged_in(("general", 0), ("kitchen", 0))

    changes = state.answer(RESUME, welcome(("general", 0)))

    (removed,) = [change for change in changes if isinstance(change, RoomRemoved)]
    assert removed.room == "kitchen"
    assert removed.left is not None
    assert removed.left.reason == "you left or were removed while this device was offline"


def test_another_account_starts_empty() -> None:
    state = logged_in(("general", 0), ("kitchen", 0))
    state.outbox.add("kitchen", "of ada")

    state.answer(LOGIN, welcome(("general", 9), account="linus"))

    assert list(state.rooms) == ["general"]
    assert state.outbox.of("kitchen") == []
    assert state.is_me("LINUS")


def test_every_change_is_frozen() -> None:
    for kind in changes.Change.__args__:
        assert kind.__dataclass_params__.frozen


def test_the_first_message_of_a_new_conversation_notifies_and_names_the_person() -> None:
    state = logged_in(("general", 0))
    state.apply(m.Entered("@1-2", "ada"))

    found = state.apply(m.Posted("@1-2", 1, "linus", "hi", AT))

    assert any(isinstance(change, changes.NotificationDue) for change in found)
    assert state.rooms["@1-2"].title == "linus"


def test_a_message_has_files_until_it_is_deleted() -> None:
    state = logged_in()
    files = (m.File(1, "report.pdf", 9),)
    state.apply(m.Posted("general", 1, "ben", "", AT, files=files))
    room = state.rooms["general"]
    line = room.line(1)
    assert line is not None
    assert line.files == files

    state.apply(m.Deleted("general", 2, 1, "ben", AT))

    line = room.line(1)
    assert line is not None
    assert (line.deleted, line.files) == (True, ())
