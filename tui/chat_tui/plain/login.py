"""Getting in by question and answer: server, name, password, and a second time to register."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from textual.message import Message

from chat_shared import messages as m
from chat_shared.errors import Code
from chat_shared.names import fold
from chat_shared.text import clean, clean_line
from chat_tui.model.address import BadAddress, Invitation, read_invitation
from chat_tui.net.client import Client
from chat_tui.net.events import FingerprintChanged, FirstVisit, LoggedIn, LogIn, LogInFailed
from chat_tui.plain.console import Console
from chat_tui.storage.paths import Paths

VOID: Final = (
    "The server does not know this token, or not any more. chat-tui --new-token makes another."
)

_TRIES: Final = 5  # wrong passwords, before it is time to ask somebody


class GaveUp(Exception):
    """Nobody was let in; the message says why."""


def check_account(account: str, named: str) -> None:
    """See that a token is of whom it has to be, where somebody is `named`. Raises GaveUp."""
    if named and fold(named) != fold(account):
        raise GaveUp(
            f"The token is {clean_line(account)}'s, and --name says {clean_line(named)}. "
            "Nothing was done. Leave --name out, or take a token of that name."
        )


@dataclass(frozen=True, slots=True)
class Way:
    """Where to, as whom, and what proves it."""

    to: Invitation
    request: LogIn


class Entry:
    """Holds the link's task from the log-in on; `heard` is told what the link says meanwhile."""

    def __init__(self, console: Console, folder: Paths) -> None:
        self._console = console
        self._folder = folder
        self._outcome: asyncio.Future[LoggedIn | LogInFailed] | None = None
        self.task: asyncio.Task[None] | None = None

    # --- what the link says

    def heard(self, message: Message) -> bool:
        """Take in what concerns the log-in; say whether that was so."""
        match message:
            case LoggedIn() | LogInFailed() if self._outcome and not self._outcome.done():
                self._outcome.set_result(message)
            case FirstVisit(address, fingerprint, problem):
                outcome = problem or f"It is remembered in {self._folder.known.path}."
                self._console.write(
                    f"First visit to {address}. Its fingerprint is {fingerprint}. {clean(outcome)}"
                )
            case FingerprintChanged(address, mismatch):
                self._console.write(
                    f"{address} was known by {mismatch.known} and shows {mismatch.shown}. "
                    f"Ask its operator; if that is right, change its line in "
                    f"{self._folder.known.path}."
                )
            case _:
                return False
        return True

    # --- getting in

    async def find_server(self, invitation: Invitation | None, last: str) -> Invitation:
        """Return where to go: what was given, or what is answered. Raises GaveUp."""
        while invitation is None:
            hint = f" [{last}]" if last else ""
            text = await self._answer(f"Server{hint}: ") or last
            try:
                invitation = read_invitation(text)
            except BadAddress as exc:
                self._console.write(str(exc))
        return invitation

    async def find_name(self, name: str) -> str:
        """Return whom to log in as: what was given, or what is answered. Raises GaveUp."""
        while not name:
            name = (await self._answer("Name: ")).strip()
        return name

    async def log_in(
        self, client: Client, to: Invitation, name: str, token: str = "", *, kept: bool = True
    ) -> None:
        """Get in by `token`, by a session that was `kept`, or by a password. Raises GaveUp.

        `token` alone says who one is: without a name, and asking nothing. What is
        typed then is meant for others, and never tried as a password.
        """
        if token:
            if await self._resume(client, to, token) is not None:
                raise GaveUp(VOID)
            return
        session = await self._kept(to, name) if kept else ""
        failed = await self._resume(client, to, session) if session else None
        if failed is not None:
            self._console.write(clean(failed.sentence))
        if failed is not None or not session:
            await self._log_in_by_password(client, to, name)

    async def _resume(self, client: Client, to: Invitation, token: str) -> LogInFailed | None:
        """Return that the server does not know `token`. Raises GaveUp for any other failure."""
        way = Way(to, m.Resume(id=m.UNNUMBERED, token=token, seen={}))
        failed = await self._try(client, way)
        if failed is not None and failed.code != Code.BAD_TOKEN:
            raise GaveUp(failed.sentence)
        return failed

    async def _kept(self, to: Invitation, name: str) -> str:
        kept = await asyncio.to_thread(self._folder.tokens.find, to.address.key, name)
        return kept.token if kept else ""

    async def _log_in_by_password(self, client: Client, to: Invitation, name: str) -> None:
        for _ in range(_TRIES):
            password = await self._answer("Password: ", secret=True)
            way = Way(to, m.Login(id=m.UNNUMBERED, name=name, password=password))
            failed = await self._try(client, way)
            if failed is not None and failed.code == Code.UNKNOWN_ACCOUNT:
                way = await self._registration(way, name, password)
                failed = await self._try(client, way)
            if failed is None:
                return
            self._console.write(clean(failed.sentence))
            if not failed.code:  # nobody answered: a password will not change that
                raise GaveUp("")
        raise GaveUp("That was wrong too often. A server's operator can give a new password.")

    async def _registration(self, way: Way, name: str, password: str) -> Way:
        self._console.write(f"Nobody is called {clean_line(name)} there yet.")
        again = await self._answer("To register, type the password again: ", secret=True)
        if again != password:
            raise GaveUp("The passwords differ; nobody was registered.")
        return replace(way, request=m.Register(id=m.UNNUMBERED, name=name, password=password))

    async def _try(self, client: Client, way: Way) -> LogInFailed | None:
        """Go this way; return why that did not lead in."""
        self._outcome = asyncio.get_running_loop().create_future()
        to = way.to
        self.task = asyncio.create_task(client.run(to.address, way.request, to.fingerprint))
        self.task.add_done_callback(self._line_ended)
        outcome = await self._outcome
        if isinstance(outcome, LoggedIn):
            return None
        await self.task
        return outcome

    def _line_ended(self, task: asyncio.Task[None]) -> None:
        """A line that ends by a bug has said nothing; nobody is to wait for it."""
        outcome, bug = self._outcome, None if task.cancelled() else task.exception()
        if bug is not None and outcome is not None and not outcome.done():
            outcome.set_exception(bug)

    def when_over(self, do: Callable[[], None]) -> None:
        """Call `do` when the line is given up, for whatever reason."""
        if self.task is not None:
            self.task.add_done_callback(lambda _: do())

    async def disconnect(self) -> None:
        """Let go of the line; the session stays. A bug that the line ended by is raised."""
        if self.task is not None:
            self.task.cancel()
            await asyncio.wait({self.task})
            if not self.task.cancelled():
                self.task.result()

    async def _answer(self, prompt: str, *, secret: bool = False) -> str:
        answer = await self._console.read(prompt, secret=secret)
        if answer is None:
            raise GaveUp("There was no answer to what was asked.")
        return answer
