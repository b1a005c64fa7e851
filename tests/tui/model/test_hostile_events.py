"""Whatever a server sends, in whatever order, changes the state or nothing, and raises nothing."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings, strategies as st

from chat_shared import messages as m
from chat_shared.limits import MAX_SEQ
from chat_tui.model.room import IDLE_PAGES
from chat_tui.model.state import ChatState
from chat_tui.ui.log.room_logs import RoomLogs

_NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
_LOGIN = m.Login(id=1, name="ada", password="correct horse")

_numbers = st.integers(0, 12) | st.sampled_from(
    [2**31, MAX_SEQ - 1, MAX_SEQ]
)  # others are no frame
_names = st.sampled_from(["ada", "Ada", "linus", "", "@1-2", "x" * 500, "\x1b[2J", "ß"])
_rooms = st.sampled_from(["general", "attic", "GENERAL", "@1-2", ""])
_texts = st.sampled_from(["", "hi @ada", "x" * 9_000, "[/]", "\x00", "é" * 40])
_times = st.sampled_from(
    ["", "?", "2026-11-22T23:59:58.000Z", "2026-11-23T00:00:02.000Z", "9999-12-31T23:59:59.999Z",
     "0001-01-01T00:00:00Z", "2026-11-22T12:00:00+23:59", "-1", "1" * 300]
)  # fmt: skip
_members = st.lists(st.builds(m.Member, _names, st.booleans(), _texts, _times), max_size=3)
_reactions = st.lists(
    st.builds(m.Reaction, _texts, _numbers, st.lists(_names, max_size=2), st.booleans()),
    max_size=2,
).map(tuple)
_lines = st.lists(
    st.builds(
        m.Line, _numbers, _names, _texts, _times, _numbers, _times, st.booleans(), _reactions,
        st.sampled_from(["", "edit", "delete", "react", "?"]), _numbers,
    ),
    max_size=4,
)  # fmt: skip
_entries = st.builds(m.AuditEntry, _numbers, _times, _names, _texts, _names, _times, _texts)

_events = st.one_of(
    st.builds(m.Posted, _rooms, _numbers, _names, _texts, _times, _names, _numbers),
    st.builds(m.Edited, _rooms, _numbers, _numbers, _names, _times, _texts),
    st.builds(m.Deleted, _rooms, _numbers, _numbers, _names, _times),
    st.builds(m.Reacted, _rooms, _numbers, _numbers, _names, _times, _texts, st.booleans()),
    st.builds(m.Gap, _rooms, _numbers, _numbers),
    st.builds(m.Restored, _rooms, _numbers, _numbers, _numbers, _numbers),
    st.builds(m.Entered, _rooms, _names),
    st.builds(m.Left, _rooms, _names, _names, _texts),
    st.builds(m.Changed, _rooms, _texts, _names),
    st.builds(m.Audited, _rooms, _entries),
    st.builds(m.ReadTo, _rooms, _numbers, _numbers, _numbers),
    st.builds(m.Presence, _rooms, _members),
    st.builds(m.IsTyping, _rooms, _names),
    st.builds(m.Notice, _texts),
)
_infos = st.builds(
    m.RoomInfo, _rooms, _names, _numbers, _numbers, _numbers, _numbers, st.sampled_from(["", "ben"])
)
_replies = st.one_of(
    st.none(),
    st.builds(lambda code: m.Error(code, "No.", 1), st.sampled_from(["too_fast", "?", ""])),
    st.builds(
        lambda name, infos: m.Welcome(re=1, account=name, token="t", rooms=infos),
        _names, st.lists(_infos, max_size=3),
    ),
    st.builds(
        lambda room, lines, more: m.Page(re=1, room=room, messages=lines, more=more),
        _rooms, _lines, st.booleans(),
    ),
    st.builds(lambda room, lines: m.Lines(re=1, room=room, messages=lines), _rooms, _lines),
    st.builds(
        lambda room, people, more: m.MemberPage(re=1, room=room, members=people, more=more),
        _rooms, _members, st.booleans(),
    ),
    st.builds(
        lambda room, seq, people: m.Joined(
            re=1, room=room, topic="", owner="", last_seq=seq, members=people
        ),
        _rooms, _numbers, _members,
    ),
    st.builds(lambda room: m.Created(re=1, room=room, password="p"), _rooms),
    st.just(m.Ok(re=1)),
)  # fmt: skip
_requests = st.one_of(
    st.builds(lambda room: m.Exit(id=1, room=room), _rooms),
    st.builds(lambda room: m.Create(id=1, room=room), _rooms),
    st.builds(lambda room: m.Join(id=1, room=room), _rooms),
    st.builds(lambda room: m.Members(id=1, room=room), _rooms),
    st.builds(lambda room, seq: m.Read(id=1, room=room, seq=seq), _rooms, _numbers),
    st.builds(lambda room, nonce: m.Post(id=1, room=room, text="x", nonce=nonce), _rooms, _names),
    st.just(m.Resume(id=1, token="t", seen={})),
    st.just(_LOGIN),
    st.sampled_from(["older", "newer", "newest", "look_up", "around"]),
)


class _Client:
    """A state with its logs, as both front ends have them."""

    def __init__(self) -> None:
        self.state = ChatState()
        self.logs = RoomLogs(self.state, lambda: _NOW)
        infos = [m.RoomInfo("general", "", 5, 2, 3), m.RoomInfo("@1-2", "", 2, 2, peer="ben")]
        self.answer(_LOGIN, m.Welcome(re=1, account="ada", token="t", rooms=infos))

    def answer(self, request: m.Request | str, reply: m.Reply | None) -> None:
        if isinstance(request, str):
            made = self._made(request)
            if made is None:
                return
            request = made
        for change in self.state.answer(request, reply):
            self.logs.apply(change)

    def _made(self, kind: str) -> m.Request | None:
        room = next(iter(self.state.rooms.values()), None)
        if room is None:
            return None
        made: m.Request | None = room.around(3) if kind == "around" else getattr(room, kind)()
        return made

    def look(self) -> None:
        """Look at everything, as drawing does."""
        for room in list(self.state.rooms.values()):
            self.logs.log(room)
            self.logs.draw_unread_line(room)
            self.logs.row_at(room, 3)
            self.state.outbox.add(room.name, "typed")
            for change in self.state.read(room.name):
                self.logs.apply(change)
        assert self.state.unread >= 0
        assert self.state.addressed >= 0
        self.state.room_names()
        self.state.known_people()


@settings(max_examples=300)
@given(st.lists(_events | st.tuples(_requests, _replies), max_size=12), st.integers(0, 12))
def test_nothing_that_a_server_sends_raises(
    steps: list[m.Event | tuple[m.Request | str, m.Reply | None]], look_at: int
) -> None:
    client = _Client()
    for number, step in enumerate(steps):
        if number == look_at:
            client.look()
        if isinstance(step, tuple):
            client.answer(*step)
        else:
            for change in client.state.apply(step):
                client.logs.apply(change)
    client.look()


_AT = "2026-11-22T12:00:00.000Z"


def _page(room: str, *seqs: int) -> m.Page:
    lines = [m.Line(seq, "linus", "x", _AT) for seq in seqs]
    return m.Page(re=1, room=room, messages=lines, more=True)


@pytest.mark.parametrize(
    "reply",
    [
        m.Error("too_fast", "No.", 1),
        m.Ok(re=1),
        _page("attic", 4, 5),
        m.Lines(re=1, room="general", messages=[]),
    ],
)
def test_wrong_replies_are_not_asked_for_in_a_loop(reply: m.Reply) -> None:
    client = _Client()
    room = client.state.rooms["general"]
    room.last_seq = 5

    asked = 0
    while (request := room.newest()) is not None and asked < 100:
        asked += 1
        client.answer(request, reply)

    assert asked <= IDLE_PAGES
    client.state.apply(m.Posted("general", 6, "linus", "x", _AT))
    assert room.newest() is not None  # news is worth another try


@pytest.mark.parametrize(
    "reply",
    [
        m.Error("too_fast", "No.", 1),
        m.Lines(re=1, room="general", messages=[m.Line(1, "linus", "x", _AT)]),
        m.Lines(re=1, room="attic", messages=[m.Line(3, "linus", "x", _AT)]),
    ],
)
def test_wrong_look_ups_are_not_asked_for_in_a_loop(reply: m.Reply) -> None:
    client = _Client()
    room = client.state.rooms["general"]
    client.state.apply(m.Posted("general", 6, "linus", "x", _AT, "", 3))
    room.want_quotes([3])

    asked = 0
    while (request := room.look_up()) is not None and asked < 100:
        asked += 1
        client.answer(request, reply)

    assert asked == 1
