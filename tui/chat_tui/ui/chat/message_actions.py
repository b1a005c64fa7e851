"""What can be done with a message that is picked in the log.

The log says what is wanted; here it is asked whether that is possible, and
turned into a request, or handed to the composer. Refusals are said in a sentence.
"""

import os
import sys
from collections.abc import Callable, Mapping
from typing import ClassVar, Final

from textual import events, on, work
from textual.binding import BindingType
from textual.content import Content

from chat_shared import messages as m
from chat_shared.text import clean_line
from chat_tui.commands.keys import keys_of, shown
from chat_tui.model.draft import Quote
from chat_tui.model.reactions import who_reacted
from chat_tui.model.state import ChatState
from chat_tui.terminal.browser import open_link
from chat_tui.ui.bindings import bindings
from chat_tui.ui.chat.room_view import RoomView
from chat_tui.ui.log.block import text_of
from chat_tui.ui.log.message_log import MessageLog, Wish
from chat_tui.ui.log.rows import MessageRow
from chat_tui.ui.messages import Answered, ComposerWanted, GoTo, MarkUnread

_OFFLINE: Final = "That takes a connection; the server is out of reach at this moment."

# What the hint says while a message is picked, most important first.
_SHOWN: Final = (
    ("picked.copy", "copy"), ("picked.open", "open link"), ("picked.reply", "reply"),
    ("picked.edit", "edit"), ("picked.delete", "delete"), ("picked.react", "react"),
    ("picked.unread", "unread"), ("picked.original", "original"), ("picked.leave", "back"),
)  # fmt: skip

_MARGIN: Final = 4  # cells around the hint


