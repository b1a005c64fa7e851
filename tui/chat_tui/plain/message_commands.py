"""Replies to, edits, deletes and reacts to a message of the open room by its number."""

from collections.abc import Awaitable, Callable
from typing import Final, Protocol

from chat_shared import messages as m
from chat_shared.reactions import reaction_key
from chat_shared.text import clean, clean_line
from chat_tui.markup.emoji import emoji_for
from chat_tui.model.state import ChatState
from chat_tui.plain import sentences
from chat_tui.plain.open_room import OpenRoom

_HOW: Final = "Type the number of a message after the command: /{} {}"
_ARGUMENTS: Final = {"reply": "2 Yes!", "edit": "2 Yes!", "delete": "2", "react": "2 thumbsup"}


class Chat(Protocol):
    """What these commands act on."""

    room: OpenRoom

    @property
    def state(self) -> ChatState: ...
    def post(self, text: str, reply: int = 0) -> None: ...
    def fail(self, sentence: str) -> None: ...
    async def ask(self, request: m.Request) -> m.Reply | None: ...
    async def wait_written(self) -> None: ...


class MessageCommands:
    """One method for each command; each gets NUMBER and perhaps TEXT, or nothing."""

    def __init__(
        self, chat: Chat, write: Callable[[str], None], ask: Callable[[str], Awaitable[bool]]
    ) -> None:
        """`ask` returns whether the answer to a question was yes."""
        self._chat = chat
        self._write = write
        self._ask = ask

    async def reply(self, argument: str) -> None:
        if (line := await self._find("reply", argument)) is not None:
            self._chat.post(_text(argument), line.seq)

    async def edit(self, argument: str) -> None:
        line = await self._find("edit", argument)
        if line is None:
            return
        if not self._chat.state.is_me(line.author):
            self._chat.fail("You can only edit your own messages.")
            return
        room, nonce = self._chat.room.name, self._nonce()
        text = _text(argument)
        await self._chat.ask(
            m.Edit(id=m.UNNUMBERED, room=room, of=line.seq, text=text, nonce=nonce)
        )

    async def delete(self, argument: str) -> None:
        line = await self._find("delete", argument)
        if line is None:
            return
        question = f"Delete this message for everyone? {sentences.message(line)} [y/N] "
        room = self._chat.room.name
        if await self._ask(question):
            nonce = self._nonce()
            await self._chat.ask(m.Delete(id=m.UNNUMBERED, room=room, of=line.seq, nonce=nonce))

    async def react(self, argument: str) -> None:
        line = await self._find("react", argument)
        if line is None:
            return
        typed = _text(argument).strip()
        emoji = emoji_for(typed.strip(":").lower()) or typed
        if emoji.isascii():
            self._chat.fail(f"{clean_line(typed)} isn't an emoji, nor the name of one.")
            return
        await self._chat.ask(
            m.React(
                id=m.UNNUMBERED, room=self._chat.room.name, of=line.seq, emoji=emoji,
                nonce=self._nonce(), off=_is_on(line, emoji),
            )
        )  # fmt: skip

    async def toggle_numbers(self, _: str) -> None:
        await self._chat.wait_written()
        if self._chat.room.shows_numbers:
            self._chat.room.shows_numbers = False
            self._write("Message numbers are hidden.")
        else:
            self._write("Each message now ends with its number. To hide them: /numbers")
            self._chat.room.write_numbered()

    async def _find(self, command: str, argument: str) -> m.Line | None:
        """Return the message that is meant, as it is now; else say how to name one."""
        await self._chat.wait_written()
        if not argument:
            self._chat.room.write_numbered()
            self._write(_HOW.format(command, _ARGUMENTS[command]))
            return None
        number = int(argument.split()[0])
        found = self._chat.room.numbers.find(number)
        if found is None:
            self._chat.fail(f"There is no message {number}. /{command} lists the last ones.")
        elif found.room != self._chat.room.name or self._chat.room.is_gone:
            title = clean_line(self._chat.room.title_of(found.room))
            self._chat.fail(f"Message {number} is in {title}, which isn't the open room.")
        else:
            room = self._chat.state.rooms.get(found.room)
            line = (room and room.line(found.line.seq)) or found.line
            if not line.deleted:
                return line
            self._chat.fail(f"Message {number} was deleted.")
        return None

    def _nonce(self) -> str:
        return self._chat.state.outbox.next_nonce()


def _text(argument: str) -> str:
    return clean(argument.partition(" ")[2])


def _is_on(line: m.Line, emoji: str) -> bool:
    """Return whether we have put this reaction there."""
    key = reaction_key(emoji)
    return any(known.mine and reaction_key(known.emoji) == key for known in line.reactions)
