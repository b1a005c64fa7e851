"""Messages that the server found, page by page; Enter or a click goes to one."""

from typing import ClassVar

from msgspec.structs import replace
from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content

from chat_shared import messages as m
from chat_shared.text import clean_line
from chat_tui.model.state import ChatState
from chat_tui.ui.dialogs.dialog import text
from chat_tui.ui.dialogs.picker import Picker
from chat_tui.ui.widgets.hit_list import HitList


class HitsDialog(Picker[m.Hit]):
    """Returns the hit that was chosen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pageup", "cursor('page_up')", show=False, priority=True),
        Binding("pagedown", "cursor('page_down')", show=False, priority=True),
    ]

    def __init__(self, state: ChatState) -> None:
        self._state = state
        self._hits = HitList(self._title_of)
        super().__init__(self._hits)
        self._status = text("", "keys", id="words")
        self._next_page: m.Search | m.Mentions | None = None  # the request for it

    def _title_of(self, room: str) -> str:
        known = self._state.rooms.get(room)
        return known.title if known is not None else room

    def choice(self, index: int) -> m.Hit:
        return self._hits.hits[index]

    def action_cursor(self, way: str) -> None:
        self._hits.step(way)

    @on(HitList.MoreWanted)
    def load_more(self) -> None:
        if self._next_page is not None:
            request, self._next_page = self._next_page, None
            self.start(self.load(request))

    async def load(self, request: m.Search | m.Mentions) -> None:
        """Ask for a page and show it, below the earlier ones unless it is the first."""
        reply = await self.ask(request)
        match reply:
            case m.Found():
                self._show(request, reply)
            case m.Error():
                if request.before:
                    self._next_page = request  # to be asked for again
                self.failed(request, reply)

    def _show(self, request: m.Search | m.Mentions, reply: m.Found) -> None:
        hits = map(self.marked, reply.hits)
        if request.before:
            self._hits.extend(hits)
        else:
            self._hits.show(hits)
        # An empty page that promises more would be asked for without end.
        goes_on = reply.more and bool(reply.hits)
        self._next_page = replace(request, before=reply.hits[-1].id) if goes_on else None
        self.loaded(len(self._hits.hits))

    def say(self, sentence: str) -> None:
        self._status.update(Content(clean_line(sentence)))

    # --- for subclasses

    def marked(self, hit: m.Hit) -> m.Hit:
        """Return `hit` with the matching places marked."""
        return hit

    def loaded(self, count: int) -> None:
        """A page was added; `count` hits are shown by now."""
        raise NotImplementedError

    def failed(self, request: m.Search | m.Mentions, error: m.Error) -> None:
        """A page could not be loaded."""
        self.say(error.message)
