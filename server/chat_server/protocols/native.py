"""The door for our own protocol: `chat_shared.connection` over a stream."""

from dataclasses import dataclass
from typing import Final, cast

import structlog
import trio

from chat_server.net.outbox import LINE_LOST, Outbox
from chat_server.net.transport import NoHandshakeError, Transport
from chat_server.requests.dispatch import dispatch, refusal
from chat_server.services import Services
from chat_server.sessions.rate_limits import TokenBucket
from chat_server.sessions.session import Session
from chat_shared.connection import Connection, Role, State
from chat_shared.errors import Code, Refused, RemoteProtocolError
from chat_shared.limits import IDLE_DEADLINE, LOGIN_DEADLINE
from chat_shared.messages import Bye, Hello, Request, encode_all

log = structlog.get_logger()

# Bytes per read. Small, so that whoever floods lets the others read in between.
_READ: Final = 16 * 1024

# Seconds from connecting to the end of TLS's handshake: a dozen round trips to
# the Moon, and too short for a crowd that connects and says nothing.
HANDSHAKE_DEADLINE: Final = 10.0

# Seconds that a leaving peer has to take what was sent to it.
CLOSE_DEADLINE: Final = 5.0

_SILENT: Final = f"silent for {IDLE_DEADLINE:.0f} seconds"


@dataclass(frozen=True, slots=True)
class Rates:
    """What a session may ask for: so many at once, so many per second in the long run."""

    posts: float
    posts_per_second: float
    requests: float
    requests_per_second: float


class NativeProtocol:
    """Called with a stream, serves the person behind it until they leave."""

    def __init__(
        self, services: Services, greeting: Hello, rates: Rates, writers: trio.Nursery
    ) -> None:
        self._services = services
        self._greeting = greeting
        self._rates = rates
        self._writers = writers  # holds the tasks that empty outboxes

    async def __call__(self, stream: trio.abc.Stream) -> None:
        """Serve one connection, from its first byte to its last.

        This is the bulkhead: a bug in one session is logged and ends that
        session only.
        """
        visit = self._handler(stream)
        session = visit.session
        async with visit.transport:
            try:
                await visit.run(self._greeting)
            except Exception:  # whatever it was, nobody else is to notice
                log.exception("session crashed")
                session.close_for("something went wrong in the server")
            finally:
                session.outbox.close()
        log.info("session ended", account=_name_of(session), reason=session.close_for())

    def _handler(self, stream: trio.abc.Stream) -> "_ConnectionHandler":
        connection = Connection(Role.SERVER)
        transport = Transport(stream)
        now = trio.current_time()
        rates = self._rates
        session = Session(
            address=transport.peer_address(),
            encode=connection.send,
            encode_events=encode_all,
            posts=TokenBucket(rates.posts, rates.posts_per_second, now),
            requests=TokenBucket(rates.requests, rates.requests_per_second, now),
        )
        session.outbox = Outbox(transport, self._writers, session.disconnect)
        return _ConnectionHandler(self._services, session, connection, transport)


@dataclass(frozen=True, slots=True)
class _ConnectionHandler:
    """One connection, from hello to bye."""

    services: Services
    session: Session
    connection: Connection
    transport: Transport

    async def run(self, greeting: Hello) -> None:
        try:
            with self.services.connected(self.session), self.session.scope:
                if await self._open():
                    self.session.send(greeting)
                    await self._serve()
        except Refused as refused:  # no place for one more
            self._turn_away(greeting, refused)
        if self.transport.is_open:
            await self._say_goodbye()

    async def _open(self) -> bool:
        """Come to where words can be exchanged; say whether that went well.

        The session is counted by now: to shake hands for ever is no way around a limit.
        """
        if not self.transport.is_open:
            reason = f"no TLS handshake within {HANDSHAKE_DEADLINE:.0f} seconds"
            self.session.set_deadline(HANDSHAKE_DEADLINE, reason)
            try:
                await self.transport.open()
            except NoHandshakeError as exc:
                self.session.close_for(f"no TLS handshake: {exc}")
        return self.transport.is_open

    def _turn_away(self, greeting: Hello, refused: Refused) -> None:
        """Say why there is no place. Under TLS that would cost a handshake, so it is not said."""
        self.session.close_for(refused.message)
        if self.transport.is_open:
            self.session.send(greeting)
            self.session.send(refusal(refused, None))

    async def _serve(self) -> None:
        self.session.set_deadline(
            LOGIN_DEADLINE, f"nobody logged in for {LOGIN_DEADLINE:.0f} seconds"
        )
        try:
            await self._read()
        except RemoteProtocolError as exc:
            self.session.send(refusal(Refused(Code.BAD_REQUEST, str(exc)), None))
            self.session.close_for("that was not the chat protocol")
        except trio.BrokenResourceError:
            self.session.close_for(LINE_LOST)
        else:
            self.session.close_for("the client left")

    async def _read(self) -> None:
        while data := await self.transport.read(_READ):
            self.connection.receive(data)
            while await self._answer_next():
                pass
            if self.connection.state is State.LOGGED_IN:
                self.session.set_deadline(IDLE_DEADLINE, _SILENT)

    async def _answer_next(self) -> bool:
        """Answer the next request, if it has come in whole; say whether it had."""
        try:
            request = self.connection.next_message()
        except Refused as refused:
            self.session.send(refusal(refused, refused.re))
            return True
        if request is None:
            return False
        # A connection in the server's role hears nothing but requests.
        await dispatch(self.services, self.session, cast("Request", request))
        return True

    async def _say_goodbye(self) -> None:
        """Tell the peer why, give it a moment to take that, and be done with it."""
        self.session.send(Bye(self.session.close_for()))
        self.session.outbox.close()
        with trio.move_on_after(CLOSE_DEADLINE):
            await self.session.outbox.wait_drained()


def _name_of(session: Session) -> str | None:
    return session.account.name if session.account else None