class MessageActions(RoomView):
    """The part of the chat that acts on single messages."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("log.pick")]

    def __init__(self, state: ChatState, keys: Mapping[str, str]) -> None:
        super().__init__(state, keys)
        self._changing: list[m.Request] = []
        moves = "/".join(shown(keys_of(f"picked.{way}", keys)[0]) for way in ("previous", "next"))
        words = [f"{shown(keys_of(id_, keys)[0])} {what}" for id_, what in _SHOWN]
        self._picking_keys = [f"{moves} move", *words]
        self._picking_hint = ""
        self._wishes: dict[Wish, Callable[[MessageRow], object]] = {
            "copy": self._copy_text,
            "open": self._open_a_link,
            "reply": self._reply,
            "edit": self._edit,
            "delete": self._delete,
            "react": self._react,
            "unread": self._mark_unread,
            "original": self._to_original,
            "leave": lambda _: self.post_message(ComposerWanted()),
        }

    # --- picking

    def action_pick_message(self) -> None:
        if self._log.picked is not None:
            self._log.previous_message()
        elif not self._log.pick():
            self._hint.tell("There is no message here yet.")

    def open_room(self, name: str) -> None:
        self._log.let_go()  # in another room the same number is another message
        super().open_room(name)

    def on_cursor_view_picking_changed(self, event: MessageLog.PickingChanged) -> None:
        if not event.picking and self._hint.sentence == self._picking_hint:
            self._hint.clear()

    def on_cursor_view_pick_moved(self, event: MessageLog.PickMoved) -> None:
        width = self._log.size.width - _MARGIN
        keys = _joined(self._picking_keys, width)
        who = Content(who_reacted(event.row.reactions)).truncate(width, ellipsis=True).plain
        self._picking_hint = f"{who}\n{keys}" if who else keys
        self._hint.tell(self._picking_hint)

    def on_descendant_focus(self, _: events.DescendantFocus) -> None:
        # Asked now and not of the event: the focus may have come back to the log meanwhile.
        if self.focused is not self._log:
            self._log.let_go()

    @on(MessageLog.Wanted)
    def fulfil(self, event: MessageLog.Wanted) -> None:
        self._wishes[event.wish](event.row)

    # --- copying and opening

    def _copy_text(self, row: MessageRow) -> None:
        text = text_of(row).copied()
        if text:
            self.app.copy_to_clipboard(text)
            self._hint.tell("The text is copied.")
        else:
            self._hint.say("There is nothing to copy.")

    @work
    async def _open_a_link(self, row: MessageRow) -> None:
        from chat_tui.ui.dialogs.pick_link import PickLink

        links = text_of(row).links
        if not links:
            self._hint.say("There is no link in this message.")
        elif len(links) == 1:
            self._open(links[0])
        elif link := await self.app.push_screen_wait(PickLink(links)):
            self._open(link)

    @on(MessageLog.LinkClicked)
    def open_clicked(self, event: MessageLog.LinkClicked) -> None:
        self._open(event.url)

    @work(thread=True)
    def _open(self, url: str) -> None:
        opened = open_link(url, os.environ, sys.platform)
        self.app.call_from_thread(self._tell_opened, url, opened)

    def _tell_opened(self, url: str, opened: bool) -> None:
        if opened:
            self._hint.tell(f"Opened {clean_line(url)}")
        else:
            self.app.copy_to_clipboard(url)
            self._hint.tell(f"There is no browser here, so it is copied: {clean_line(url)}")

    # --- answering and changing

    def _reply(self, row: MessageRow) -> None:
        if (seq := self._seq_of(row)) is not None:
            self._hint.clear()
            self._composer.begin_reply(Quote(seq, row.author, row.text))

    def _edit(self, row: MessageRow) -> None:
        if not row.own:
            self._hint.say("You can edit only what you wrote yourself.")
        elif (seq := self._seq_of(row)) is not None:
            self._hint.clear()
            self._composer.begin_edit(seq, row.text)

    @work
    async def _delete(self, row: MessageRow) -> None:
        from chat_tui.ui.dialogs.confirm import Confirm

        room, seq = self._current, self._seq_of(row)
        if seq is None:
            return
        if not row.own and not self._state.is_me(self._room().owner):
            self._hint.say("You can delete only what you wrote yourself, or in rooms you own.")
            return
        whose = "your message" if row.own else f"the message of {clean_line(row.author)}"
        self._write_on()
        question = f"Delete {whose}? Its text is gone for good, for everybody."
        if await self.app.push_screen_wait(Confirm(question, "Delete", destroys=True)):
            self._change(m.Delete(id=m.UNNUMBERED, room=room, of=seq, nonce=self._nonce()))

    @work
    async def _react(self, row: MessageRow) -> None:
        from chat_tui.ui.dialogs.react import React

        room, seq = self._current, self._seq_of(row)
        if seq is None:
            return
        self._write_on()
        emoji = await self.app.push_screen_wait(React())
        if emoji is not None:
            self._react_with(emoji, room, seq)

    @on(MessageLog.ReactionClicked)
    def react_as_others(self, event: MessageLog.ReactionClicked) -> None:
        if (seq := self._seq_of(event.row)) is not None:
            self._react_with(event.emoji, self._current, seq)

    def _react_with(self, emoji: str, room: str, seq: int) -> None:
        """Put an emoji under a message, or take it away if it is there by us."""
        known = self._state.rooms.get(room)
        line = known.line(seq) if known is not None else None
        reactions = line.reactions if line is not None else ()
        off = any(reaction.mine and reaction.emoji == emoji for reaction in reactions)
        self._change(
            m.React(id=m.UNNUMBERED, room=room, of=seq, emoji=emoji, nonce=self._nonce(), off=off)
        )

    def _mark_unread(self, row: MessageRow) -> None:
        if (seq := self._seq_of(row)) is not None:
            self._write_on()
            self.post_message(MarkUnread(self._current, seq))

    def _write_on(self) -> None:
        """Let what is typed next be a line: once something is done, no key must do more."""
        self._log.let_go()
        self._hint.clear()
        self.set_focus(self._composer)

    def _seq_of(self, row: MessageRow) -> int | None:
        """Return the number of a message that something can be done with; say why if not."""
        kind, *rest = row.key
        if kind != "seq" or not isinstance(rest[0], int):
            self._hint.say("This message has not been sent yet.")
        elif row.deleted:
            self._hint.say("This message was deleted.")
        else:
            return rest[0]
        return None

    def _nonce(self) -> str:
        return self._state.outbox.next_nonce()

    def _change(self, request: m.Request) -> None:
        self._changing.append(request)
        self._ask(request)

    def on_answered(self, event: Answered) -> None:  # beside the view's: Textual calls both
        if not any(request is event.request for request in self._changing):
            return
        self._changing = [request for request in self._changing if request is not event.request]
        match event.reply:
            case m.Error(message=sentence):
                self._hint.say(sentence)
            case None:
                self._hint.say(_OFFLINE)

    # --- going to a message

    def _to_original(self, row: MessageRow) -> None:
        if row.quote is None:
            self._hint.tell("This message answers no other.")
        else:
            self.post_message(GoTo(self._current, row.quote.seq))


def _joined(words: list[str], width: int) -> str:
    """Return `words` with dots between them, on lines of `width` that break at no other place."""
    lines = [words[0]]
    for word in words[1:]:
        longer = f"{lines[-1]} · {word}"
        if len(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return "\n".join(lines)
