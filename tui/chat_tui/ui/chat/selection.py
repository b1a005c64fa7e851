"""Selects a message in the log, and shows which keys act on it."""

from collections.abc import Iterator, Mapping
from typing import Final

from textual.content import Content

from chat_shared.messages import File
from chat_tui.commands.keys import key_shown
from chat_tui.model.reactions import who_reacted
from chat_tui.ui.chat.actions import Actions, no_argument
from chat_tui.ui.chat.room_view import RoomView
from chat_tui.ui.log.block import text_of
from chat_tui.ui.log.rows import MessageRow

# What the hint shows while a message is selected, most important first.
_SHOWN: Final = (
    ("picked.copy", "copy"), ("picked.open", "open link"), ("picked.save", "save file"),
    ("picked.picture", "show picture"), ("picked.reply", "reply"),
    ("picked.edit", "edit"), ("picked.delete", "delete"), ("picked.react", "react"),
    ("picked.unread", "mark unread"), ("picked.original", "go to original"),
    ("picked.leave", "back"),
)  # fmt: skip

_BY_NUMBER: Final = ("reply", "edit", "delete", "react", "files", "save", "numbers")

_MARGIN: Final = 4  # cells around the hint


class Selection:
    """The selected message, if there is one."""

    def __init__(self, view: RoomView, keys: Mapping[str, str]) -> None:
        self._view = view
        moves = "/".join(key_shown(f"picked.{way}", keys) for way in ("previous", "next"))
        self._moves = f"{moves} move"
        self._keys = {id_: f"{key_shown(id_, keys)} {what}" for id_, what in _SHOWN}
        self._pick = key_shown("log.pick", keys)
        self._hint = ""

    def actions(self) -> Actions:
        by_number = {f"message.{way}": no_argument(self._explain) for way in _BY_NUMBER}
        return {
            "log.pick": no_argument(self.begin),
            **by_number,
        }

    def _explain(self) -> None:
        """Say how to do on the screen what needs the number of a message elsewhere."""
        self._view.hint.say(f"Select the message first ({self._pick}, or a click).")

    def begin(self) -> None:
        """Select the last message, or the one above the selected one."""
        log = self._view.message_log
        if log.picked is not None:
            log.previous_message()
        elif not log.pick():
            self._view.hint.tell("No messages here yet.")

    def end(self) -> None:
        """Select nothing, so that the next key is typed."""
        self._view.message_log.let_go()

    def end_if_unfocused(self) -> None:
        # Asked now and not of the event: the focus may have come back to the log meanwhile.
        if self._view.focused is not self._view.message_log:
            self.end()

    def act_once(self) -> None:
        """End the selection as something is done: no further key may do more."""
        self.end()
        self._view.hint.clear()
        self._view.set_focus(self._view.composer)

    def clear_hint(self) -> None:
        if self._view.hint.sentence == self._hint:
            self._view.hint.clear()

    def _keys_on(self, row: MessageRow) -> Iterator[str]:
        """Yield what the keys do, of those that can do something with the message."""
        without = set(self._without_effect(row))
        for id_, words in self._keys.items():
            if id_ not in without:
                is_file = id_ == "picked.open" and row.files
                yield words.replace("open link", "open") if is_file else words

    def _without_effect(self, row: MessageRow) -> Iterator[str]:
        if not row.files:
            yield "picked.save"
            if not text_of(row).links:
                yield "picked.open"
        if not any(isinstance(f, File) and f.type.startswith("image/") for f in row.files):
            yield "picked.picture"
        if row.quote is None:
            yield "picked.original"
        if not row.own:
            yield "picked.edit"
            if not self._view.state.is_me(self._view.current_room().owner):
                yield "picked.delete"

    def show_hint(self, row: MessageRow) -> None:
        """Show who reacted to the selected message, and the keys."""
        width = self._view.message_log.size.width - _MARGIN
        keys = _joined([self._moves, *self._keys_on(row)], width)
        who = Content(who_reacted(row.reactions)).truncate(width, ellipsis=True).plain
        self._hint = f"{who}\n{keys}" if who else keys
        self._view.hint.tell(self._hint)


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
