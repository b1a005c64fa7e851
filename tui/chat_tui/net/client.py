"""The connection to the server, kept up whatever the network does.

A client lives as long as the program. `run` logs in once and then stays connected:
it reconnects after growing pauses and resumes the session. What happens is told to a
callable; nothing here knows a screen.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import TypeAlias

from msgspec.structs import replace

from chat_shared import messages as m
from chat_shared.errors import Code
from chat_shared.limits import MAX_CLIENT
from chat_tui.model.address import Address, Invitation, Place
from chat_tui.model.outbox import Outbox
from chat_tui.model.resuming import Seen, resume_request
from chat_tui.net.connect import NotConnected, UnverifiedServer
from chat_tui.net.device import describe_device
from chat_tui.net.dialler import Dialler, Wake as Wake
from chat_tui.net.disconnect import Disconnect
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
    TrustNotSaved,
)
from chat_tui.net.nodes import Nodes
from chat_tui.net.pauses import Pauses
from chat_tui.net.posting import Posting
from chat_tui.net.session import Session
from chat_tui.net.timeouts import Timeouts
from chat_tui.storage.known_servers import KnownServers
from chat_tui.storage.paths import Paths

# Takes the address of a server and a token that it refuses.
OtherTokens: TypeAlias = Callable[[Address, str], list[str]]


class Client:
    """Connects to one server at a time. All methods but `run` return at once."""

    def __init__(
        self,
        tell: Callable[[ClientEvent], object],
        outbox: Outbox,
        seen: Seen,
        timeouts: Timeouts | None = None,
        known: KnownServers | None = None,
        wake: Wake = None,
        others: OtherTokens | None = None,
        device: str | None = None,
        header: bytes = b"",
        logs_out: bool = False,
        follows: bool = True,
    ) -> None:
        """`wake`, called in a thread, starts the user's own server again. Raises CannotStart.

        `others`, called in a thread, returns what may have replaced a refused token. `device` is
        how this client is listed among those of its account; None stands for what it is.
        `header` is what each connection to a Unix socket begins with, for a proxy's. A client that
        `logs_out` does so when `run` is cancelled; one that `follows` a server connects to the
        other addresses that it tells.
        """
        self._tell = tell
        self._seen = seen
        self._timeouts = timeouts or Timeouts()
        self._posting = Posting(outbox, self._timeouts)
        known = known or KnownServers()
        self._dialler = Dialler(known, self._timeouts.connect_within, wake, header)
        self._nodes = Nodes(known, follows=follows)
        self._others = others
        self._device = device
        self._logs_out = logs_out
        self._one_at_a_time = asyncio.Lock()
        self._now = asyncio.Event()
        self._token = ""
        self._expected = ""  # replaces it if the server grants what was requested last
        self._place: Place | None = None
        self._session: Session | None = None
        self._is_guest = False
        self._max_file = 0  # bytes, as the server said
        self._again = False  # reconnecting: this run has had a session before
        self._pauses = Pauses(self._timeouts)

    @property
    def online(self) -> bool:
        """Whether there is a session and it is connected."""
        return self._session is not None and self._session.is_open

    @property
    def token(self) -> str:
        """What resumes the session; empty before there is one."""
        return self._token

    # --- for the controller

    async def run(
        self,
        address: Address,
        log_in: LogIn,
        fingerprint: str = "",
        alts: Sequence[Address] = (),
    ) -> None:
        """Log in at `address` and stay connected until the session ends or the task is cancelled.

        `fingerprint` and `alts`, the other addresses, are those in the link. Waits for a run that
        was cancelled to make way for this one to close its connection.
        """
        async with self._one_at_a_time:
            await self._run(Invitation(address, fingerprint=fingerprint, alts=tuple(alts)), log_in)

    async def _run(self, to: Invitation, log_in: LogIn) -> None:
        self._token, self._expected, self._again = "", "", False
        self._pauses = Pauses(self._timeouts)
        ending = await self._run_session(to, log_in)
        if self._token:
            ending = await self._reconnect(to, ending)
            self._tell(SessionEnded(ending.reason, ending.token_revoked, ending.logged_out))
        elif ending.mismatch is None:
            self._tell(LogInFailed(ending.code, ending.reason))
        if ending.mismatch is not None:
            self._tell(TrustNeeded(to.address, ending.mismatch))

    async def _reconnect(self, to: Invitation, ending: Disconnect) -> Disconnect:
        """Reconnect whenever the connection is lost; return the disconnect that is final."""
        self._again = True
        while not ending.is_final:
            self._pauses.ended(_now())
            await self._pause(ending)
            self._tell(Connecting(self._pauses.attempt))
            resume = resume_request(self._token, self._seen())
            before, ending = ending, await self._run_session(to, resume)
            if self._is_guest and ending.token_revoked:
                ending = ending.explained_by(before)
        return ending

    def send(self, request: m.Request) -> bool:
        """Send `request`; return whether that was possible. Its reply is told as an `Answer`."""
        if self._session is None or not self.online or self._session.is_stuck:
            return False
        if isinstance(request, m.Password):
            self._expected = request.token
        return self._session.send(request)

    def flush(self) -> None:
        """Send what waits in the outbox, as far as the server takes it now."""
        self._posting.flush()

    def retry_now(self) -> None:
        """Reconnect now instead of after the pause."""
        self._now.set()

    # --- one session

    async def _run_session(self, to: Invitation, opening: LogIn) -> Disconnect:
        """Run a session until its connection ends, by another token if the first is refused."""
        ending = await self._run_connection(to, opening)
        if isinstance(opening, m.Resume) and ending.code == Code.BAD_TOKEN:
            for token in await self._other_tokens(to.address, opening.token):
                ending = await self._run_connection(to, replace(opening, token=token))
                if ending.code != Code.BAD_TOKEN:
                    break
        return ending

    async def _other_tokens(self, address: Address, refused: str) -> list[str]:
        """Return what may have replaced a token: the reply was lost, or another client knows."""
        stored: list[str] = []
        if self._others is not None:
            stored = await asyncio.to_thread(self._others, address, refused)
        return [token for token in dict.fromkeys((self._expected, *stored)) if token]

    async def _run_connection(self, to: Invitation, opening: LogIn) -> Disconnect:
        """Connect and run a session until it ends. Never raises for network errors."""
        try:
            transport = await self._dialler.connect(to)
        except UnverifiedServer as exc:
            return Disconnect(str(exc), mismatch=exc.mismatch)
        except NotConnected as exc:
            return Disconnect(str(exc))
        self._place = transport.place
        self._warn(transport.problem)
        device = describe_device() if self._device is None else self._device[:MAX_CLIENT]
        named = replace(opening, client=device)
        self._session = Session(transport, named, self, self._timeouts, logs_out=self._logs_out)
        self._posting.begin(self._session)
        try:
            return await self._session.run()
        finally:
            self._forget_session()

    def _forget_session(self) -> None:
        """Forget the connection; its unanswered requests never will be answered."""
        unanswered = self._session.unanswered() if self._session else ()
        self._session = self._place = None
        self._posting.end()
        if unanswered:
            self._tell(Received(unanswered))

    async def _pause(self, ending: Disconnect) -> None:
        """Wait before reconnecting."""
        wait = self._pauses.wait()
        if ending.retry_after:
            wait = max(wait, self._timeouts.asked_for(ending.retry_after))
        self._now.clear()
        self._tell(ConnectionLost(ending.reason, wait, self._pauses.attempt))
        with suppress(TimeoutError):
            async with asyncio.timeout(wait):
                await self._now.wait()

    # --- what the session reports

    def received(self, items: tuple[Answer | m.Event, ...]) -> None:
        for item in items:
            match item:
                case Answer(m.Password(), m.Ok(token=token)) if token:
                    self._token = token
                case Answer(reply=m.Welcome(guest_until=until)):
                    self._is_guest = bool(until)
        if items:
            self._tell(Received(items))
        self.flush()

    def greeted(self, hello: m.Hello) -> None:
        self._max_file = hello.max_file
        if self._place is not None:
            self._place = self._nodes.learn(self._place, hello.nodes)
            self._warn(self._nodes.problem)
        if not self._again:  # a resumed session has an account
            self._tell(Greeted(hello.registration))

    def logged_in(self, token: str) -> None:
        self._token = token or self._token
        self._pauses.session_began(_now())
        if self._place is not None:
            self._tell(LoggedIn(self._place, again=self._again, max_file=self._max_file))

    def _warn(self, problem: str) -> None:
        if problem:
            self._tell(TrustNotSaved(problem))

    def latency_measured(self, seconds: float) -> None:
        self._tell(LatencyMeasured(seconds))

    def post_answered(self, post: m.Post, reply: m.Reply) -> None:
        self._posting.answered(post, reply)


def clients_of(
    folder: Paths, device: str | None = None, wake: Wake = None, *, follows: bool = True
) -> "Callable[[Callable[[ClientEvent], object], Outbox, Seen], Client]":
    """Return what makes clients that know what is stored in `folder`; the rest as in `Client`."""
    return partial(
        Client,
        known=folder.known,
        wake=wake,
        others=folder.other_tokens,
        device=device,
        follows=follows,
    )


def _now() -> float:
    """Return the time of the event loop, in seconds."""
    return asyncio.get_running_loop().time()
