"""The moderation log of a room, newest entry first, page by page."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from chat_shared import messages as m
from chat_shared.text import clean_line
from chat_tui.commands.audit_text import sentence
from chat_tui.markup.times import read_time
from chat_tui.ui.dialogs.dialog import Dialog, text

_NEAR: Final = 5  # entries before the end at which the next page is asked for
_KEYS: Final = "All members can read this · Esc: close"
_NONE: Final = "No moderation actions yet"


class AuditList(Dialog[None]):
    """Entries can only be read."""

    def __init__(self, room: str, title: str) -> None:
        super().__init__()
        self._room = room
        self._heading = f"Moderation log of {clean_line(title)}"
        self._list = OptionList(markup=False, id="audit")
        self._status = text("Loading…", "keys", id="words")
        self._more_before = 0  # the `id` to ask for the next page with; 0 for none

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog wide found"):
            yield text(self._heading, "heading")
            yield self._list
            yield self._status

    def on_mount(self) -> None:
        self._list.focus()
        self.start(self._load())

    @on(OptionList.OptionHighlighted)
    def load_more(self, event: OptionList.OptionHighlighted) -> None:
        if self._more_before and event.option_index >= self._list.option_count - _NEAR:
            before, self._more_before = self._more_before, 0
            self.start(self._load(before))

    async def _load(self, before: int = 0) -> None:
        request = m.Audit(id=m.UNNUMBERED, room=self._room, before=before)
        match await self.ask(request):
            case m.AuditPage(entries=entries, more=more):
                self._show(entries, more=more)
            case m.Error(message=sentence):
                self._say(sentence)
                self._more_before = before  # asked for again at the next key

    def _show(self, entries: list[m.AuditEntry], *, more: bool) -> None:
        self._more_before = entries[-1].id if more and entries else 0
        self._list.add_options(_options(entries))
        if self._list.highlighted is None and self._list.option_count:
            self._list.highlighted = 0
        self._say(_KEYS if self._list.option_count else _NONE)

    def _say(self, sentence: str) -> None:
        self._status.update(Content(clean_line(sentence)))


def _options(entries: Iterable[m.AuditEntry]) -> list[Option]:
    now = datetime.now(UTC)
    return [Option(_row(entry, now)) for entry in entries]


def _row(entry: m.AuditEntry, now: datetime) -> Content:
    at = f"{read_time(entry.at).astimezone():%Y-%m-%d %H:%M}"
    return Content.assemble((f"{at}  ", "dim"), clean_line(sentence(entry, now)))
