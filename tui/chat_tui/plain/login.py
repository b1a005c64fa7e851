"""Logging in by question and answer: server, name, password, and again to register."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any, Final

from chat_shared import messages as m
from chat_shared.errors import Code
from chat_shared.text import clean, clean_line
from chat_tui.controller.controller import Attempt, WrongAccount
from chat_tui.model.address import BadAddress, Invitation, read_invitation
from chat_tui.net.events import (
    ClientEvent,
    Greeted,
    LoggedIn,
    LogIn,
    LogInFailed,
    TrustNeeded,
    TrustNotSaved,
)
from chat_tui.plain.console import Console
from chat_tui.plain.gave_up import GaveUp
from chat_tui.plain.server_check import check_server
from chat_tui.storage.known_servers import UnusableFile
from chat_tui.storage.paths import Paths

REVOKED: Final = "The server does not accept this token. chat-tui --new-token creates another."

_TRIES: Final = 5  # wrong passwords, before it is time to ask the operator

_INVITED: Final = "You're invited. Choose a password for a new account, or type that of yours."
_ANOTHER_CODE: Final = "Another invitation code: "
_ANOTHER_OR_NONE: Final = "Another invitation code (or press Enter for none): "
_GUEST: Final = "You're invited as a guest, for a day. Choose a name; you need no password."
_USE_INVITE: Final = "New here? Type y to create an account (or press Enter to try again): "
_INVITE: Final = "New here? Type your invitation code (or press Enter to try again): "


async def kept_token(folder: Paths, to: Invitation, name: str) -> str:
    """Return the token of the stored session of `name`, if there is one. Raises GaveUp."""
    try:
        kept = await asyncio.to_thread(folder.find_session, to.address, name)
    except UnusableFile as exc:
        raise GaveUp(str(exc)) from None
    return kept.token if kept else ""


class LogInPrompts:
    """Asks for what a log-in needs, and runs the connection's task from then on."""

    def __init__(
        self,
        console: Console,
        folder: Paths,
        run: Callable[[Attempt], Coroutine[Any, Any, None]],
        account: str = "",
    ) -> None:
        """`run` keeps up the connection; a token must be one of `account`, if that is named."""
        self._console = console
        self._folder = folder
        self._run = run
        self._account = account
        self._registration = "open"  # until the server says otherwise
        self._outcome: asyncio.Future[LoggedIn | LogInFailed] | None = None
        self.task: asyncio.Task[None] | None = None

    # --- what the client tells

    def handle(self, event: ClientEvent) -> bool:
        """Handle what concerns the log-in; return whether it did."""
        match event:
            case LoggedIn() | LogInFailed() if self._outcome and not self._outcome.done():
                self._outcome.set_result(event)
            case TrustNotSaved(sentence):
                self._console.write(clean(sentence))
            case Greeted(registration):
                self._registration = registration
            case TrustNeeded(address, mismatch):
                self._console.write(clean(mismatch.advice(address, self._folder.known.path)))
                if self._outcome and not self._outcome.done():
                    self._outcome.set_result(LogInFailed("", event.sentence))
            case _:
                return False
        return True

    # --- logging in

    async def find_server(self, invitation: Invitation | None, last: str) -> Invitation:
        """Return the server: the given one, or the answer. Raises GaveUp."""
        while invitation is None:
            hint = f" [{last}]" if last else ""
            text = await self._answer(f"Server{hint}: ") or last
            try:
                invitation = read_invitation(text)
            except BadAddress as exc:
                self._console.write(str(exc))
        return invitation

    async def find_name(self, name: str, to: Invitation) -> str:
        """Return the name to log in with: the given one, or the answer. Raises GaveUp.

        A guest is asked in any case: nobody is asked for a password then.
        """
        if to.guest:
            self._console.write(_GUEST)
            hint = f" [{clean_line(name)}]" if name else ""
            name = (await self._answer(f"Name{hint}: ")).strip() or name
        while not name:
            name = (await self._answer("Name: ")).strip()
        return name

    async def log_in(
        self,
        to: Invitation,
        name: str,
        token: str = "",
        *,
        kept: bool = True,
        by_key: bool = False,
    ) -> None:
        """Log in by `token`, by a session that was `kept`, or by password. Raises GaveUp.

        `by_key` says that the connection began with an SSH key of the account. With a `token`
        nothing is asked: what is typed then is meant for a room, and must never be tried as a
        password.
        """
        await check_server(self._console, self._folder.known, to)
        if to.guest:
            await self._enter_as_guest(to, name)
            return
        if by_key:
            await self._log_in_by_key(to, name)
            return
        if token:
            if await self._resume(to, token) is not None:
                raise GaveUp(REVOKED)
            return
        session = await kept_token(self._folder, to, name) if kept else ""
        failed = await self._resume(to, session) if session else None
        if failed is not None:
            self._console.write(clean(failed.sentence))
        if failed is not None or not session:
            await self._log_in_by_password(to, name)

    async def _enter_as_guest(self, to: Invitation, name: str) -> None:
        """Enter by a link for guests, for which a name is enough. Raises GaveUp."""
        for tries_left in reversed(range(_TRIES)):
            request = m.RegisterGuest(id=m.UNNUMBERED, name=name, invite=to.code)
            failed = await self._try(to, request)
            if failed is None:
                return
            self._console.write(clean(failed.sentence))
            if failed.code not in (Code.NAME_TAKEN, Code.BAD_NAME):
                raise GaveUp("")
            if tries_left:
                name = (await self._answer("Name: ")).strip()
        raise GaveUp("Too many names that can't be taken.")

    async def _log_in_by_key(self, to: Invitation, name: str) -> None:
        """Log in by the key, or by password if that was removed meanwhile. Raises GaveUp."""
        failed = await self._try(to, m.LoginByKey(id=m.UNNUMBERED, name=name))
        if failed is not None and not failed.code:  # no server answered
            raise GaveUp(failed.sentence)
        if failed is not None:
            self._console.write(clean(failed.sentence))
            await self._log_in_by_password(to, name)

    async def _resume(self, to: Invitation, token: str) -> LogInFailed | None:
        """Return the refusal of a revoked `token`. Raises GaveUp for any other failure."""
        failed = await self._try(to, m.Resume(id=m.UNNUMBERED, token=token, seen={}))
        if failed is not None and failed.code != Code.BAD_TOKEN:
            raise GaveUp(failed.sentence)
        return failed

    async def _log_in_by_password(self, to: Invitation, name: str) -> None:
        if to.code:
            self._console.write(_INVITED)
        for tries_left in reversed(range(_TRIES)):
            failed = await self._log_in_or_register(to, name)
            if failed is None:
                return
            if not failed.code:  # no server answered: another password will not change that
                raise GaveUp("")
            if tries_left and failed.code == Code.REGISTRATION_CLOSED and to.code:
                is_needed = self._registration == "invite"
                another = await self._answer(_ANOTHER_CODE if is_needed else _ANOTHER_OR_NONE)
                to = replace(to, code=another.strip())
        raise GaveUp("Too many wrong passwords. The server's operator can reset your password.")

    async def _log_in_or_register(self, to: Invitation, name: str) -> LogInFailed | None:
        """Ask for the password; write and return what failed. Raises GaveUp."""
        password = await self._answer("Password: ", secret=True)
        failed = await self._try(to, m.Login(id=m.UNNUMBERED, name=name, password=password))
        code = None if failed is None else await self._offer_account(to, name, failed)
        if code is None:
            return failed
        failed = await self._register(to, name, password, code)
        if failed is not None:
            self._console.write(clean(failed.sentence))
        return failed

    async def _offer_account(self, to: Invitation, name: str, failed: LogInFailed) -> str | None:
        """Write why the log-in failed; return the code for a new account, None for no account."""
        if failed.code == Code.UNKNOWN_ACCOUNT:
            self._console.write(f"There is no account named {clean_line(name)} on this server yet.")
            return to.code
        self._console.write(clean(failed.sentence))
        if failed.code == Code.WRONG_CREDENTIALS and self._registration == "invite":
            return await self._ask_for_code(to) or None
        return None

    async def _ask_for_code(self, to: Invitation) -> str:
        """Return the code to create an account with, empty for none. Raises GaveUp."""
        if not to.code:
            return (await self._answer(_INVITE)).strip()
        answer = await self._answer(_USE_INVITE)
        return to.code if answer.strip().lower() in ("y", "yes") else ""

    async def _register(
        self, to: Invitation, name: str, password: str, code: str = ""
    ) -> LogInFailed | None:
        """Create the account; return the failure, if it is one. Raises GaveUp."""
        again = await self._answer("To create it, repeat the password: ", secret=True)
        if again != password:
            raise GaveUp("The passwords don't match; no account was created.")
        request = m.Register(id=m.UNNUMBERED, name=name, password=password, invite=code)
        return await self._try(replace(to, code=code), request)

    async def _try(self, to: Invitation, request: LogIn) -> LogInFailed | None:
        """Try to log in; return the failure, if it is one. Raises GaveUp for a wrong account."""
        self._outcome = asyncio.get_running_loop().create_future()
        self.task = asyncio.create_task(self._run(Attempt(to, request, account=self._account)))
        self.task.add_done_callback(self._end)
        try:
            outcome = await self._outcome
        except WrongAccount as exc:
            raise GaveUp(str(exc)) from None
        if isinstance(outcome, LoggedIn):
            return None
        await self.task
        return outcome

    def _end(self, task: asyncio.Task[None]) -> None:
        """Pass on what a task failed by: it has told no outcome, and nobody is to wait for one."""
        outcome, failure = self._outcome, None if task.cancelled() else task.exception()
        if failure is not None and outcome is not None and not outcome.done():
            outcome.set_exception(failure)

    def when_over(self, do: Callable[[], None]) -> None:
        """Call `do` when the connection's task has ended, for whatever reason."""
        if self.task is not None:
            self.task.add_done_callback(lambda _: do())

    async def disconnect(self) -> None:
        """Disconnect; the session stays. Raises what the connection's task failed by."""
        if self.task is not None:
            self.task.cancel()
            await asyncio.wait({self.task})
            if not self.task.cancelled():
                self.task.result()

    async def _answer(self, prompt: str, *, secret: bool = False) -> str:
        answer = await self._console.read(prompt, secret=secret)
        if answer is None:
            raise GaveUp("The input ended before the log-in was complete.")
        return answer
