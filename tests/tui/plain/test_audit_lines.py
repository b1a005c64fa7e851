"""What owners did is written between the messages, once, as far back as the messages go."""

import re
from collections.abc import Sequence

import pytest

from chat_shared import messages as m
from chat_tui.model.room import Room
from chat_tui.model.state import ChatState
from chat_tui.plain.audit_lines import AuditLines
from chat_tui.plain.open_room import OpenRoom
from support.plain_console import Console

pytestmark = pytest.mark.asyncio


def _at(minute: int) -> str:
    return f"2026-11-22T09:{minute:02}:00.000Z"


def _lines(first: int, last: int) -> list[m.Line]:
    """Return messages, of which each has the minute in which it was posted as its number."""
    return [m.Line(seq, "ben", f"line {seq}", _at(seq)) for seq in range(first, last + 1)]


class _Client:
    """A plain client whose open room has messages from the first minute to minute `last`.

    Topics were set in `minutes`; the server sends `page` entries at a time.
    """

    def __init__(
        self, last: int, minutes: Sequence[int], *, read: int | None = None, page: int = 2
    ) -> None:
        self._page = page
        self.state, self.console = ChatState(), Console()
        self.requests: list[m.Audit] = []
        self.log = [
            m.AuditEntry(id, _at(minute), "ben", "topic", reason=f"topic {minute}")
            for id, minute in enumerate(minutes, 1)
        ]
        self.room = OpenRoom(self.state, self.console, self._ask)
        self._unanswered: list[m.Request] = []
        self._all = _lines(1, last)
        seen = last if read is None else read
        info = m.RoomInfo("general", "", last, seen, unread=last - seen)
        welcome = m.Welcome(re=1, account="ada", token="t", rooms=[info])
        self.state.answer(m.Login(id=1, name="ada", password="correct horse"), welcome)

    def _ask(self, request: m.Request) -> None:
        self._unanswered.append(request)

    def open(self) -> list[str]:
        """Write what is new, once all that is requested for that has come; return it."""
        del self.console.written[:]
        self.room.write_new()
        while self._unanswered:
            self._answer(self._unanswered.pop(0))
            self.room.write_new()
        return self.written

    async def older(self, first: int) -> list[str]:
        """Load the page from message `first`, as `/older` does; return what is written."""
        request = self.room.older()
        assert isinstance(request, m.History)
        assert request.before is not None
        lines = _lines(first, request.before - 1)
        page = m.Page("general", lines, more=first > 1, re=1)
        self.state.answer(request, page)
        await self.room.load_entries(page, self._asked)
        del self.console.written[:]
        self.room.write_older(page)
        return self.written

    async def _asked(self, request: m.Request) -> m.Reply | None:
        return self._answer(request)

    def _answer(self, request: m.Request) -> m.Reply | None:
        reply: m.Reply | None = None
        if isinstance(request, m.History):
            reply = m.Page("general", self._all, more=False, re=1)
        elif isinstance(request, m.Audit):
            self.requests.append(request)
            before = request.before or len(self.log) + 1
            rest = [entry for entry in reversed(self.log) if entry.id < before]
            reply = m.AuditPage("general", rest[: self._page], more=len(rest) > self._page, re=1)
        self.state.answer(request, reply)
        return reply

    @property
    def written(self) -> list[str]:
        """What was written, without times and names."""
        return [line.rpartition(": ")[2] for line in self.console.written]


def _topics(*minutes: int) -> list[str]:
    return [f"topic {minute}" for minute in minutes]


async def test_what_owners_did_is_written_between_the_messages_where_it_belongs() -> None:
    client = _Client(4, [0, 2, 2, 3, 9])

    assert client.open() == [
        *(
            "topic 0",
            "line 1",
            "line 2",
            "topic 2",
            "topic 2",
            "line 3",
            "topic 3",
            "line 4",
            "topic 9",
        )
    ]
    assert [request.before for request in client.requests] == [0, 4, 2]
    assert client.open() == []


async def test_it_is_written_with_its_time() -> None:
    client = _Client(0, [5])

    client.open()

    assert re.fullmatch(r"\d\d:05 ben set the topic: topic 5", client.console.text)


async def test_a_page_has_so_many_lines_and_not_more_for_what_owners_did() -> None:
    client = _Client(30, range(20, 40))

    written = client.open()

    assert len(written) == 20
    assert written[0] == "topic 25"
    assert written.index("line 30") < written.index("topic 31")


async def test_all_that_is_unread_is_written_however_much_owners_did_after_it() -> None:
    client = _Client(5, range(6, 40), read=3)

    assert client.open()[:3] == ["line 4", "line 5", "topic 6"]


async def test_where_only_what_owners_did_is_written_the_messages_before_it_follow() -> None:
    client = _Client(3, range(6, 40), page=50)
    assert client.open() == _topics(*range(20, 40))

    assert (await client.older(1))[:-1] == ["line 1", "line 2", "line 3", *_topics(*range(6, 20))]


async def test_what_an_owner_does_now_is_written_once_and_in_its_place() -> None:
    client = _Client(1, [])
    client.open()
    kicked = m.AuditEntry(1, _at(8), "ben", "kick", "cleo")

    client.state.apply(m.Audited("general", kicked))
    client.state.apply(m.Posted("general", 2, "ben", "line 2", _at(9), "n"))

    client.open()

    assert [line.partition(" ")[2] for line in client.console.written] == [
        "ben kicked cleo",
        "ben: line 2",
    ]
    assert client.open() == []


async def test_what_owners_did_during_a_lost_connection_is_written_after_it() -> None:
    client = _Client(2, [1])
    client.open()
    client.log.append(m.AuditEntry(2, _at(12), "ben", "topic", reason="topic 12"))
    client.state.rooms["general"].audit.forget_newest()

    assert client.open() == ["topic 12"]


async def test_older_messages_come_with_what_owners_did_among_them() -> None:
    client = _Client(30, range(40))
    first = client.open()[0]

    assert first == "topic 25"
    assert (await client.older(9))[:3] == ["line 9", "topic 9", "line 10"]
    assert client.written[-4:-1] == ["line 24", "topic 24", "line 25"]
    assert (await client.older(1))[:2] == ["topic 0", "line 1"]
    assert client.written[-3:-1] == ["line 8", "topic 8"]


async def test_before_the_first_message_there_may_be_what_owners_did() -> None:
    client = _Client(0, range(30))
    assert client.open() == _topics(28, 29)

    assert (await client.older(1))[:28] == _topics(*range(28))
    assert await client.older(1) == ["No older messages."]


async def test_what_owners_did_before_the_first_page_comes_with_the_older_ones() -> None:
    client = _Client(40, [1, 2])
    assert client.open()[0] == "line 21"

    assert (await client.older(1))[:4] == ["line 1", "topic 1", "line 2", "topic 2"]


async def test_what_was_forgotten_is_written_again() -> None:
    lines, room = AuditLines(), Room("general")
    room.audit.receive(m.AuditEntry(3, _at(1), "ben", "topic"))
    lines.wrote_newer(room, lines.newer(room))
    assert lines.newer(room) == []

    lines.forget("general")

    assert [entry.id for entry in lines.newer(room)] == [3]
