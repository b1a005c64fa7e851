"""Shows that the connection is lost, and counts down to the next attempt."""

from math import ceil
from time import monotonic

from textual.content import Content
from textual.reactive import reactive
from textual.timer import Timer
from textual.widget import Widget

from chat_shared.text import clean_line
from chat_tui.commands.keys import shown


class Banner(Widget, can_focus=False):
    """Hidden while connected."""

    seconds: reactive[int] = reactive(0, layout=False)

    def __init__(self, retry_key: str) -> None:
        super().__init__(id="banner")
        self._retry_key = shown(retry_key)
        self._reason = ""
        self._attempt = 0
        self._until = 0.0
        self._timer: Timer | None = None

    def on_mount(self) -> None:
        self.display = False
        self._timer = self.set_interval(0.25, self._count, pause=True)

    def connection_lost(self, reason: str, wait: float, attempt: int) -> None:
        self._reason, self._attempt, self._until = clean_line(reason), attempt, monotonic() + wait
        self._count()
        self.display = True
        self.refresh(layout=True)  # this sentence may take more rows than the one before
        if self._timer is not None:
            self._timer.resume()

    def connecting(self) -> None:
        self._until = 0.0
        self._count()

    def connected(self) -> None:
        self.display = False
        if self._timer is not None:
            self._timer.pause()

    def _count(self) -> None:
        self.seconds = max(0, ceil(self._until - monotonic()))

    def render(self) -> Content:
        when = f"in {self.seconds} s" if self.seconds else "now"
        attempt = f" (attempt {self._attempt})" if self._attempt > 1 else ""
        return Content.assemble(
            ("Offline", "bold"),
            f" · {self._reason} Reconnecting {when}{attempt} · ",
            (self._retry_key, "bold"),
            ": reconnect now · your messages will be sent once you're reconnected",
        )
