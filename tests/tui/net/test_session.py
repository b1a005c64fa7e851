"""What a session does with more than anyone can read, and with replies that fit no request."""

import asyncio
from collections.abc import Callable
from itertools import pairwise

import pytest

from chat_shared import messages as m
from chat_shared.connection import Connection, Role
from chat_tui.model.address import Address, Place
from chat_tui.net.connect import Transport
from chat_tui.net.disconnect import Disconnect
from chat_tui.net.events import Answer
from chat_tui.net.session import MAX_AT_ONCE, MAX_UNANSWERED, Session
from chat_tui.net.timeouts import Timeouts

pytestmark = pytest.mark.asyncio

_LOGIN = m.Login(id=1, name="ada", password="correct horse")


class Listener:
    """Keeps what a session reports, with the turns that others had until then."""

    def __init__(self) -> None:
        self.parts: list[tuple[Answer | m.Event, ...]] = []
        self.turns_at: list[int] = []
        self.turns = 0

    async def take_turns(self) -> None:
        while True:
            self.turns += 1
            await asyncio.sleep(0)

    def received(self, items: tuple[Answer | m.Event, ...]) -> None:
        self.parts.append(items)
        self.turns_at.append(self.turns)

    def greeted(self, hello: m.Hello) -> None: ...
    def logged_in(self, token: str) -> None: ...
    def post_answered(self, post: m.Post, reply: m.Reply) -> None: ...
    def latency_measured(self, seconds: float) -> None: ...


async def _end(
    sent: list[m.Message], listener: Listener, then: Callable[[Session], list[m.Message]]
) -> Disconnect:
    """Run a session that receives `sent` in one read, then what `then` returns; return its end."""
    server = Connection(Role.SERVER)
    sessions: list[Session] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        welcome = m.Welcome(re=1, account="ada", token="t", rooms=[])
        writer.write(server.send(m.Hello(1, "s", "v", "open")))
        await reader.readline()
        writer.write(b"".join(map(server.send, [welcome, *sent])))
        while not sessions[0].is_open:  # noqa: ASYNC110 - of a thing that knows no event
            await asyncio.sleep(0)
        writer.write(b"".join(map(server.send, then(sessions[0]))))
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listening:
        host, port = listening.sockets[0].getsockname()
        reader, writer = await asyncio.open_connection(host, port)
        transport = Transport(reader, writer, Place(Address(host, port, plain=True)))
        session = Session(transport, _LOGIN, listener, Timeouts())
        sessions.append(session)
        return await session.run()


async def test_a_flood_is_handed_on_in_parts_and_others_have_turns_between_them() -> None:
    listener = Listener()
    others = asyncio.create_task(listener.take_turns())

    await _end([m.Notice(str(n)) for n in range(3 * MAX_AT_ONCE)], listener, lambda _: [])
    others.cancel()

    assert sum(map(len, listener.parts)) == 3 * MAX_AT_ONCE + 1
    assert max(map(len, listener.parts)) == MAX_AT_ONCE
    assert all(later > earlier for earlier, later in pairwise(listener.turns_at))


async def test_a_reply_of_the_wrong_type_ends_the_session_with_a_sentence() -> None:
    def answered_wrongly(session: Session) -> list[m.Message]:
        session.send(m.History(id=m.UNNUMBERED, room="general", before=9))
        return [m.Ok(re=2)]

    listener = Listener()
    end = await _end([], listener, answered_wrongly)

    assert end.reason == "The server replied to history with ok."
    assert not end.is_final
    assert [item.reply for item in listener.parts[-1] if isinstance(item, Answer)] == [None]


async def test_a_reply_to_a_request_that_was_never_sent_changes_nothing() -> None:
    listener = Listener()

    end = await _end([m.Ok(re=77), m.Notice("hi")], listener, lambda _: [])

    assert end.reason == "The server closed the connection."
    assert [item for part in listener.parts for item in part][1:] == [m.Notice("hi")]


async def test_a_server_that_never_replies_is_asked_only_so_often() -> None:
    def ask(session: Session) -> list[m.Message]:
        while not session.is_stuck:
            session.send(m.Typing(id=m.UNNUMBERED, room="general"))
        asked.extend(session.unanswered())
        return []

    asked: list[Answer] = []
    await _end([], Listener(), ask)

    assert len(asked) == MAX_UNANSWERED
