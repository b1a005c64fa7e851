"""What a typed line does: a message, a command, or the answer to a question."""

from collections.abc import Awaitable, Callable
from typing import Final

from msgspec.structs import replace

from chat_shared import messages as m
from chat_shared.limits import GENERAL, MAX_TEXT
from chat_shared.names import fold
from chat_shared.text import clean, clean_line
from chat_tui.commands import parser
from chat_tui.model.room import Room
from chat_tui.plain import sentences
from chat_tui.plain.account_commands import AccountCommands
from chat_tui.plain.acted_on import Chat
from chat_tui.plain.console import Console, Interrupted
from chat_tui.plain.file_commands import FileCommands
from chat_tui.plain.message_commands import MessageCommands
from chat_tui.plain.removals import Removals
from chat_tui.plain.ssh_key_commands import SshKeyCommands

_LONGEST: Final = MAX_TEXT + 100  # characters: a message, after a command with a name
_QUOTED: Final = 40  # characters that show which message was not sent

_ONLY_MEMBER: Final = (
    "You're its only member. To delete the room, answer no and use /delete-room. "
    "Leave it without an owner? [y/N] "
)
_NEEDS_SCREEN: Final = "This command needs the full screen."
_ON_A_SCREEN: Final = {  # what does the same here
    "log.pick": "To act on a message, use /reply, /edit, /delete or /react.",
    "log.unread": "/go ROOM prints the unread messages of a room, and /older the ones before.",
}


