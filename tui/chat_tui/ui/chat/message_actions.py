"""What can be done with the selected message.

The log says what is wanted. Here that becomes a request or goes to the composer, or a
sentence says why it is not possible.
"""

from collections.abc import Callable, Sequence
from textwrap import shorten
from typing import Final

from chat_shared import messages as m
from chat_shared.reactions import reaction_key
from chat_shared.text import clean_line
from chat_tui.markup.files import described, gist
from chat_tui.model.draft import Quote
from chat_tui.ui.chat.files import Files
from chat_tui.ui.chat.links import Links
from chat_tui.ui.chat.navigation import Navigation
from chat_tui.ui.chat.pictures import Pictures
from chat_tui.ui.chat.read_tracking import ReadTracking
from chat_tui.ui.chat.requests import Requests
from chat_tui.ui.chat.room_view import RoomView
from chat_tui.ui.chat.selection import Selection
from chat_tui.ui.log.block import text_of
from chat_tui.ui.log.message_log import Wish
from chat_tui.ui.log.rows import MessageRow

_EXCERPT: Final = 150  # characters of a message, enough to recognize it
_DELETING: Final = "{} deleted for everyone. This can't be undone."


class MessageActions:
    """One method for each key on a selected message."""

    def __init__(
        self,
        view: RoomView,
        requests: Requests,
        selection: Selection,
        navigation: Navigation,
        read_tracking: ReadTracking,
        files: Files,
        pictures: Pictures,
    ) -> None:
        self._view = view
        self._requests = requests
        self._selection = selection
        self._navigation = navigation
        self._read_tracking = read_tracking
        self._links = Links(view)
        self._files = files
        self._actions: dict[Wish, Callable[[MessageRow], object]] = {
            "copy": self._copy,
            "open": self._open,
            "save": files.save,
            "picture": pictures.show_large,
            "reply": self._reply,
            "edit": self._edit,
            "delete": self._delete,
            "react": self._react,
            "unread": self._mark_unread,
            "original": self._go_to_original,
            "leave": lambda _: view.focus_composer(),
        }

    def run(self, action: Wish, row: MessageRow) -> None:
        self._actions[action](row)

    def open_link(self, url: str) -> None:
        self._links.open(url)

    def toggle_reaction(self, row: MessageRow, emoji: str) -> None:
        """Add our reaction to those of others, or remove it."""
        if (seq := self._seq_of(row)) is not None:
            self._view.start(self._toggle_reaction(self._view.current, seq, emoji))

    # --- without the server

    def _copy(self, row: MessageRow) -> None:
        text = text_of(row).copied() or "\n".join(clean_line(file.name) for file in row.files)
        if text:
            self._view.app.copy_to_clipboard(text)
            self._view.hint.tell("Text copied.")
        else:
            self._view.hint.say("Nothing to copy.")

    def _open(self, row: MessageRow) -> None:
        """Open the link or the file of a message, or the one that is chosen."""
        links = text_of(row).links
        files = [file for file in row.files if isinstance(file, m.File)]
        if not files:
            self._links.open_one(links)
        elif len(files) == 1 and not links:
            self._files.open(files[0])
        else:
            self._view.start(self._choose(links, files))

    async def _choose(self, links: Sequence[str], files: Sequence[m.File]) -> None:
        from chat_tui.ui.dialogs.pick_file import PickFile

        choices = [*map(described, files), *links]
        chosen = await self._view.app.push_screen_wait(PickFile("Open which?", choices, "open"))
        if chosen is None:
            return
        if chosen < len(files):
            self._files.open(files[chosen])
        else:
            self._links.open(links[chosen - len(files)])

    def _reply(self, row: MessageRow) -> None:
        if (seq := self._seq_of(row)) is not None:
            self._view.hint.clear()
            self._view.composer.begin_reply(Quote(seq, row.author, gist(row.text, row.files)))

    def _edit(self, row: MessageRow) -> None:
        if not row.own:
            self._view.hint.say("You can only edit your own messages.")
        elif (seq := self._seq_of(row)) is not None:
            self._view.hint.clear()
            self._view.composer.begin_edit(seq, row.text)

    def _mark_unread(self, row: MessageRow) -> None:
        if (seq := self._seq_of(row)) is not None:
            self._selection.act_once()
            self._read_tracking.mark_unread(self._view.current, seq)

    def _go_to_original(self, row: MessageRow) -> None:
        if row.quote is None:
            self._view.hint.tell("This message isn't a reply.")
        else:
            self._navigation.go_to(self._view.current, row.quote.seq, select=True)

    # --- changes that the server makes

    def _delete(self, row: MessageRow) -> None:
        seq = self._seq_of(row)
        if seq is None:
            return
        if not row.own and not self._view.state.is_me(self._view.current_room().owner):
            self._view.hint.say("You can only delete your own messages, or any in a room you own.")
            return
        self._selection.act_once()
        self._view.start(self._confirm_delete(self._view.current, seq, row))

    async def _confirm_delete(self, room: str, seq: int, row: MessageRow) -> None:
        from chat_tui.ui.dialogs.confirm import Confirm

        whose = "your message" if row.own else f"the message by {clean_line(row.author)}"
        shown = shorten(clean_line(gist(row.text, row.files)), _EXCERPT, placeholder="…")
        question = f"Delete {whose}?\n\n{shown}\n\n{_DELETING.format(_what(row))}"
        if await self._view.app.push_screen_wait(Confirm(question, "Delete", destroys=True)):
            request = m.Delete(id=m.UNNUMBERED, room=room, of=seq, nonce=self._nonce())
            await self._requests.ask_or_explain(request)

    def _react(self, row: MessageRow) -> None:
        if (seq := self._seq_of(row)) is not None:
            self._selection.act_once()
            self._view.start(self._choose_reaction(self._view.current, seq))

    async def _choose_reaction(self, room: str, seq: int) -> None:
        from chat_tui.ui.dialogs.react import React

        emoji = await self._view.app.push_screen_wait(React())
        if emoji is not None:
            await self._toggle_reaction(room, seq, emoji)

    async def _toggle_reaction(self, room: str, seq: int, emoji: str) -> None:
        opened = self._view.state.rooms.get(room)
        line = opened.line(seq) if opened is not None else None
        reactions = line.reactions if line is not None else ()
        key = reaction_key(emoji)
        off = any(known.mine and reaction_key(known.emoji) == key for known in reactions)
        request = m.React(
            id=m.UNNUMBERED, room=room, of=seq, emoji=emoji, nonce=self._nonce(), off=off
        )
        await self._requests.ask_or_explain(request)

    def _nonce(self) -> str:
        return self._view.state.outbox.next_nonce()

    def _seq_of(self, row: MessageRow) -> int | None:
        """Return the number of a message that can be changed; else say why it can't."""
        kind, *rest = row.key
        if kind != "seq" or not isinstance(rest[0], int):
            self._view.hint.say("This message has not been sent yet.")
        elif row.deleted:
            self._view.hint.say("This message was deleted.")
        else:
            return rest[0]
        return None


def _what(row: MessageRow) -> str:
    """Return what of a message is deleted, and the verb."""
    if not row.files:
        return "Its text is"
    return "Its text and files are" if row.text else "It is"
