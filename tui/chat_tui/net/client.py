"""The way to the server: Textual messages out, requests in, whatever the network does.

One link lives as long as the app. `run` logs in once and then stays in touch:
it comes back with growing pauses, and resumes. It sends what is in the outbox,
one message at a time. Knows no widget; whoever runs it hears what happened
through `tell`.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final, TypeAlias

from textual.message import Message

from chat_shared import messages as m
from chat_shared.errors import Code
from chat_tui.model.address import Address
from chat_tui.model.outbox import Outbox, Unsent
from chat_tui.net.connect import ChangedServer, NotConnected, Transport, connect
from chat_tui.net.disconnect import Disconnect, FingerprintMismatch
from chat_tui.net.events import (
    Answer,
    Connecting,
    ConnectionLost,
    FingerprintChanged,
    FirstVisit,
    Greeted,
    LatencyMeasured,
    LoggedIn,
    LogIn,
    LogInFailed,
    Received,
    SessionEnded,
)
from chat_tui.net.local_server import CannotStart
from chat_tui.net.session import Session
from chat_tui.net.timeouts import Timeouts
from chat_tui.storage.known_servers import KnownServers

# A post that is refused for one of these is not wrong; only its time is.
_LATER: Final = {Code.TOO_FAST, Code.SHUTTING_DOWN, Code.NOT_LOGGED_IN}


# Starts a server of one's own again; None for one that is somebody else's business.
Wake: TypeAlias = Callable[[Address], None] | None


class Client:
    """The way to one server. All methods but `run` return at once."""

    def __init__(
        self,
        tell: Callable[[Message], object],
        outbox: Outbox,
        seen: Callable[[], Mapping[str, int]],
        timeouts: Timeouts | None = None,
        known: KnownServers | None = None,
        wake: Wake = None,
    ) -> None:
        """`wake`, called in a thread, starts a server of one's own again. Raises CannotStart."""
        self._tell = tell
        self._outbox = outbox
        self._seen = seen
        self._timeouts = timeouts or Timeouts()
        self._known = known or KnownServers()
        self._wake = wake
        self._one_at_a_time = asyncio.Lock()
        self._now = asyncio.Event()
        self._token = ""
        self._transport: Transport | None = None
        self._session: Session | None = None
        self._again = False  # since the first conversation
        self._inside = False  # in this conversation, the server let us in
        self._flush_later: asyncio.TimerHandle | None = None

    @property
    def online(self) -> bool:
        """Whether there is a session and a line to it."""
        return self._session is not None and self._session.goes_on

    @property
    def token(self) -> str:
        """What the session is resumed with; empty before there is one."""
        return self._token

    # --- for the app

    async def run(self, address: Address, log_in: LogIn, fingerprint: str = "") -> None:
        """Log in at `address` and stay in touch until sent away or cancelled.

        `fingerprint` is what a link says of the server. A run that was
        cancelled to make way for this one first lets go of its line.
        """
        async with self._one_at_a_time:
            await self._run(address, log_in, fingerprint)

    async def _run(self, address: Address, log_in: LogIn, fingerprint: str) -> None:
        self._token, self._again = "", False
        ending = await self._converse(address, log_in, fingerprint)
        if not self._token:
            self._tell(LogInFailed(ending.code, ending.reason))
        else:
            ending = await self._stay(address, ending, fingerprint)
            self._tell(SessionEnded(ending.reason, ending.is_void))
        if ending.mismatch is not None:
            self._tell(FingerprintChanged(address, ending.mismatch))

    async def _stay(self, address: Address, ending: Disconnect, fingerprint: str) -> Disconnect:
        """Come back as often as the line is lost; return the end that is one."""
        attempt = 0
        self._again = True
        while not ending.is_final:
            attempt = 1 if self._inside else attempt + 1
            await self._pause(ending, attempt)
            self._tell(Connecting(attempt))
            resume = m.Resume(id=m.UNNUMBERED, token=self._token, seen=dict(self._seen()))
            ending = await self._converse(address, resume, fingerprint)
        return ending

    def ask(self, request: m.Request) -> bool:
        """Send `request`, and say whether it could be sent; its reply comes by `tell`."""
        if self._session is None or not self.online:
            return False
        return self._session.ask(request)

    def flush(self) -> None:
        """Send what is waiting in the outbox, as far as it may go now."""
        if not self.online or self._flush_later is not None:
            return
        while unsent := self._outbox.next_to_send():
            post = _post(unsent)
            if self.ask(post):
                self._outbox.sending(unsent.nonce)
            else:
                self._outbox.refused(unsent.nonce, "This message is too long to be sent.")

    def retry_now(self) -> None:
        """End the pause between two attempts."""
        self._now.set()

    # --- one conversation

    async def _converse(self, address: Address, opening: LogIn, fingerprint: str) -> Disconnect:
        """Connect, and talk as long as that goes. Never raises for what a network does."""
        self._inside = False
        try:
            if self._wake is not None:
                await asyncio.to_thread(self._wake, address)
            async with asyncio.timeout(self._timeouts.connect_within):
                self._transport = await connect(address, self._known, fingerprint)
        except ChangedServer as exc:
            return Disconnect(str(exc), mismatch=FingerprintMismatch(exc.known, exc.shown))
        except (NotConnected, CannotStart) as exc:
            return Disconnect(str(exc))
        except TimeoutError:
            return Disconnect(f"Nobody answers at {address}.")
        self._introduce(self._transport)
        self._session = Session(self._transport, opening, self, self._timeouts)
        try:
            return await self._session.run()
        finally:
            self._let_go()

    def _introduce(self, transport: Transport) -> None:
        if transport.first_visit or transport.problem:
            place = transport.place
            self._tell(FirstVisit(place.address, place.fingerprint, transport.problem))

    def _let_go(self) -> None:
        """Forget the transport; what was asked on it and not answered never will be."""
        unanswered = self._session.unanswered() if self._session else ()
        if self._flush_later is not None:
            self._flush_later.cancel()
        self._session = self._transport = self._flush_later = None
        self._outbox.connection_lost()
        if unanswered:
            self._tell(Received(unanswered))

    async def _pause(self, ending: Disconnect, attempt: int) -> None:
        """Wait before coming back: longer each time, and not all clients at once."""
        wait = max(self._timeouts.pause(attempt), ending.retry_after)
        self._now.clear()
        self._tell(ConnectionLost(ending.reason, wait, attempt))
        with suppress(TimeoutError):
            async with asyncio.timeout(wait):
                await self._now.wait()

    # --- what the conversation says

    def heard(self, items: tuple[Answer | m.Event, ...]) -> None:
        if items:
            self._tell(Received(items))
        self.flush()

    def greeted(self, hello: m.Hello) -> None:
        if not self._again:  # who comes back has an account
            self._tell(Greeted(hello.registration))

    def welcomed(self, token: str) -> None:
        self._token = token or self._token
        self._inside = True
        if self._transport is not None:
            self._tell(LoggedIn(self._transport.place, again=self._again))

    def pong_came(self, seconds: float) -> None:
        self._tell(LatencyMeasured(seconds))

    def post_answered(self, post: m.Post, reply: m.Reply) -> None:
        match reply:
            case m.Accepted():
                self._outbox.accepted(post.nonce, reply.seq)
            case m.Error() if reply.code in _LATER:
                self._outbox.queued(post.nonce)
                self._flush_in(reply.retry_after or self._timeouts.post_again)
            case m.Error():
                self._outbox.refused(post.nonce, reply.message)

    def _flush_in(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        self._flush_later = loop.call_later(seconds, self._flush_now)

    def _flush_now(self) -> None:
        self._flush_later = None
        self.flush()


def _post(unsent: Unsent) -> m.Post:
    return m.Post(
        id=m.UNNUMBERED,
        room=unsent.room,
        text=unsent.text,
        nonce=unsent.nonce,
        reply=unsent.reply,
    )
