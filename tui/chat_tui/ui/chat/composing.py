"""What happens around the composer: hints, choices, drafts, an editor, and what is meant."""

import os
from collections.abc import Iterable, Mapping
from typing import Final

from textual import on, work
from textual.app import SuspendNotSupported
from textual.timer import Timer
from textual.widgets import TextArea

from chat_shared import messages as m
from chat_shared.errors import Code
from chat_shared.text import clean
from chat_tui.commands import parser
from chat_tui.commands.completion import Known
from chat_tui.commands.replies import OFFLINE
from chat_tui.model.changes import Change, OutboxChanged
from chat_tui.model.draft import Draft, Edit, Intent, Reply
from chat_tui.model.room import Room
from chat_tui.model.state import ChatState
from chat_tui.terminal.editor import NoEditor, edit
from chat_tui.ui.chat.room_view import RoomView
from chat_tui.ui.log.room_logs import quote_of
from chat_tui.ui.messages import (
    CompletionChanged,
    EditLastRequested,
    EditorRequested,
    InputRejected,
    IntentChanged,
    PasteOffered,
)

BRING_BACK: Final = " Ctrl+Up brings back what you wrote."
_PAUSE: Final = 1.0  # seconds without a key, after which a draft is written to the disk


class Writing(RoomView):
    """The part of the chat in which something is being written."""

    _pause: Timer | None = None
    _left = Draft()  # what stood in the composer once an edit was sent

    def __init__(self, state: ChatState, keys: Mapping[str, str]) -> None:
        super().__init__(state, keys)
        self._composer.known = self._known

    def _known(self) -> Known:
        """Return what can be named in what is typed."""
        room = self._state.rooms.get(self._current)
        members = room.members.values() if room is not None else ()
        rooms = [known.title for known in self._state.rooms.values()]
        return Known([member.name for member in members], rooms, self._state.known_people)

    def show(self, changes: Iterable[Change]) -> None:
        super().show(changes)
        if self._composer.intent is not None and self._current in self._state.rooms:
            self._look_at_meant(self._room(), self._composer.intent)

    def _look_at_meant(self, room: Room, intent: Intent) -> None:
        """Follow what becomes of the message that is being answered or edited."""
        match intent:
            case Edit(seq) if (line := room.quoted(seq)) and line.deleted:
                self._composer.mean_nothing()
                self._hint.say(f"The message that you were editing was deleted.{BRING_BACK}")
            case Reply(to) if (quote := quote_of(room, to.seq)).author and quote != to:
                self._composer.renew_quote(quote)

    @on(TextArea.Changed)
    def explain_command(self, event: TextArea.Changed) -> None:
        """Show what the beginning of a command may become; typing ends any other hint."""
        self._note_draft()
        line = event.text_area.text
        commands = list(parser.hints(line))
        whole = [f"/{command.name}" for command in commands] == [line.lower()]
        if commands and (whole or " " in line):  # of what is not whole yet, the choices tell
            self._hint.explain(commands)
        elif line or self._hint.explains:
            self._hint.clear()

    @on(InputRejected)
    def say_why_not(self, event: InputRejected) -> None:
        self._hint.say(event.sentence)

    @on(CompletionChanged)
    def show_choices(self, event: CompletionChanged) -> None:
        self._completions.show(event.completion, event.at)

    @on(IntentChanged)
    def show_intent(self, event: IntentChanged) -> None:
        self._intent.show(event.intent)
        self._note_draft()

    # --- drafts

    def _note_draft(self) -> None:
        """Write the draft to the disk once there is a pause in the typing."""
        if self._pause is None:
            self._pause = self.set_timer(_PAUSE, self._keep_noted)
        else:
            self._pause.reset()

    def _keep_noted(self) -> None:
        self._pause = None  # a timer that has rung does not ring again, though it be reset
        self._keep_draft()

    def on_unmount(self) -> None:  # beside those of the other parts: Textual calls all
        self._keep_draft()

    # --- what was written before

    @on(EditLastRequested)
    def take_back_or_edit(self) -> None:
        """Put back what nobody has into the composer; without such, edit what was said last."""
        unsent = self._state.outbox.take_back(self._current)
        if unsent is not None:
            answered = Reply(quote_of(self._room(), unsent.reply)) if unsent.reply else None
            self._composer.take_up(Draft(parser.line_for(unsent.text), answered))
            self.show([OutboxChanged(self._current)])
            return
        lines = reversed(self._room().lines)
        last = next((line for line in lines if line.text and self._state.is_me(line.author)), None)
        if last is not None:
            self._composer.begin_edit(last.seq, last.text)
        else:
            self._hint.tell("Nothing of yours here can be edited. Ctrl+Up: what you sent before.")

    # --- changing what was said

    def say_instead(self, seq: int, text: str) -> None:
        """Give a message another text, if it is another."""
        line = self._room().line(seq)
        if line is not None and line.text == text:
            return
        self._left = self._composer.unfinished
        nonce = self._state.outbox.next_nonce()
        edit = m.Edit(id=m.UNNUMBERED, room=self._current, of=seq, text=text, nonce=nonce)
        self.run_worker(self._send_edit(edit))

    async def _send_edit(self, edit: m.Edit) -> None:
        match await self.ask(edit):
            case m.Error(message=sentence) as reply:
                self._edit_refused(edit, reply, sentence)
            case None:
                self._edit_refused(edit, None, OFFLINE)

    def _edit_refused(self, request: m.Edit, reply: m.Error | None, sentence: str) -> None:
        """Say why, and let it be tried again if nothing else was begun meanwhile."""
        gone = reply is not None and reply.code == Code.NO_SUCH_MESSAGE
        free = self._current == request.room and self._composer.unfinished == self._left
        if free and not gone:
            self._composer.begin_edit(request.of, request.text)
            self._hint.say(sentence)
        else:
            self._hint.say(f"{sentence}{BRING_BACK}")

    # --- elsewhere

    @on(EditorRequested)
    def write_elsewhere(self) -> None:
        """Let the text be written in the person's editor. The chat stands still meanwhile.

        It comes back as after a cut: with all that was said.
        """
        try:
            with self.app.suspend():
                written = _written_elsewhere(self._composer.text)
        except SuspendNotSupported as exc:
            written = NoEditor(str(exc))
        if isinstance(written, NoEditor):
            self._hint.say(str(written))
        else:
            self._composer.put(clean(written))
            self._note_draft()

    @on(PasteOffered)
    @work
    async def ask_about_paste(self, event: PasteOffered) -> None:
        from chat_tui.ui.dialogs.confirm import Confirm

        lines = event.text.count("\n") + 1
        question = f"Paste {lines:,} lines into one message?"
        if await self.app.push_screen_wait(Confirm(question, "Paste")):
            self._composer.insert_paste(event.text)


def _written_elsewhere(text: str) -> str | NoEditor:
    """Return what the editor made of `text`, or why it made nothing.

    Without raising it: what is raised while Textual is suspended leaves the
    terminal to nobody, and the chat deaf.
    """
    try:
        return edit(text, os.environ)
    except NoEditor as exc:
        return exc
