"""The handler of our own protocol: `chat_shared.connection` over a stream."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import structlog
import trio

from chat_server.logs import LineLimit
from chat_server.net.origins import Origins, UnknownOriginError
from chat_server.net.outbox import CONNECTION_LOST, Outbox
from chat_server.net.tls import TlsStream
from chat_server.net.transport import NoHandshakeError, Transport
from chat_server.protocols.answering import Answering
from chat_server.requests.dispatch import refusal
from chat_server.services import Services
from chat_server.sessions.blocks import INTERRUPTED
from chat_server.sessions.session import Session
from chat_shared.connection import Connection, Role
from chat_shared.errors import Code, Refused, RemoteProtocolError
from chat_shared.limits import LOGIN_DEADLINE
from chat_shared.messages import Bye, Hello, encode_all
from chat_shared.proxy_header import Origin

log = structlog.get_logger()

# Seconds from connecting to the end of the TLS handshake: a dozen round trips
# to the Moon, and too short for a crowd of silent connections to keep its places.
HANDSHAKE_DEADLINE: Final = 10.0

# Seconds for a peer to receive what is queued for it before its connection closes.
CLOSE_DEADLINE: Final = 5.0

# Log lines a second about sessions that ended; all are counted in the metrics. The lines of
# strangers who connect again and again must not hide those about members.
MEMBER_LINES: Final = 50
STRANGER_LINES: Final = 10

# Close reasons.
_TOO_OFTEN: Final = "too many connections from the address one after the other"


class NativeProtocol:
    """A connection handler: called with a stream, serves it until it closes."""

    def __init__(
        self, services: Services, greeting: Hello, writers: trio.Nursery, origins: Origins
    ) -> None:
        self._services = services
        self._greeting = greeting
        self._origins = origins
        self._writers = writers  # runs the tasks that empty outboxes
        self._lines = LineLimit(MEMBER_LINES, 1.0)
        self._lines_of_strangers = LineLimit(STRANGER_LINES, 1.0)

    async def __call__(self, stream: trio.abc.Stream | TlsStream) -> None:
        """Serve one connection, from its first byte to its last."""
        async with Transport(stream) as transport:
            try:
                origin = await self._origins.find(transport)
            except UnknownOriginError:
                return
            session = await self._serve(transport, origin)
        self._log_end(session)

    async def _serve(self, transport: Transport, origin: Origin) -> Session:
        """Serve a connection; return its session, which has ended."""
        handler = self._handler(transport, origin)
        session = handler.session
        try:
            await handler.run(self._greeting)
        except Exception:  # while closing: must not affect other sessions either
            log.exception("session crashed")
            session.close_for(INTERRUPTED)
        finally:
            session.outbox.close()
        return session

    def _log_end(self, session: Session) -> None:
        name = session.account.name if session.account else None
        more = (self._lines if session.account else self._lines_of_strangers).admit()
        if more is not None:
            log.info("session closed", account=name, reason=session.close_for(), **more)

    def _handler(self, transport: Transport, origin: Origin) -> "_ConnectionHandler":
        connection = Connection(Role.SERVER)
        session = Session(
            origin,
            encode=connection.send,
            encode_all=encode_all,
        )
        session.outbox = Outbox(
            transport, self._writers, session.disconnect, self._services.backlogs
        )
        return _ConnectionHandler(self._services, session, connection, transport)


@dataclass(frozen=True, slots=True)
class _ConnectionHandler:
    """One connection, from `hello` to `bye`."""

    services: Services
    session: Session
    connection: Connection
    transport: Transport

    async def run(self, greeting: Hello) -> None:
        try:
            with self.services.connected(self.session), self._bulkhead(), self.session.scope:
                if await self._open():
                    self.session.send(greeting)
                    await self._serve()
        except Refused as refused:  # a limit is reached, or the server is shutting down
            self._refuse(greeting, refused)
        if self.transport.is_open:
            await self._close()

    @contextmanager
    def _bulkhead(self) -> Generator[None]:
        """Log a bug, which ends this session only. Its reason is known before it is counted."""
        try:
            yield
        except Exception:
            log.exception("session crashed")
            self.session.close_for(INTERRUPTED)

    async def _open(self) -> bool:
        """Do the TLS handshake if there is one, in turn; return whether the transport is open.

        The session counts already: an endless handshake must not get around a limit.
        """
        if not self.transport.is_open and await self._wait_turn():
            reason = f"no TLS handshake within {HANDSHAKE_DEADLINE:.0f} seconds"
            self.session.set_deadline(HANDSHAKE_DEADLINE, reason)
            try:
                await self.transport.open()
            except NoHandshakeError as exc:
                self.session.close_for(f"no TLS handshake: {exc}")
        return self.transport.is_open

    async def _wait_turn(self) -> bool:
        """Wait until the handshake may begin; return whether it may."""
        wait = self.services.registry.handshake_wait(self.session.address)
        if wait is None:
            self.session.close_for(_TOO_OFTEN)
            return False
        await trio.sleep(wait)
        return True

    def _refuse(self, greeting: Hello, refused: Refused) -> None:
        """Send why the connection is refused. Not under TLS: that would cost a handshake."""
        self.session.close_for(refused.message)
        if self.transport.is_open:
            self.session.send(greeting)
            self.session.send(refusal(refused, None))

    async def _serve(self) -> None:
        self.session.set_deadline(LOGIN_DEADLINE, f"no log-in within {LOGIN_DEADLINE:.0f} seconds")
        answering = Answering(self.services, self.session, self.connection, self.transport)
        try:
            await answering.run()
        except RemoteProtocolError as exc:
            self.session.send(refusal(Refused(Code.BAD_REQUEST, str(exc)), None))
            self.session.close_for("protocol error")
        except trio.BrokenResourceError:
            self.session.close_for(CONNECTION_LOST)
        else:
            await self._answer_rest()
            self.session.close_for("client disconnected")

    async def _answer_rest(self) -> None:
        """Answer what a client sent before it closed its half: that may still be pending."""
        with trio.move_on_after(CLOSE_DEADLINE):
            await self.services.journal.wait_answered(self.session)
            await self.services.read_state.wait_answered(self.session)

    async def _close(self) -> None:
        """Send the close reason and give the peer CLOSE_DEADLINE to receive it."""
        self.session.send(Bye(self.session.close_for()))
        self.session.outbox.close()
        with trio.move_on_after(CLOSE_DEADLINE):
            await self.session.outbox.wait_drained()
