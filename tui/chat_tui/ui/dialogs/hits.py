"""Messages that were found, page by page; Enter or a click goes to one."""

from typing import ClassVar

from msgspec.structs import replace
from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Label, OptionList

from chat_shared import messages as m
from chat_shared.text import clean_line
from chat_tui.model.state import ChatState
from chat_tui.ui.dialogs.dialog import AskingDialog
from chat_tui.ui.widgets.hit_list import HitList


class HitsDialog(AskingDialog[m.Hit]):
    """Answers with the hit that was chosen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "cursor('up')", show=False, priority=True),
        Binding("down", "cursor('down')", show=False, priority=True),
        Binding("pageup", "cursor('page_up')", show=False, priority=True),
        Binding("pagedown", "cursor('page_down')", show=False, priority=True),
    ]

    def __init__(self, state: ChatState) -> None:
        super().__init__()
        self._state = state
        self._list = HitList(self._title_of)
        self._list.can_focus = False
        self._words = Label(Content(), id="words", classes="keys", markup=False)
        self._more: m.Search | m.Mentions | None = None  # what to ask for the page behind this

    def _title_of(self, room: str) -> str:
        known = self._state.rooms.get(room)
        return known.title if known is not None else room

    def action_cursor(self, way: str) -> None:
        self._list.step(way)

    @on(HitList.MoreWanted)
    def ask_for_more(self) -> None:
        if self._more is not None:
            more, self._more = self._more, None
            self.ask(more)

    @on(OptionList.OptionSelected)
    def choose_by_mouse(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._list.hits[event.option_index])

    def choose(self) -> None:
        """Answer with the hit that is marked, if there is one."""
        if self._list.chosen is not None:
            self.dismiss(self._list.chosen)

    def answered(self, reply: m.Reply) -> None:
        request = self._asked
        if not isinstance(reply, m.Found) or not isinstance(request, m.Search | m.Mentions):
            return
        hits = map(self.marked, reply.hits)
        if request.before:
            self._list.extend(hits)
        else:
            self._list.show(hits)
        # A page of nothing that promises more would be asked for without end.
        goes_on = reply.more and bool(reply.hits)
        self._more = replace(request, before=reply.hits[-1].id) if goes_on else None
        self.found(len(self._list.hits))

    def marked(self, hit: m.Hit) -> m.Hit:
        """Return `hit` with the places for which it was found."""
        return hit

    def found(self, count: int) -> None:
        """Called with how many hits are shown by now."""
        raise NotImplementedError

    def refused(self, sentence: str, code: str) -> None:
        self.say(sentence)
        request = self._asked
        if isinstance(request, m.Search | m.Mentions) and request.before:
            self._more = request  # it is asked for again when somebody goes on

    def say(self, sentence: str) -> None:
        self._words.update(Content(clean_line(sentence)))
