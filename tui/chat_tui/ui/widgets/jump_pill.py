"""Shows that there are messages below the view; a click goes to the newest."""

from textual import events
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from chat_tui.ui.messages import NewestRequested


class JumpPill(Widget, can_focus=False):
    """Hidden while the log follows its end."""

    following: reactive[bool] = reactive(True)
    new_below: reactive[int] = reactive(0, layout=True)

    def __init__(self) -> None:
        super().__init__(id="pill")

    def on_mount(self) -> None:
        self.display = False

    def watch_following(self) -> None:
        self.display = not self.following

    def render(self) -> Content:
        count = f"{self.new_below:,} new · " if self.new_below else ""
        return Content(f"↓ {count}End")

    def on_click(self, event: events.Click) -> None:
        event.stop()
        self.post_message(NewestRequested())
