"""Log-in, requests and messages for either front end.

Owns the state, the client and what is stored. Does not know how anything is
shown or typed, nor who runs its task.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeAlias

import msgspec

from chat_shared import messages as m
from chat_shared.errors import Code
from chat_shared.names import fold
from chat_shared.text import clean_line
from chat_tui.controller.front_end import FrontEnd
from chat_tui.controller.preferences import AccountPreferences
from chat_tui.controller.questions import Questions
from chat_tui.controller.stored_session import StoredSession
from chat_tui.controller.transfers import Transfers
from chat_tui.controller.unsent import UnsentMessages
from chat_tui.model import read_state
from chat_tui.model.address import Address, Invitation
from chat_tui.model.changes import Change, OutboxChanged
from chat_tui.model.first_room import join_request
from chat_tui.model.merging import merged
from chat_tui.model.outbox import FileToSend, Outbox, Unsent
from chat_tui.model.resuming import Seen, resume_request
from chat_tui.model.room import Room
from chat_tui.model.state import ChatState
from chat_tui.net.events import (
    Answer,
    ClientEvent,
    ConnectionLost,
    LoggedIn,
    LogIn,
    LogInFailed,
    Received,
    SessionEnded,
)
from chat_tui.storage.known_servers import UnusableFile
from chat_tui.storage.paths import Paths
from chat_tui.storage.tokens import StoredToken


class AnyClient(Protocol):
    """What the controller needs of a client."""

    @property
    def online(self) -> bool: ...
    @property
    def token(self) -> str: ...
    async def run(
        self,
        address: Address,
        log_in: LogIn,
        fingerprint: str = "",
        alts: Sequence[Address] = (),
    ) -> None: ...
    def send(self, request: m.Request) -> bool: ...
    def flush(self) -> None: ...
    def retry_now(self) -> None: ...


MakeClient: TypeAlias = Callable[[Callable[[ClientEvent], object], Outbox, Seen], AnyClient]


class WrongAccount(Exception):
    """A token belongs to another account than the one named; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A log-in: where to, how, and what becomes of its session."""

    to: Invitation
    request: LogIn
    keep: bool | None = None  # for the next start; None leaves alone what is kept
    account: str = ""  # whose token it must be; empty for any account's


def check_account(account: str, named: str) -> None:
    """Check that the account is the one `named`, if any. Raises WrongAccount."""
    if named and fold(named) != fold(account):
        raise WrongAccount(
            f"The token belongs to {clean_line(account)}, but --name says {clean_line(named)}. "
            "Nothing was sent. Leave out --name, or use a token of that account."
        )


class Controller:
    """The client of one person. All methods but the awaitable ones return at once."""

    def __init__(self, front_end: FrontEnd, folder: Paths, make_client: MakeClient) -> None:
        self.state = ChatState()
        self.attempt: Attempt | None = None  # the latest log-in
        self.server = ""  # under which name what belongs to it is stored
        self.client = make_client(self.handle, self.state.outbox, self.state.rooms.seen)
        self.unsent = UnsentMessages(self.state, folder, front_end.warn)
        self.preferences = AccountPreferences(self.send)
        self._front_end = front_end
        self._folder = folder
        self._questions = Questions(self.send)
        self._asides = Questions(lambda request: self.client.send(request))
        self.transfers = Transfers(self, front_end)
        self._stored = StoredSession(folder.tokens, front_end.warn)

    # --- logging in and out

    async def run(self, attempt: Attempt) -> None:
        """Log in and stay connected until the session ends or the task is cancelled.

        Another server's state and unsent messages are put away first. Raises
        WrongAccount, before anything is sent, for the token of another account.
        """
        to, server = attempt.to, self._folder.key_of(attempt.to.address)
        if self.server != server:
            self.unsent.close()
            self.state.leave()
        self.attempt, self.server = attempt, server
        await self.client.run(to.address, attempt.request, to.fingerprint, to.alts)

    def next_attempt(self) -> Attempt:
        """Return the latest log-in again: by its session, if there was one."""
        assert self.attempt is not None
        if not self.client.token:
            return self.attempt
        request = resume_request(self.client.token, self.state.rooms.seen())
        return replace(self.attempt, request=request)

    def join_request(self) -> m.Join | None:
        """Return the request for the room that the latest log-in leads to; None for general."""
        assert self.attempt is not None
        registered = isinstance(self.attempt.request, m.Register | m.RegisterGuest)
        return join_request(self.attempt.to, self.state.room_names(), registered=registered)

    async def find_session(self, address: Address, account: str) -> StoredToken | None:
        """Return the session kept for `account`, or for anybody if that is empty.

        None also if it is not known whether this is still the server that it is for.
        """
        try:
            return await asyncio.to_thread(self._folder.find_session, address, account)
        except UnusableFile as exc:
            self._front_end.warn(str(exc))
            return None

    async def forget_session(self) -> None:
        """Make the next start ask for a password."""
        if self.attempt is not None:
            await self._stored.forget(self.server)

    def close(self) -> None:
        """Release what is on disk. Unsent messages wait there for the next log-in."""
        self.unsent.close()

    # --- requests and messages

    def send(self, request: m.Request) -> bool:
        """Send `request`; return whether that was possible. The state gets its reply either way."""
        if isinstance(request, m.Logout):
            self.report_last()
        if self.client.send(request):
            return True
        self.state.answer(request, None)
        return False

    async def ask(self, request: m.Request) -> m.Reply | None:
        """Send `request` and return its reply, which the state has by then.

        Returns None if the request could not be sent, or the connection was lost
        before the reply came.
        """
        if isinstance(request, m.Password):
            token = await self._stored.expect(self.server, self.client.token)
            request = msgspec.structs.replace(request, token=token)
        return await self._questions.ask(request)

    async def ask_aside(self, request: m.Request) -> m.Reply | None:
        """Send `request` and return its reply as `ask` does, but keep it from state and screen.

        It may be a page of messages that nobody wants to see now.
        """
        return await self._asides.ask(request)

    def post(
        self, room: str, text: str, reply: int = 0, files: tuple[FileToSend, ...] = ()
    ) -> Unsent:
        """Queue a message to `room`; it is sent as soon as its turn comes and its files are up."""
        unsent = self.state.outbox.add(room, text, reply, files)
        self.client.flush()
        self.transfers.upload()
        self._front_end.show_changes([OutboxChanged(room)])
        self.unsent.check_disk()
        return unsent

    async def open_direct(self, name: str) -> Room | m.Error | None:
        """Return the direct messages with `name`, opened now if need be; else the reply."""
        if (room := self.state.rooms.with_peer(name)) is not None:
            return room
        reply = await self.ask(m.Direct(id=m.UNNUMBERED, name=name))
        return reply if isinstance(reply, m.Error) else self.state.rooms.with_peer(name)

    def report_last(self) -> None:
        """Tell the server at once what was read and set, as the connection is about to end.

        Nothing waits for an answer.
        """
        self.preferences.save()
        for room in self.state.rooms.values():
            request = read_state.report(room)
            if request is not None:
                self.send(request)

    @property
    def keeps_session(self) -> bool:
        """Whether the next start finds the session of the latest log-in."""
        latest = self.attempt
        return latest is not None and (bool(latest.keep) or isinstance(latest.request, m.Resume))

    # --- fingerprints

    def trust(self, address: Address, fingerprint: str) -> None:
        """Pin `fingerprint` in place of the known one. Raises UnusableFile."""
        self._folder.known.remember(address, fingerprint)

    # --- what the client tells

    def handle(self, event: ClientEvent) -> None:
        """Apply what happened, then show it."""
        match event:
            case Received(items):
                self._receive(items)
                return
            case LoggedIn():
                self._logged_in(event)
            case ConnectionLost():
                self._front_end.show_changes(list(self.state.rooms.disconnected()))
            case LogInFailed(Code.BAD_TOKEN) | SessionEnded(token_revoked=True):
                self._token_revoked()
        self._front_end.show_event(event)

    def _receive(self, items: tuple[Answer | m.Event, ...]) -> None:
        others = tuple(item for item in items if not self._is_for_one(item))
        if items and not others:
            return  # and nothing to draw
        items = others
        changes: list[Change] = []
        for item in items:
            changes += self._apply(item)
        self._front_end.show_changes(merged(changes), items)
        self.transfers.upload()  # again, where a post was refused for want of its files
        for item in items:
            self.preferences.receive(item)
            if isinstance(item, Answer):
                if isinstance(item.request, m.Password) and item.reply is not None:
                    self._settle_token()
                self._questions.answer(item.request, item.reply)
                if isinstance(item.request, m.DeleteAccount) and isinstance(item.reply, m.Ok):
                    self.unsent.discard()

    def _apply(self, item: Answer | m.Event) -> list[Change]:
        if not isinstance(item, Answer):
            return self.state.apply(item)
        if isinstance(item.reply, m.Welcome) and self.attempt is not None:
            check_account(item.reply.account, self.attempt.account)
        return self.state.answer(item.request, item.reply)

    def _is_for_one(self, item: Answer | m.Event) -> bool:
        """Give a reply that is for who asked only to them; return whether `item` is one.

        Replies to chunks are.
        """
        if not isinstance(item, Answer):
            return False
        if isinstance(item.request, m.SendChunk | m.Download):
            self._questions.answer(item.request, item.reply)
            return True
        return self._asides.answer(item.request, item.reply)

    def _logged_in(self, event: LoggedIn) -> None:
        """Open what a crash left, and keep or forget the session as chosen."""
        account, self.server = self.state.account, event.place.key
        self.state.max_file = event.max_file
        self.unsent.open(self.server, account)
        self.client.flush()
        self.transfers.go_on()
        self._settle_token()
        if not event.again and self.attempt is not None and self.attempt.keep is not None:
            if self.attempt.keep:
                token, trust = self.client.token, event.place.trust
                self._stored.keep(self.server, account, token, trust)
            else:
                self._stored.forget(self.server)

    def _settle_token(self) -> None:
        self._stored.settle(self.server, self.client.token)

    def _token_revoked(self) -> None:
        if self.attempt is not None and self.attempt.keep is not None:
            request = self.attempt.request
            refused = request.token if isinstance(request, m.Resume) else ""
            self._stored.forget(self.server, self.client.token or refused)
