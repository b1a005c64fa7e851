"""Messages of the open room are printed once, and only printed messages count as read."""

from collections.abc import Iterable, Sequence

from chat_shared import messages as m
from chat_tui.model.state import ChatState
from chat_tui.plain.open_room import OpenRoom
from support.fake_server import AT
from support.plain_console import Console


def _room(
    read: int, *authors: str, entries: Sequence[m.AuditEntry] = ()
) -> tuple[OpenRoom, Console, list[m.Request]]:
    """Return general, with a message of each of `authors`, all of which are held."""
    state, console, asked = ChatState(), Console(), list[m.Request]()
    unread = sum(author != "ada" for author in authors[read:])
    info = m.RoomInfo("general", "", len(authors), read, unread=unread)
    welcome = m.Welcome(re=1, account="ada", token="t", rooms=[info])
    state.answer(m.Login(id=1, name="ada", password="correct horse"), welcome)
    request = state.rooms["general"].newest()
    assert request is not None
    lines = _lines(authors)
    state.answer(request, m.Page("general", lines, more=False, re=2))
    audit = m.AuditPage("general", list(entries), more=False, re=3)
    state.answer(m.Audit(id=1, room="general"), audit)
    return OpenRoom(state, console, asked.append), console, asked


def _lines(authors: Iterable[str]) -> list[m.Line]:
    return [m.Line(seq, author, f"line {seq}", AT) for seq, author in enumerate(authors, 1)]


def _written(console: Console) -> list[str]:
    return [line.rpartition(": ")[2] for line in console.written]


def test_all_that_is_unread_is_written_and_what_stood_before_it_to_a_page() -> None:
    for read, first in ((2, 3), (28, 11)):
        room, console, asked = _room(read, *["ben"] * 30)

        room.write_new()

        assert _written(console) == [f"line {n}" for n in range(first, 31)]
        assert room.older() == m.History(id=1, room="general", before=first, limit=20)
        assert [request.seq for request in asked if isinstance(request, m.Read)] == [30]


def test_a_mute_is_written_when_its_room_is_opened_and_once_only() -> None:
    room, console, _ = _room(1, "ben")
    room._state.rooms["general"].muted = True

    room.write_new()
    room.write_new()
    room._state.rooms["general"].muted = False
    room.write_new()

    muted = [line for line in console.written if "general" in line]
    assert muted == ["You're muted in general.", "You can write in general again."]


def test_nothing_is_written_twice() -> None:
    room, console, _ = _room(0, "ben", "ada", "ben")

    room.write_new()
    room.write_new()

    assert _written(console) == ["line 1", "line 2", "line 3"]


def test_a_room_that_one_is_not_in_is_not_opened() -> None:
    room, console, _ = _room(1, "ben")

    room.open("cellar\x1b[31m")

    assert room.name == "general"
    assert console.written == ["You're not in cellar␛[31m. To join: /join cellar␛[31m PASSWORD"]


def test_what_was_listed_last_is_read_on_until_it_is_whole_or_a_room_is_opened() -> None:
    room, _, _ = _room(2, "ben", "ben")
    room.write_new()
    log = room.older()
    search = m.Search(id=1, words="line")
    hits = [m.Hit(7, "general", 1, "ben", "line 1", AT)]

    room.listed(search, m.Found(hits, more=True, re=1))
    assert room.older() == m.Search(id=1, words="line", before=7)
    room.listed(room.older(), None)
    room.listed(room.older(), m.Error("too_fast", "That was too fast."))
    assert room.older() == m.Search(id=1, words="line", before=7)

    room.listed(room.older(), m.Found(hits, more=False, re=1))
    assert room.older() == log

    room.listed(search, m.Found(hits, more=True, re=1))
    room.open("general")
    assert room.older() == log


def test_a_room_that_starts_over_is_written_as_if_it_had_not_been() -> None:
    topic = m.AuditEntry(7, AT, "ben", "topic")
    room, console, _ = _room(28, *["ben"] * 30, entries=[topic])
    room.write_new()
    written, before = list(console.written), room.older()
    assert len(written) > 1
    room.mark_typed("general", 30)
    room.write_older(m.Page("general", _lines(["ben"] * 10), more=False, re=4))
    numbered = room.numbers.find(1)
    file = room.files.number("general", m.File(7, "a.pdf", 5))

    room.start_over("general")
    assert numbered is not None
    assert room.numbers.find(1) is None
    assert room.files.find(file) is None
    console.written.clear()
    room.write_new()

    assert console.written == written
    assert room.older() == before


def test_only_what_has_changed_is_written_again() -> None:
    room, console, _ = _room(0, "ben", "ben", "ben")
    room.write_new()
    console.written.clear()

    room.write_changed([2])

    (line,) = console.written
    assert line.startswith("Changed: ")
    assert line.endswith("ben: line 2")


def test_the_messages_of_the_open_room_stay_in_memory() -> None:
    room, _, _ = _room(0, "ben")

    room.open("General")

    assert room._state.open_room == "general"