class InputReader:
    """Reads lines to the end of the input, and runs each before it reads the next."""

    def __init__(self, chat: Chat, console: Console) -> None:
        self._chat = chat
        self._console = console
        self.messages = MessageCommands(chat, console.write, self._yes)
        self.ssh_keys = SshKeyCommands(chat, console.write, self._question)
        self.account = AccountCommands(chat, console.write, self._question)
        self.files = FileCommands(chat, console.write)
        self.removals = Removals(chat, self._question)

    async def run(self) -> None:
        while not self._chat.is_over:
            await self._chat.wait_sendable()
            try:
                room = clean_line(self._chat.room.title)
                line = await self._console.read(f"{room}> ", question=False)
            except Interrupted:
                self._console.write("To quit: /quit or Ctrl+D.")
                continue
            if line is None:
                return
            if line.strip():
                await self._follow(_read(clean(line), guest=self._is_guest))

    @property
    def _is_guest(self) -> bool:
        return bool(self._chat.state.guest_until)

    async def _follow(self, parsed: parser.ParsedInput) -> None:
        match parsed:
            case parser.SendMessage(text) if meant_for := self._chat.room.unreachable:
                self._chat.fail(sentences.not_sent(meant_for, text))
            case parser.SendMessage(text):
                self._chat.post(text)
            case parser.SendDirectMessage(name, text):
                await self._chat.post_direct(name, text)
            case parser.SendRequest(request):
                await self._chat.ask(self._placed(request))
            case parser.InputError(sentence):
                self._chat.fail(clean(sentence))
            case parser.RunAction(action, argument):
                await self._run_action(action, argument)

    def _placed(self, request: m.Request) -> m.Request:
        """Return the request with the room that the typed line means."""
        if isinstance(request, m.Search) and request.room:
            room = self._chat.state.find(request.room)
            return replace(request, room=room.name) if room is not None else request
        return parser.in_room(request, self._chat.room.name)

    async def _run_action(self, action: str, argument: str) -> None:
        run = _ACTIONS.get(action)
        if run is None:
            self._chat.fail(_ON_A_SCREEN.get(action, _NEEDS_SCREEN))
            return
        try:
            await run(self, argument)
        except Interrupted:
            self._console.write("Cancelled.")

    async def _question(self, prompt: str, *, secret: bool = False) -> str:
        """Return the answer. Raises Interrupted at the end of the input."""
        answer = await self._console.read(prompt, secret=secret)
        if answer is None:
            raise Interrupted
        return answer

    async def _yes(self, prompt: str) -> bool:
        return (await self._question(prompt)).strip().lower() in ("y", "yes")

    async def _create(self, _: str) -> None:
        if name := (await self._question("Name of the new room: ")).strip():
            await self._follow(parser.read(f"/create {name}"))

    async def _join(self, room: str) -> None:
        room = room or (await self._question("Room: ")).strip()
        password = (await self._question("Its password: ", secret=True)).strip()
        if room and password:
            await self._follow(parser.read(f"/join {room} {password}"))

    async def _exit(self, _: str) -> None:
        if self._chat.room.name == GENERAL:
            self._console.write("You can't leave general: everyone is in it.")
            return
        room = self._chat.state.rooms.get(self._chat.room.name)
        if room is None or self._chat.room.is_gone:
            self._chat.room.open(self._chat.state.home)
            return
        if self._chat.state.is_me(room.owner):
            await self._exit_own(room)
            return
        if await self._yes(sentences.exit_question(room, as_guest=self._is_guest)):
            await self._chat.ask(m.Exit(id=m.UNNUMBERED, room=room.name))

    async def _exit_own(self, room: Room) -> None:
        """Leave an own room after choosing its next owner from the list."""
        await self._list_members("")
        if all(self._chat.state.is_me(member.name) for member in room.members.values()):
            if await self._yes(_ONLY_MEMBER):
                await self._chat.ask(m.Exit(id=m.UNNUMBERED, room=room.name))
            return
        question = "You own this room. Its next owner (empty: cancel): "
        if successor := (await self._question(question)).strip():
            await self._chat.ask(m.Exit(id=m.UNNUMBERED, room=room.name, heir=successor))

    async def _go(self, room: str) -> None:
        self._chat.room.open(room)

    async def _renew_password(self, _: str) -> None:
        room = self._chat.room.name
        question = f"Reset the password of {clean_line(room)}? The old one stops working. [y/N] "
        if await self._yes(question):
            await self._chat.ask(m.NewPassword(id=m.UNNUMBERED, room=room))

    async def _hand_over(self, name: str) -> None:
        room = self._chat.room.name
        if await self._yes(
            f"Make {name} the owner of {clean_line(room)}? Only {name} can hand it back. [y/N] "
        ):
            await self._chat.ask(m.HandOver(id=m.UNNUMBERED, room=room, name=name))

    async def _delete_room(self, _: str) -> None:
        room = self._chat.room.name
        question = "This permanently deletes the room. Type its name to confirm (empty: cancel): "
        typed = (await self._question(question)).strip()
        if fold(typed) == fold(room):
            await self._chat.ask(m.DeleteRoom(id=m.UNNUMBERED, room=room))
        elif typed:
            self._console.write(f"The room's name is {clean_line(room)}. Nothing was deleted.")

    async def _search(self, _: str) -> None:
        if words := (await self._question("Search for: ")).strip():
            await self._follow(parser.read(f"/search {words}"))

    async def _list_rooms(self, _: str) -> None:
        self._chat.room.end_list()
        rooms = [self._chat.state.rooms[name] for name in self._chat.state.room_names()]
        for line in sentences.room_list(rooms, self._chat.room.name):
            self._console.write(line)

    async def _list_members(self, _: str) -> None:
        await self._chat.ask(m.Members(id=m.UNNUMBERED, room=self._chat.room.name))

    async def _show_older(self, _: str) -> None:
        await self._chat.wait_written()
        await self._chat.ask(self._chat.room.older())

    async def _go_away(self, why: str) -> None:
        await self._chat.ask(m.Away(id=m.UNNUMBERED, text=why))

    async def _list_sessions(self, _: str) -> None:
        reply = await self._chat.ask(m.Sessions(id=m.UNNUMBERED))
        # A script does not know of the question: its next line is no answer.
        if self._console.shows_typed and isinstance(reply, m.SessionList):
            await self._revoke_one(reply)

    async def _revoke_one(self, listed: m.SessionList) -> None:
        if all(session.current for session in listed.sessions):
            return
        question = "Log one out? Type its number (empty: cancel): "
        if number := (await self._question(question)).strip():
            by_number = {str(n): info.session for n, info in enumerate(listed.sessions, 1)}
            session = by_number.get(number, number)
            await self._chat.ask(m.Revoke(id=m.UNNUMBERED, session=session))

    async def _list_ssh_keys(self, _: str) -> None:
        await self.ssh_keys.list(asks=self._console.shows_typed)  # as for sessions

    async def _list_invitations(self, _: str) -> None:
        await self.removals.invitations(self._chat.room.name, asks=self._console.shows_typed)

    async def _list_hooks(self, _: str) -> None:
        await self.removals.hooks(self._chat.room.name, asks=self._console.shows_typed)

    async def _log_out(self, where: str) -> None:
        if where and not self._is_guest:
            await self._chat.ask(m.Revoke(id=m.UNNUMBERED))
        await self._chat.forget_session()
        await self._chat.ask(m.Logout(id=m.UNNUMBERED))

    async def _keep(self, _: str) -> None:
        await self.account.keep(asks=self._console.shows_typed)

    async def _upload(self, typed: str) -> None:
        if not typed and self._chat.page is None:
            typed = (await self._question("Path of the file: ")).strip()
        if typed or self._chat.page is not None:
            await self.files.upload(typed)

    async def _save(self, argument: str) -> None:
        # A script goes on once it is there; a person may write meanwhile.
        await self.files.save(argument.strip(), waits=not self._console.shows_typed)

    async def _export(self, kind: str) -> None:
        await self.files.export(kind, waits=not self._console.shows_typed)  # likewise

    async def _help(self, command: str) -> None:
        if command:
            self._console.write(parser.explain(command, guest=self._is_guest))
            return
        for entry in (*parser.offered(guest=self._is_guest), *parser.PLAIN_COMMANDS):
            where = "" if is_followed(entry.name) else " (full screen only)"
            self._console.write(f"{entry.usage}: {entry.help}{where}")

    async def _quit(self, _: str) -> None:
        self._chat.leave()


