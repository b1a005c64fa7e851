from hypothesis import given, strategies as st

from chat_shared import messages as m
from chat_tui.model.changes import Appended, Updated
from support.tui_state import AT, LATER, holding, line, posted


def edited(seq: int, of: int, text: str = "better") -> m.Edited:
    return m.Edited("general", seq, of, "linus", LATER, text)


def deleted(seq: int, of: int) -> m.Deleted:
    return m.Deleted("general", seq, of, "linus", LATER)


def reacted(seq: int, of: int, author: str = "ben", *, off: bool = False) -> m.Reacted:
    return m.Reacted("general", seq, of, author, LATER, "🍞", off)


# --- changes to messages


def test_an_edit_takes_a_seq_and_changes_the_message() -> None:
    state, room = holding(line(1), line(2))

    assert state.apply(edited(3, 1)) == [Updated("general", (1,))]

    assert room.lines[0] == m.Line(1, "linus", "better", AT, edited=LATER)
    assert (room.last_seq, room.held_to, room.unread) == (3, 3, 0)
    assert Appended("general", (line(4),)) in state.apply(posted(4))


def test_a_deleted_message_is_empty_and_stays_so() -> None:
    state, room = holding(line(1))
    state.apply(reacted(2, 1))

    assert state.apply(deleted(3, 1)) == [Updated("general", (1,))]
    assert state.apply(edited(4, 1)) == []

    kept = room.lines[0]
    assert (kept.text, kept.deleted, kept.reactions) == ("", True, ())


def test_reactions_are_merged_and_know_which_are_ours() -> None:
    state, room = holding(line(1))
    state.apply(reacted(2, 1))
    state.apply(reacted(3, 1, "ADA"))
    assert room.lines[0].reactions == (m.Reaction("🍞", 2, ["ben", "ADA"], mine=True),)

    state.apply(reacted(4, 1, "ada", off=True))

    assert room.lines[0].reactions == (m.Reaction("🍞", 1, ["ben"]),)


def test_a_change_that_is_known_already_changes_nothing() -> None:
    state, room = holding(line(1), line(2))
    state.apply(edited(3, 1))

    assert state.apply(edited(3, 1, "again")) == []
    assert room.lines[0].text == "better"


def test_a_change_to_a_message_that_is_not_loaded_takes_only_a_seq() -> None:
    state, room = holding(line(5))

    assert state.apply(edited(6, 1)) == []

    assert (room.last_seq, room.held_to) == (6, 6)
    assert room.look_up() is None


def test_a_reader_further_up_sees_edits_there() -> None:
    state, room = holding(line(1), line(2))
    state.apply(m.Gap("general", 2, 900))

    assert state.apply(edited(900, 1)) == [Updated("general", (1,))]

    assert room.lines[0].text == "better"
    assert room.held_to == 2


def test_a_change_cannot_be_changed() -> None:
    state, room = holding(line(1))
    state.apply(edited(2, 1))

    assert state.apply(edited(3, 2, "no")) == []
    assert room.lines[1].text == ""


# --- quotes of replies


def test_the_quote_of_a_reply_is_known_if_it_is_loaded() -> None:
    state, room = holding(line(1, "soup?"))
    state.apply(posted(2, reply=1))

    assert room.quoted(1) == line(1, "soup?")
    assert room.look_up() is None


def test_unknown_quotes_are_looked_up_once_and_together() -> None:
    state, room = holding(line(50, reply=3), line(51, reply=4), line(52, reply=3))
    state.apply(posted(53, reply=5))

    request = room.look_up()
    assert request is not None
    assert request.seqs == [3, 4, 5]
    assert room.look_up() is None
    there_are = m.Lines(re=1, room="general", messages=[line(3, "soup?"), line(4)])
    assert state.answer(request, there_are) == [Updated("general", (3, 4, 50, 51, 52))]
    assert room.quoted(3) == line(3, "soup?")

    rest = room.look_up()  # it may not have fitted the frame
    assert rest is not None
    assert rest.seqs == [5]
    state.answer(rest, m.Lines(re=1, room="general", messages=[]))
    state.apply(posted(54, reply=5))
    assert room.look_up() is None


def test_a_look_up_lost_with_the_connection_is_repeated() -> None:
    state, room = holding(line(50, reply=3))
    state.answer(room.look_up() or m.Ping(id=1), None)

    assert room.look_up() is not None
    state.answer(m.LookUp(id=1, room="general", seqs=[3]), m.Error("internal", "no", 1))
    assert room.look_up() is None


def test_a_quote_changes_with_its_message() -> None:
    state, room = holding(line(1), line(2, reply=1))
    assert state.apply(edited(3, 1)) == [Updated("general", (1, 2))]

    state, room = holding(line(50, reply=3))
    state.answer(room.look_up() or m.Ping(id=1), m.Lines(re=1, room="general", messages=[line(3)]))
    assert state.apply(edited(51, 3)) == [Updated("general", (3, 50))]
    quoted = room.quoted(3)
    assert quoted is not None
    assert quoted.text == "better"


# --- all together


@given(st.data())
def test_live_events_and_pages_lead_to_the_same_messages(data: st.DataObject) -> None:
    """Edits and deletions received live and those read back give the same messages."""
    state, room = holding(line(1, "1"))
    expected = {1: line(1, "1")}
    for seq in range(2, 2 + data.draw(st.integers(0, 8))):
        of = data.draw(st.integers(1, seq - 1))
        kind = data.draw(st.sampled_from(["post", "edit", "delete"]))
        if kind == "post":
            expected[seq] = line(seq, str(seq))
            state.apply(posted(seq, str(seq)))
            continue
        expected[seq] = m.Line(seq, "linus", "", LATER, change=kind, of=of)
        state.apply(edited(seq, of, str(seq)) if kind == "edit" else deleted(seq, of))
        old = expected[of]
        if old.change or old.deleted:
            continue
        edit = m.Line(of, "linus", str(seq), AT, edited=LATER)
        gone = m.Line(of, "linus", "", AT, edited=old.edited, deleted=True)
        expected[of] = edit if kind == "edit" else gone

    assert room.lines == list(expected.values())
