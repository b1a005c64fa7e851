"""Around the composer: hints, completions, posting, editing, and an external editor."""

import os
from collections.abc import Mapping

from textual.app import SuspendNotSupported

from chat_shared import messages as m
from chat_shared.errors import Code
from chat_shared.names import fold
from chat_shared.text import clean
from chat_tui.commands import parser
from chat_tui.commands.completion import Known, no_paths
from chat_tui.commands.keys import key_shown
from chat_tui.commands.paths import upload_line
from chat_tui.commands.replies import OFFLINE
from chat_tui.controller.transfers import Transfers
from chat_tui.model.changes import OutboxChanged
from chat_tui.model.draft import Draft, Edit, Intent, Reply
from chat_tui.model.outbox import LocalFile, PageFile, Unsent
from chat_tui.model.premises import CHOOSE_AGAIN
from chat_tui.storage.path_completion import paths_beginning
from chat_tui.terminal.editor import NoEditor, edit
from chat_tui.ui.chat.drafting import Drafting
from chat_tui.ui.chat.requests import Requests
from chat_tui.ui.chat.room_view import RoomView
from chat_tui.ui.log.room_logs import quote_of


class Composing:
    """What is being typed, and what it replies to or edits."""

    def __init__(
        self,
        view: RoomView,
        requests: Requests,
        drafting: Drafting,
        transfers: Transfers,
        keys: Mapping[str, str],
    ) -> None:
        """`keys` are the overrides of keys."""
        self._recall = key_shown("message.older", keys)
        self._view = view
        self._composer = view.composer
        self._requests = requests
        self._drafting = drafting
        self._transfers = transfers
        self._after_edit = Draft()  # what was in the composer once an edit was sent
        self._composer.known = self._known

    def _known(self) -> Known:
        """Return the names that can be completed: those of others, not our own."""
        state, room = self._view.state, self._view.room
        members = dict(room.members) if room is not None else {}
        members.pop(fold(state.account), None)
        others = [member.name for member in members.values()]
        rooms = [known.title for known in state.rooms.values()]
        is_guest, has_files = bool(state.guest_until), self._view.premises.has_files
        paths = paths_beginning if has_files else no_paths
        return Known(others, rooms, state.known_people, is_guest, paths)

    # --- hints

    def explain(self, line: str) -> None:
        """Show what the beginning of a command may become; typing ends any other hint."""
        commands = list(parser.hints(line, guest=bool(self._view.state.guest_until)))
        whole = [f"/{command.name}" for command in commands] == [line.lower()]
        if commands and (whole or " " in line):  # the completions show the others
            self._view.hint.explain(commands)
        elif line or self._view.hint.explains:
            self._view.hint.clear()

    def show_intent(self, intent: Intent | None) -> None:
        self._view.intent_line.show(intent)
        self._drafting.keep_after_pause()

    def follow_message(self) -> None:
        """Follow what becomes of the message that is being replied to or edited."""
        room = self._view.room
        if room is None:
            return
        match self._composer.intent:
            case Edit(seq) if (line := room.quoted(seq)) and line.deleted:
                self._composer.mean_nothing()
                self._say_recallable("The message you were editing was deleted.")
            case Reply(to) if (quote := quote_of(room, to.seq)).author and quote != to:
                self._composer.renew_quote(quote)

    # --- sending

    def submit(self, text: str, intent: Intent | None) -> None:
        """Post `text` in the open room, or edit what `intent` says."""
        self._view.message_log.to_end()
        match intent:
            case Edit(seq):
                self._edit(seq, text)
            case Reply(to):
                self._requests.post(self._view.current, text, to.seq)
            case None:
                self._requests.post(self._view.current, text)

    def _edit(self, seq: int, text: str) -> None:
        """Give a message another text, if it is another."""
        line = self._view.current_room().line(seq)
        if line is not None and line.text == text:
            return
        self._after_edit = self._composer.unfinished
        nonce = self._view.state.outbox.next_nonce()
        request = m.Edit(id=m.UNNUMBERED, room=self._view.current, of=seq, text=text, nonce=nonce)
        self._view.start(self._send_edit(request))

    async def _send_edit(self, request: m.Edit) -> None:
        match await self._requests.ask(request):
            case m.Error(code=code, message=sentence):
                gone = code == Code.NO_SUCH_MESSAGE
                self._edit_again(request, sentence, is_possible=not gone)
            case None:
                self._edit_again(request, OFFLINE, is_possible=True)

    def _edit_again(self, request: m.Edit, sentence: str, *, is_possible: bool) -> None:
        """Show why an edit failed; begin it again if nothing else has been begun."""
        is_free = self._composer.unfinished == self._after_edit
        if is_possible and is_free and self._view.current == request.room:
            self._composer.begin_edit(request.of, request.text)
            self._view.hint.say(sentence)
        else:
            self._say_recallable(sentence)

    def _say_recallable(self, sentence: str) -> None:
        self._view.hint.say(f"{sentence} {self._recall} brings back your text.")

    def edit_last(self) -> None:
        """Take the last unsent message back into the composer, else edit the last sent one."""
        room, state = self._view.current_room(), self._view.state
        unsent = state.outbox.take_back(room.name)
        if unsent is not None:
            reply = Reply(quote_of(room, unsent.reply)) if unsent.reply else None
            self._transfers.check()
            self._composer.take_up(Draft(_line_for(unsent), reply))
            self._view.show([OutboxChanged(room.name)])
            if any(isinstance(file, PageFile) for file in unsent.files):
                self._view.hint.tell(CHOOSE_AGAIN)
            return
        own = (line for line in reversed(room.lines) if line.text and state.is_me(line.author))
        if last := next(own, None):
            self._composer.begin_edit(last.seq, last.text)
        else:
            what = f"{self._recall} brings back what you sent before"
            self._view.hint.tell(f"You have no message here to edit. {what}.")

    # --- other ways to write

    def open_editor(self) -> None:
        """Write the text in the person's own editor; the chat stands still meanwhile.

        What arrived meanwhile is drawn afterwards, as after a lost connection.
        """
        if not self._view.premises.has_programs:
            self._view.hint.say("There is no editor here.")
            return
        try:
            with self._view.app.suspend():
                written = _edit_elsewhere(self._composer.text)
        except SuspendNotSupported as exc:
            written = NoEditor(str(exc))
        if isinstance(written, NoEditor):
            self._view.hint.say(str(written))
        else:
            self._composer.put(clean(written))
            self._drafting.keep_after_pause()

    def offer_paste(self, text: str) -> None:
        self._view.start(self._confirm_paste(text))

    async def _confirm_paste(self, text: str) -> None:
        from chat_tui.ui.dialogs.confirm import Confirm

        lines = text.count("\n") + 1
        question = f"Paste {lines:,} lines into one message?"
        if await self._view.app.push_screen_wait(Confirm(question, "Paste")):
            self._composer.insert_paste(text)


def _line_for(unsent: Unsent) -> str:
    """Return the line that sends a message again, without files that only a page can choose."""
    paths = [file.path for file in unsent.files if isinstance(file, LocalFile)]
    if paths:
        return upload_line(paths, unsent.text)
    return parser.line_for(unsent.text)


def _edit_elsewhere(text: str) -> str | NoEditor:
    """Return the edited `text`, or why it was not edited.

    Does not raise NoEditor: an exception while Textual is suspended leaves the terminal
    to nobody, and the chat without keys.
    """
    try:
        return edit(text, os.environ)
    except NoEditor as exc:
        return exc