# Commands that are no mere request, by the action of the full screen's key.
_ACTIONS: Final[dict[str, Callable[[InputReader, str], Awaitable[None]]]] = {
    "room.create": InputReader._create,
    "room.join": InputReader._join,
    "room.exit": InputReader._exit,
    "room.go": InputReader._go,
    "room.new_password": InputReader._renew_password,
    "room.hand_over": InputReader._hand_over,
    "room.delete": InputReader._delete_room,
    "room.invitations": InputReader._list_invitations,
    "room.hooks": InputReader._list_hooks,
    "room.export": InputReader._export,
    "search": InputReader._search,
    "rooms.toggle": InputReader._list_rooms,
    "members.toggle": InputReader._list_members,
    "log.page_up": InputReader._show_older,
    "account.sessions": InputReader._list_sessions,
    "account.ssh_keys": InputReader._list_ssh_keys,
    "account.logout": InputReader._log_out,
    "account.password": lambda reader, _: reader.account.change_password(),
    "account.keep": InputReader._keep,
    "account.delete": lambda reader, _: reader.account.delete(),
    "away": InputReader._go_away,
    "message.reply": lambda reader, argument: reader.messages.reply(argument),
    "message.edit": lambda reader, argument: reader.messages.edit(argument),
    "message.delete": lambda reader, argument: reader.messages.delete(argument),
    "message.react": lambda reader, argument: reader.messages.react(argument),
    "message.numbers": lambda reader, argument: reader.messages.toggle_numbers(argument),
    "message.upload": InputReader._upload,
    "message.save": InputReader._save,
    "message.files": lambda reader, _: reader.files.list(_),
    "files.cancel": lambda reader, _: reader.files.cancel(_),
    "help": InputReader._help,
    "quit": InputReader._quit,
}


def is_followed(line: str) -> bool:
    """Return whether a command, written without its slash, works without a screen."""
    parsed = parser.read(f"/{line}")
    return not isinstance(parsed, parser.RunAction) or parsed.action in _ACTIONS


def _read(line: str, *, guest: bool) -> parser.ParsedInput:
    """Parse a line; one longer than any message is an error."""
    parsed = parser.read(line, guest=guest) if len(line) <= _LONGEST else parser.SendMessage(line)
    if isinstance(parsed, parser.SendMessage) and len(parsed.text) > MAX_TEXT:
        start = f"{parsed.text[:_QUOTED]}…"
        return parser.InputError(
            f"Not sent: the message has {len(parsed.text):,} characters; "
            f"the limit is {MAX_TEXT:,}. Split it. It began: {start}"
        )
    return parsed
