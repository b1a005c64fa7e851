"""A client without a network: it passes the contract tests of the real one."""

import asyncio
from collections.abc import Callable, Sequence

import msgspec

from chat_shared import messages as m
from chat_shared.errors import Code
from chat_shared.limits import MAX_FRAME
from chat_tui.model.address import Address, Place
from chat_tui.model.outbox import Outbox
from chat_tui.model.resuming import Seen, resume_request
from chat_tui.net.disconnect import TrustMismatch
from chat_tui.net.events import (
    Answer,
    ClientEvent,
    Connecting,
    ConnectionLost,
    Greeted,
    LatencyMeasured,
    LoggedIn,
    LogIn,
    LogInFailed,
    Received,
    SessionEnded,
    TrustNeeded,
)
from support.fake_server import FakeServer, FakeSession

_LATER = {Code.TOO_FAST, Code.SHUTTING_DOWN, Code.NOT_LOGGED_IN}


class FakeClient:
    """Talks to a server in memory. `cut` and `reconnect` are what a network does."""

    def __init__(
        self,
        fake: FakeServer,
        deliver: Callable[[ClientEvent], object],
        outbox: Outbox,
        seen: Seen,
    ) -> None:
        self.fake = fake
        self.reachable = True
        self.retried = 0
        self.deliver = deliver
        self._outbox = outbox
        self._seen = seen
        self._session: FakeSession | None = None
        self._asked: dict[int, m.Request] = {}
        self._number = 0
        self._token = ""
        self._again = False
        self._address = Address("")
        self.addresses: list[Address] = []  # of all attempts
        self._is_connecting = False
        self._waiting = False  # the server asked to send later
        self._one_at_a_time = asyncio.Lock()
        self._ended = asyncio.Event()
        self.place: Place | None = None  # how the server authenticated, if a test sets it
        self.fingerprint = ""  # of the invitation
        self.unknown = ""  # the fingerprint that has to be confirmed first, if a test sets it

    @property
    def online(self) -> bool:
        return self._session is not None and bool(self._session.account)

    @property
    def token(self) -> str:
        return self._token

    async def run(
        self,
        address: Address,
        log_in: LogIn,
        fingerprint: str = "",
        alts: Sequence[Address] = (),
    ) -> None:
        async with self._one_at_a_time:
            self.addresses.append(address)
            self._address, self.fingerprint, self._token = address, fingerprint, ""
            self._again = False
            if not self.reachable:
                self.deliver(LogInFailed("", f"{address} refuses connections."))
                return
            if self.unknown:
                self.deliver(TrustNeeded(address, TrustMismatch("", self.unknown)))
                return
            self._ended.clear()
            try:
                self._connect(log_in)
                await self._ended.wait()
            finally:
                self._disconnect()

    def send(self, request: m.Request) -> bool:
        if not self.online or not _is_frame(request):
            return False
        self._send(request)
        return True

    def flush(self) -> None:
        while self.online and not self._waiting and (unsent := self._outbox.next_to_send()):
            post = m.Post(
                id=m.UNNUMBERED,
                room=unsent.room,
                text=unsent.text,
                nonce=unsent.nonce,
                reply=unsent.reply,
                files=unsent.uploads,
            )
            if _is_frame(post):
                self._outbox.sending(unsent.nonce)
                self._send(post)
            else:
                self._outbox.refused(unsent.nonce, "This message is too long to send.")

    def retry_now(self) -> None:
        self.retried += 1

    # --- for tests

    def cut(self, reason: str = "The server closed the connection.", wait: float = 8.0) -> None:
        """Lose the connection."""
        self._disconnect()
        self.deliver(ConnectionLost(reason, wait, 1))

    def reconnect(self) -> None:
        """Reconnect and resume."""
        self.deliver(Connecting(1))
        self._again = True
        self._connect(resume_request(self._token, self._seen()))

    def wait_is_over(self) -> None:
        """End the delay that the server asked for."""
        self._waiting = False
        self.flush()

    # --- internals

    def _connect(self, opening: LogIn) -> None:
        self._session = self.fake.connect(self._receive)
        self._is_connecting = True
        self._send(opening)
        self._is_connecting = False
        if self.online:
            self._tell_logged_in()

    def _tell_logged_in(self) -> None:
        place, max_file = self.place or Place(self._address), self.fake.files.max_file
        self.deliver(LoggedIn(place, again=self._again, max_file=max_file))
        self.deliver(LatencyMeasured(0.012))
        self.flush()

    def _send(self, request: m.Request) -> None:
        assert self._session is not None
        self._number += 1
        self._asked[self._number] = request
        self._session.receive(msgspec.structs.replace(request, id=self._number))

    def _receive(self, message: m.Message) -> None:
        if isinstance(message, m.Hello):
            if not self._again:
                self.deliver(Greeted(message.registration))
            return
        if isinstance(message, m.Event):
            self.deliver(Received((message,)))
            return
        assert isinstance(message, m.Reply)
        assert message.re is not None
        request, reply = self._asked.pop(message.re), message
        match request:
            case m.Post():
                self._post_answered(request, reply)
            case m.Password() if isinstance(reply, m.Ok):
                self._token = reply.token
            case m.Login() | m.LoginByKey() | m.Register() | m.RegisterGuest() | m.Resume():
                self._log_in_answered(request, reply)
                return
        self.deliver(Received((Answer(request, reply),)))
        match request, reply:
            case m.Post(), _:
                self.flush()
            case ((m.Logout() | m.DeleteAccount()), m.Ok()):
                self._end(SessionEnded("The session has ended.", requested=True))

    def _post_answered(self, post: m.Post, reply: m.Reply) -> None:
        match reply:
            case m.Accepted():
                self._outbox.accepted(post.nonce, reply.seq)
            case m.Error() if reply.code in _LATER:
                self._outbox.queued(post.nonce)
                self._waiting = True
            case m.Error(Code.NO_SUCH_FILE) if self._outbox.upload_again(post.nonce):
                pass  # it is sent once that is done
            case m.Error():
                self._outbox.refused(post.nonce, reply.message)

    def _log_in_answered(self, request: m.Request, reply: m.Reply) -> None:
        self.deliver(Received((Answer(request, reply),)))
        match reply:
            case m.Welcome():
                self._token = reply.token
                if not self._is_connecting:  # a slow server
                    self._tell_logged_in()
            case m.Error(code) if self._again and code != Code.BAD_TOKEN:
                self.cut(reply.message)
            case m.Error() if self._again:
                self._end(SessionEnded(reply.message))
            case m.Error():
                self._end(LogInFailed(reply.code, reply.message))

    def _end(self, event: SessionEnded | LogInFailed) -> None:
        self._disconnect()
        self.deliver(event)
        self._ended.set()

    def _disconnect(self) -> None:
        if self._session is not None:
            self._session.leave()
        self._session = None
        self._waiting = False
        self._outbox.connection_lost()
        unanswered = tuple(Answer(request, None) for request in self._asked.values())
        self._asked.clear()
        if unanswered:
            self.deliver(Received(unanswered))


def _is_frame(request: m.Request) -> bool:
    try:
        return len(m.encode(request)) <= MAX_FRAME
    except UnicodeEncodeError:
        return False
