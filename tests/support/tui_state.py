"""A client that has just logged in, without screen or network, and messages that it may receive."""

from chat_shared import messages as m
from chat_tui.model.changes import Change
from chat_tui.model.room import Room
from chat_tui.model.state import ChatState

AT = "2026-11-22T09:30:00.000Z"
LATER = "2026-11-22T09:45:00.000Z"


def logged_in(*rooms: m.RoomInfo) -> ChatState:
    """Return Ada's state after her log-in, with an empty general unless `rooms` are given."""
    state = ChatState()
    infos = list(rooms) or [m.RoomInfo("general", "", 0, 0)]
    login = m.Login(id=1, name="ada", password="correct horse")
    state.answer(login, m.Welcome(re=1, account="ada", token="t", rooms=infos))
    return state


def info(name: str, peer: str = "") -> m.RoomInfo:
    """Return an empty room, or the direct messages with `peer`."""
    return m.RoomInfo(name, "", 0, 0, peer=peer)


def counts(room: Room) -> tuple[int, int, int]:
    """Return how far the room is read, what is unread, and how many of those mention us."""
    return room.read_seq, room.unread, room.mentions


def general(
    last: int = 0, read: int = 0, unread: int = 0, mentions: int = 0
) -> tuple[ChatState, Room]:
    state = logged_in(m.RoomInfo("general", "", last, read, unread, mentions))
    return state, state.rooms["general"]


def posted(seq: int, text: str = "hi", author: str = "linus", reply: int = 0) -> m.Posted:
    return m.Posted("general", seq, author, text, AT, reply=reply)


def line(seq: int, text: str = "hi", author: str = "linus", reply: int = 0) -> m.Line:
    return m.Line(seq, author, text, AT, reply)


def mark(seq: int, of: int, change: str = "edit") -> m.Line:
    """Return a change as it stands in a page."""
    return m.Line(seq, "linus", "", AT, change=change, of=of)


def page(*lines: m.Line, more: bool = False) -> m.Page:
    return m.Page(re=1, room="general", messages=list(lines), more=more)


def holding(*lines: m.Line) -> tuple[ChatState, Room]:
    """Return a client that holds these, up to the end of general."""
    state = logged_in(m.RoomInfo("general", "", lines[-1].seq, lines[-1].seq))
    room = state.rooms["general"]
    answer(state, room.newest(), page(*lines, more=lines[0].seq > 1))
    return state, room


def answer(state: ChatState, request: m.Request | None, reply: m.Reply | None) -> list[Change]:
    assert request is not None
    return state.answer(request, reply)
