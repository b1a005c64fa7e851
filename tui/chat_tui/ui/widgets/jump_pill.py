"""Says that there is more below, and brings one there."""

from textual import events
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from chat_tui.ui.messages import NewestRequested


class JumpPill(Widget, can_focus=False):
    """Shown while somebody reads further up; a click goes to the newest message."""

    following: reactive[bool] = reactive(True)
    new_below: reactive[int] = reactive(0, layout=True)

    def __init__(self) -> None:
        super().__init__(id="pill")

    def on_mount(self) -> None:
        self.display = False

    def watch_following(self) -> None:
        self.display = not self.following

    def render(self) -> Content:
        news = f"{self.new_below:,} new · " if self.new_below else ""
        return Content(f"↓ {news}End")

    def on_click(self, event: events.Click) -> None:
        event.stop()
        self.post_message(NewestRequested())
