"""Answers the requests of one connection, in order: most at once, some by its task.

What arrives is taken by whatever task is told of it (`chat_server.net.readiness`), which must not
wait. So requests are answered there up to the first one that has to; the task of the connection
does the rest. Until it has, nothing more is read, and TCP makes a sender wait who is too fast.
"""

from collections.abc import Coroutine
from math import inf
from typing import Any, Final, cast

import trio

from chat_server.net.transport import Transport
from chat_server.requests.dispatch import dispatch, refusal
from chat_server.services import Services
from chat_server.sessions.session import Session
from chat_shared.connection import Connection, State
from chat_shared.errors import Refused
from chat_shared.limits import IDLE_DEADLINE
from chat_shared.messages import Request

# Frames of one session that are handled in one turn of the loop: then others have theirs.
_TURN: Final = 16

# Frames that a session may send too fast, without a pause, before it is disconnected: it is
# told to wait each time. Reading pauses after each, so the last one comes seconds later.
MAX_IGNORED: Final = 100

# Close reasons.
_FLOODING: Final = "you kept sending too fast"
_IDLE: Final = f"nothing received for {IDLE_DEADLINE:.0f} seconds"


class Answering:
    """The requests of one connection. `run` is its task."""

    def __init__(
        self, services: Services, session: Session, connection: Connection, transport: Transport
    ) -> None:
        self._services = services
        self._session = session
        self._connection = connection
        self._transport = transport
        self._turn = 0  # frames that were handled in this one
        self._rest: Coroutine[Any, Any, None] | None = None  # of a request that has to wait
        self._failure: Exception | None = None  # that the task has to raise
        self._read_all = True  # whether no more was waiting when it was last read
        self._ended = False  # whether the peer has closed its half

    async def run(self) -> None:
        """Answer requests until the peer has closed its half.

        Raises RemoteProtocolError, and BrokenResourceError if the connection is lost.
        """
        try:
            with self._services.readiness.watching(self._transport, self._take) as watch:
                while not self._ended:
                    await watch.wait()
                    await self._finish()
        finally:
            self._failure = None  # whose traceback refers to this
            if self._rest is not None:  # the session ended before its task went on
                self._rest.close()

    def _take(self) -> bool:
        """Answer what has arrived; return whether that is done, and nothing left for the task."""
        try:
            self._turn = 0
            data = self._transport.read_nowait()
            self._read_all = not self._transport.may_read
            if data is None:
                return self._read_all
            self._ended = not data
            self._connection.receive(data)
            if self._ended or not self._answer_some():
                return False
            self._answered_all()
        except Exception as exc:  # also a bug: it ends this session only
            self._failure = exc
            return False
        return self._read_all

    async def _finish(self) -> None:
        """Answer what has arrived, waiting where that has to. Others have turns between."""
        done = False
        while not done:
            if self._failure is not None:
                raise self._failure
            if self._rest is not None:
                await self._wait_for_rest()
            elif not self._session.pause:
                await trio.lowlevel.checkpoint()
            if self._session.pause:
                await self._pause()
            done = self._answer_some()
        self._answered_all()

    def _answer_some(self) -> bool:
        """Answer requests until one has to wait, or for a turn; return whether none is left."""
        while self._turn < _TURN:
            self._turn += 1
            try:
                request = self._connection.next_message()
            except Refused as refused:
                self._session.charge(self._session.requests)  # no frame is free
                self._session.send(refusal(refused, refused.re))
            else:
                if request is None:
                    return True
                # A connection in the server's role receives only requests.
                self._rest = dispatch(self._services, self._session, cast("Request", request))
            if self._rest is not None or self._session.pause:
                return False
        self._turn = 0
        return False

    async def _wait_for_rest(self) -> None:
        rest, self._rest = self._rest, None
        assert rest is not None
        if self._connection.state is State.LOGGED_IN:
            self._session.scope.deadline = inf  # silent or not: it waits for us
        await rest

    async def _pause(self) -> None:
        """Let a session that was too fast wait; end it if it goes on regardless."""
        if self._session.ignored > MAX_IGNORED:
            self._session.disconnect(_FLOODING)
        await self._session.wait_turn()

    def _answered_all(self) -> None:
        if self._read_all:
            self._session.ignored = 0
        if self._connection.state is State.LOGGED_IN:
            self._session.set_deadline(IDLE_DEADLINE, _IDLE)
