"""A form field: a label, an input, and an error message below it."""

from typing import Final

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Label

from chat_shared.text import clean_line
from chat_tui.ui.messages import Pasted

# For screens with fields. Without priority, Tab is handled only after the field has drawn the
# text typed before it; text that follows in one burst, a password perhaps, lands in the old field.
FOCUS_AT_ONCE: Final = (
    Binding("tab", "app.focus_next", show=False, priority=True),
    Binding("shift+tab", "app.focus_previous", show=False, priority=True),
)


# Characters of an input: as many as the longest message, and twice the longest SSH key.
MAX_TYPED: Final = 8_000


class CleanInput(Input):
    """An input of bounded length that sanitizes pasted text."""

    def on_mount(self) -> None:
        self.cursor_blink = self.app.animation_level != "none"
        self.max_length = MAX_TYPED

    def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default().stop()
        text = clean_line(event.text.strip())[: MAX_TYPED - len(self.value)]
        self.insert_text_at_cursor(text)
        self.post_message(Pasted(text))


class Field(Vertical):
    """A labelled input with room for an error message below it."""

    def __init__(self, label: str, id: str, *, secret: bool = False, hint: str = "") -> None:
        super().__init__(id=id)
        self._label = label
        # Without a hint, a blank: where the row is underlined, the cursor alone would be.
        self.input = CleanInput(
            password=secret, placeholder=hint or " ", compact=True, select_on_focus=False
        )
        self._problem = Label(Content(), classes="problem", markup=False)
        self._will_scroll = False  # to the error message, once that has been drawn

    def compose(self) -> ComposeResult:
        yield Label(self._label, markup=False, classes="label")
        yield self.input
        yield self._problem

    @property
    def value(self) -> str:
        return self.input.value

    @value.setter
    def value(self, text: str) -> None:
        self.input.value = clean_line(text)
        self.input.cursor_position = len(self.input.value)

    @property
    def problem(self) -> str:
        return str(self._problem.content)

    @problem.setter
    def problem(self, sentence: str) -> None:
        """Show an error message below the input; an empty one removes it."""
        content = Content(clean_line(sentence))
        if content.plain != self.problem:  # which costs a layout, for each key
            self._problem.update(content)
            self.set_class(bool(sentence), "-problem")
        # On a small terminal it may be out of view; once is enough until it is drawn.
        if sentence and not self._will_scroll:
            self._will_scroll = self.call_after_refresh(self._scroll_to_problem)

    def _scroll_to_problem(self) -> None:
        self._will_scroll = False
        self._problem.scroll_visible(animate=False)

    def fix(self, label: str) -> None:
        """Keep the value from being edited, and show `label` in its place."""
        self.query_one(".label", Label).update(Content(label))
        self.add_class("-fixed")

    def take_focus(self) -> None:
        self.input.focus(scroll_visible=False)  # Textual would put it in the middle
        # Later, as what is shown or hidden at the same time moves the field. By the screen, so
        # that what it has scrolled to before, a sentence above all fields, stays in view.
        if self.is_attached:  # the person may have left meanwhile
            self.screen.call_after_refresh(self.input.scroll_visible, animate=False)
