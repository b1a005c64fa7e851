"""What happens around the composer: hints, choices, drafts, an editor, and what is meant."""

import os
from typing import Final

from textual import on, work
from textual.app import SuspendNotSupported
from textual.timer import Timer
from textual.widgets import TextArea

from chat_shared.text import clean
from chat_tui import slash
from chat_tui.changes import OutboxChanged
from chat_tui.editor import NoEditor, edit
from chat_tui.messages import (
    CompletionChanged,
    EditLastRequested,
    EditorRequested,
    IntentChanged,
    LineRefused,
    PasteOffered,
)
from chat_tui.screens.room_view import RoomView

_PAUSE: Final = 1.0  # seconds without a key, after which a draft is written to the disk


class Writing(RoomView):
    """The part of the chat in which something is being written."""

    _pause: Timer | None = None

    @on(TextArea.Changed)
    def explain_command(self, event: TextArea.Changed) -> None:
        """Show what the beginning of a command may become; typing ends any other hint."""
        self._note_draft()
        commands = list(slash.hints(event.text_area.text))
        if " " in event.text_area.text and commands:
            self._hint.explain(commands)
        elif event.text_area.text or self._hint.explains:
            self._hint.clear()

    @on(LineRefused)
    def say_why_not(self, event: LineRefused) -> None:
        self._hint.say(event.sentence)

    @on(CompletionChanged)
    def show_choices(self, event: CompletionChanged) -> None:
        self._completions.show(event.completion, event.at)

    @on(IntentChanged)
    def show_intent(self, event: IntentChanged) -> None:
        self._intent.show(event.intent)

    # --- drafts

    def _note_draft(self) -> None:
        """Write the draft to the disk once there is a pause in the typing."""
        if self._pause is None:
            self._pause = self.set_timer(_PAUSE, self._keep_draft)
        else:
            self._pause.reset()

    def on_unmount(self) -> None:  # beside those of the other parts: Textual calls all
        self._keep_draft()

    # --- what was written before

    @on(EditLastRequested)
    def take_back_or_edit(self) -> None:
        """Put a refused message back into the composer; without one, edit what was said last."""
        refused = self._state.outbox.take_back(self._current)
        if refused is not None:
            self._composer.put(refused.text)
            self.show([OutboxChanged(self._current)])
            return
        lines = reversed(self._room().lines)
        last = next((line for line in lines if line.text and self._state.is_me(line.author)), None)
        if last is not None:
            self._composer.begin_edit(last.seq, last.text)
        else:
            self._hint.tell("Nothing of yours here can be edited. Ctrl+Up: what you sent before.")

    @on(EditorRequested)
    def write_elsewhere(self) -> None:
        """Let the text be written in the person's editor. The chat stands still meanwhile.

        It comes back as after a cut: with all that was said.
        """
        try:
            with self.app.suspend():
                text = edit(self._composer.text, os.environ)
        except (NoEditor, SuspendNotSupported) as exc:
            self._hint.say(str(exc))
        else:
            self._composer.put(clean(text))

    @on(PasteOffered)
    @work
    async def ask_about_paste(self, event: PasteOffered) -> None:
        from chat_tui.screens.confirm import Confirm

        lines = event.text.count("\n") + 1
        question = f"Paste {lines:,} lines into one message?"
        if await self.app.push_screen_wait(Confirm(question, "Paste")):
            self._composer.insert_paste(event.text)
