"""What a typed line does: say something, give a command, answer a question."""

from collections.abc import Awaitable, Callable
from typing import Final, Protocol

from msgspec.structs import replace

from chat_shared import messages as m
from chat_shared.limits import GENERAL, MAX_TEXT
from chat_shared.names import fold
from chat_shared.text import clean, clean_line
from chat_tui.commands import parser
from chat_tui.model.room import Room
from chat_tui.model.state import ChatState
from chat_tui.plain import sentences
from chat_tui.plain.console import Console, Interrupted
from chat_tui.plain.open_room import OpenRoom

_LONGEST: Final = MAX_TEXT + 100  # characters: a message, and a command with a name before it
_QUOTED: Final = 40  # characters of what was not sent: which one it was


class Chat(Protocol):
    """What a line is said to."""

    room: OpenRoom

    @property
    def state(self) -> ChatState: ...
    def say(self, text: str) -> None: ...
    def fail(self, sentence: str) -> None: ...
    async def say_to(self, name: str, text: str) -> None: ...
    async def ask(self, request: m.Request) -> m.Reply | None: ...
    async def wait_written(self) -> None: ...
    async def forget_session(self) -> None: ...
    @property
    def is_over(self) -> bool: ...
    def leave(self) -> None: ...


class InputReader:
    """Reads lines until there are no more, and follows each before it reads the next."""

    def __init__(self, chat: Chat, console: Console) -> None:
        self._chat = chat
        self._console = console

    async def run(self) -> None:
        while not self._chat.is_over:
            try:
                line = await self._console.read(f"{clean_line(self._chat.room.title)}> ")
            except Interrupted:
                self._console.write("/quit ends, and so does Ctrl+D.")
                continue
            if line is None:
                return
            if line.strip():
                await self._follow(_read(clean(line)))

    async def _follow(self, meaning: parser.ParsedInput) -> None:
        match meaning:
            case parser.SendMessage(text) if meant_for := self._chat.room.out_of_reach:
                self._chat.fail(sentences.not_sent(meant_for, text))
            case parser.SendMessage(text):
                self._chat.say(text)
            case parser.SendDirectMessage(name, text):
                await self._chat.say_to(name, text)
            case parser.SendRequest(request):
                await self._chat.ask(self._placed(request))
            case parser.InputError(sentence):
                self._chat.fail(clean(sentence))
            case parser.RunAction(action, argument):
                await self._do(action, argument)

    def _placed(self, request: m.Request) -> m.Request:
        """Return what a typed line asks, of the room that it means."""
        if isinstance(request, m.Search) and request.room:
            room = self._chat.state.find(request.room)
            return replace(request, room=room.name) if room is not None else request
        return parser.in_room(request, self._chat.room.name)

    async def _do(self, action: str, argument: str) -> None:
        doing = _DOINGS.get(action)
        if doing is None:
            self._chat.fail("This is only there on the full screen: chat-tui without --plain.")
            return
        try:
            await doing(self, argument)
        except Interrupted:
            self._console.write("Nothing was done.")

    async def _question(self, prompt: str, *, secret: bool = False) -> str:
        """Return what is answered. Raises Interrupted where that is an end of lines."""
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
            self._console.write("You are in general already. Everybody is, and nobody leaves it.")
            return
        room = self._chat.state.rooms.get(self._chat.room.name)
        if room is None or self._chat.room.is_gone:
            self._chat.room.open(GENERAL)
            return
        if self._chat.state.is_me(room.owner):
            await self._exit_own(room)
        elif await self._yes(sentences.exit_question(room)):
            await self._chat.ask(m.Exit(id=m.UNNUMBERED, room=room.name))

    async def _exit_own(self, room: Room) -> None:
        """Exit a room once it is somebody else's; who there is, is listed."""
        await self._list_members("")
        if all(self._chat.state.is_me(member.name) for member in room.members.values()):
            self._console.write(
                "Nobody else is in this room, which is yours: /delete-room ends it."
            )
            return
        question = "The room is yours. Whose is it to be? One of these, or nothing to stop: "
        if heir := (await self._question(question)).strip():
            await self._chat.ask(m.Exit(id=m.UNNUMBERED, room=room.name, heir=heir))

    async def _go(self, room: str) -> None:
        self._chat.room.open(room)

    async def _renew_password(self, _: str) -> None:
        room = self._chat.room.name
        question = f"Give {clean_line(room)} another password? The old one is void. Type y: "
        if await self._yes(question):
            await self._chat.ask(m.NewPassword(id=m.UNNUMBERED, room=room))

    async def _hand_over(self, name: str) -> None:
        room = self._chat.room.name
        if await self._yes(f"Let {name} own {clean_line(room)}? Type y: "):
            await self._chat.ask(m.HandOver(id=m.UNNUMBERED, room=room, name=name))

    async def _delete_room(self, _: str) -> None:
        room = self._chat.room.name
        question = "This deletes the room for everybody, for good. Its name, or nothing to stop: "
        typed = (await self._question(question)).strip()
        if fold(typed) == fold(room):
            await self._chat.ask(m.DeleteRoom(id=m.UNNUMBERED, room=room))
        elif typed:
            self._console.write(f"That is not its name: {clean_line(room)}. Nothing was done.")

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
        # A script's next line is no answer to a question that it does not know of.
        if self._console.shows_typed and isinstance(reply, m.SessionList):
            await self._revoke_one(reply)

    async def _revoke_one(self, listed: m.SessionList) -> None:
        if all(session.current for session in listed.sessions):
            return
        question = "Log one of them out? What its line begins with, or nothing: "
        if session := (await self._question(question)).strip():
            await self._chat.ask(m.Revoke(id=m.UNNUMBERED, session=session))

    async def _log_out(self, where: str) -> None:
        if where:
            await self._chat.ask(m.Revoke(id=m.UNNUMBERED))
        await self._chat.forget_session()
        await self._chat.ask(m.Logout(id=m.UNNUMBERED))

    async def _change_password(self, _: str) -> None:
        old = await self._question("Your password: ", secret=True)
        new = await self._question("The new one: ", secret=True)
        if await self._question("The new one again: ", secret=True) != new:
            self._console.write("The new passwords differ; nothing was changed.")
            return
        await self._chat.ask(m.Password(id=m.UNNUMBERED, old=old, new=new))

    async def _delete_account(self, _: str) -> None:
        question = "This deletes your account for good. Your password, or nothing to stop: "
        if password := await self._question(question, secret=True):
            await self._chat.ask(m.DeleteAccount(id=m.UNNUMBERED, password=password))

    async def _help(self, command: str) -> None:
        if command:
            self._console.write(parser.explain(command))
            return
        for entry in parser.COMMANDS:
            where = "" if is_followed(entry.name) else " (on the full screen only)"
            self._console.write(f"{entry.usage}: {entry.what}{where}")

    async def _quit(self, _: str) -> None:
        self._chat.leave()


