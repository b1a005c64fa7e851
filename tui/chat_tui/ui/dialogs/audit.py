"""What owners did in a room, newest first, page by page."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Label, OptionList
from textual.widgets.option_list import Option

from chat_shared import messages as m
from chat_shared.text import clean_line
from chat_tui.commands.audit_text import sentence
from chat_tui.markup.times import read_time
from chat_tui.ui.dialogs.dialog import AskingDialog

_NEAR: Final = 5  # entries: so near to the end the next page is asked for
_KEYS: Final = "Every member can read this · Escape: close"


class AuditList(AskingDialog[None]):
    """Nothing can be done with an entry but read it."""

    def __init__(self, room: str, title: str) -> None:
        super().__init__()
        self._room = room
        self._title = clean_line(title)
        self._list = OptionList(markup=False, id="audit")
        self._words = Label(Content("Asking…"), id="words", classes="keys", markup=False)
        self._more_before = 0  # the `id` to ask the next page with; 0 for none

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog wide found"):
            yield Label(
                Content(f"What owners did in {self._title}"), classes="heading", markup=False
            )
            yield self._list
            yield self._words

    def on_mount(self) -> None:
        self._list.focus()
        self.ask(m.Audit(id=m.UNNUMBERED, room=self._room))

    @on(OptionList.OptionHighlighted)
    def ask_for_more(self, event: OptionList.OptionHighlighted) -> None:
        if self._more_before and event.option_index >= self._list.option_count - _NEAR:
            before, self._more_before = self._more_before, 0
            self.ask(m.Audit(id=m.UNNUMBERED, room=self._room, before=before))

    def answered(self, reply: m.Reply) -> None:
        if not isinstance(reply, m.AuditPage):
            return
        self._more_before = reply.entries[-1].id if reply.more and reply.entries else 0
        self._list.add_options(_options(reply.entries))
        if self._list.highlighted is None and self._list.option_count:
            self._list.highlighted = 0
        self._say(_KEYS if self._list.option_count else "Nothing yet: no owner has done a thing.")

    def refused(self, sentence: str, code: str) -> None:
        self._say(sentence)
        if isinstance(self._asked, m.Audit):
            self._more_before = self._asked.before  # asked for again when somebody goes on

    def _say(self, words: str) -> None:
        self._words.update(Content(clean_line(words)))


def _options(entries: Iterable[m.AuditEntry]) -> list[Option]:
    now = datetime.now(UTC)
    return [Option(_row(entry, now)) for entry in entries]


def _row(entry: m.AuditEntry, now: datetime) -> Content:
    at = f"{read_time(entry.at).astimezone():%Y-%m-%d %H:%M}"
    return Content.assemble((f"{at}  ", "dim"), clean_line(sentence(entry, now)))
