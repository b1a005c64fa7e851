"""Shows the address of a new hook, once."""

from collections.abc import Iterator
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Label

from chat_shared import messages as m
from chat_shared.text import clean_line
from chat_tui.commands import hooks
from chat_tui.ui.dialogs.dialog import button, text
from chat_tui.ui.dialogs.shown_once import ShownOnce


class NewHook(ShownOnce):
    """a copies the address, l a line for a shell that posts by it."""

    KEYS: ClassVar[str] = "al"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "copy_address", show=False),
        Binding("l", "copy_line", show=False),
    ]

    def __init__(self, hook: m.HookCreated) -> None:
        super().__init__()
        self._hook = hook
        self._address = hooks.address(hook)

    def compose(self) -> ComposeResult:
        name, room = clean_line(self._hook.name), clean_line(self._hook.room)
        with Vertical(classes="dialog"):
            yield text(Content.assemble((name, "bold $accent"), f" can post to {room}"), "heading")
            yield from self._lines()
            with Horizontal(classes="buttons"):
                if self._address:
                    yield button("a copy address", "copy-address")
                    yield button("l copy line", "copy-line")
                yield button("Done", "done", "primary")
            yield self.status(hooks.SHOWN_ONCE)

    def _lines(self) -> Iterator[Label]:
        if not self._address:
            yield text(f"Its code: {clean_line(self._hook.code)}")
            yield text(hooks.UNREACHABLE)
            return
        yield text("Programs post to this address:")
        yield text(self._address, "way-line", id="address")
        yield text("To try it:")
        yield text(Content.styled(hooks.example(self._hook), "dim"), "way-line")
        yield text(Content.styled(hooks.CERTIFICATE, "dim"))

    @on(Button.Pressed, "#copy-address")
    def action_copy_address(self) -> None:
        if self._address:
            self.copy(self._address, "Address")

    @on(Button.Pressed, "#copy-line")
    def action_copy_line(self) -> None:
        if self._address:
            self.copy(hooks.example(self._hook), "Line")