# By the actions of the full screen's keys: what commands do that are no request to the server.
_DOINGS: Final[dict[str, Callable[[InputReader, str], Awaitable[None]]]] = {
    "room.create": InputReader._create,
    "room.join": InputReader._join,
    "room.exit": InputReader._exit,
    "room.go": InputReader._go,
    "room.new_password": InputReader._renew_password,
    "room.hand_over": InputReader._hand_over,
    "room.delete": InputReader._delete_room,
    "search": InputReader._search,
    "rooms.toggle": InputReader._list_rooms,
    "members.toggle": InputReader._list_members,
    "log.page_up": InputReader._show_older,
    "account.sessions": InputReader._list_sessions,
    "account.logout": InputReader._log_out,
    "account.password": InputReader._change_password,
    "account.delete": InputReader._delete_account,
    "away": InputReader._go_away,
    "help": InputReader._help,
    "quit": InputReader._quit,
}


def is_followed(line: str) -> bool:
    """Say whether a command, written without its slash, does something without a screen."""
    meaning = parser.read(f"/{line}")
    return not isinstance(meaning, parser.RunAction) or meaning.action in _DOINGS


def _read(line: str) -> parser.ParsedInput:
    """Return what a line means, which is nothing where it is longer than anything that is sent."""
    meaning = parser.read(line) if len(line) <= _LONGEST else parser.SendMessage(line)
    if isinstance(meaning, parser.SendMessage) and len(meaning.text) > MAX_TEXT:
        start = f"{meaning.text[:_QUOTED]}…"
        return parser.InputError(
            f"A message takes at most {MAX_TEXT:,} characters; this was not sent: {start}"
        )
    return meaning
