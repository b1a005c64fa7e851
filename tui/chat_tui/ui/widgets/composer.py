"""The message input: it grows to eight rows, sends on Enter, and keeps a line it cannot send.

A submitted line goes to the screen by a direct call, so that its effect comes before
that of the next key. A room's password is masked while it is typed. Pasted text is
cleaned of control characters.

Its keys are not Textual bindings: a burst of letters and Enters is handled in the
widget's own queue, in order, without the app having to wait between two of them.
"""

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from textual import events
from textual.content import Content
from textual.reactive import reactive

from chat_shared.limits import GENERAL
from chat_shared.text import clean, clean_line
from chat_tui.commands import parser
from chat_tui.commands.completion import Cycle, Known, complete
from chat_tui.commands.history import Recall
from chat_tui.commands.keys import BY_ID, keys_of
from chat_tui.commands.paths import pasted
from chat_tui.model.draft import Draft, Edit, Intent, Quote, Reply
from chat_tui.ui.messages import (
    CompletionChanged,
    EditLastRequested,
    EditorRequested,
    ExitRequested,
    InputRejected,
    IntentChanged,
    NewestRequested,
    PasteOffered,
    PathsPasted,
)
from chat_tui.ui.widgets.masked_area import MaskedArea

Submit: TypeAlias = Callable[[parser.ParsedInput, Intent | None], object]

MANY_LINES: Final = 20  # more pasted lines than this may be a mistake: ask first
_EMPTY: Final = "An edit can't be empty. Esc cancels."
_KEYS: Final = (
    "message.send", "message.newline", "message.edit_last", "message.older", "message.newer",
    "message.erase_word", "message.erase_line", "message.complete", "message.complete_back",
    "message.editor", "message.cancel",
)  # fmt: skip


class Composer(MaskedArea):
    """What is being typed: a message or a command."""

    room: reactive[str] = reactive(GENERAL)

    def __init__(self, keys: Mapping[str, str], submit: Submit) -> None:
        """`submit` gets each line, once the composer is empty for the next one."""
        super().__init__(
            id="composer", soft_wrap=True, compact=True, highlight_cursor_line=False,
            tab_behavior="focus", show_line_numbers=False,
        )  # fmt: skip
        self._submit = submit
        self._recall = Recall()
        self._last_command = ""
        self._cycle: Cycle | None = None
        self._intent: Intent | None = None
        self._waiting: Draft | None = None  # the draft that waits for the end of an edit
        self.known: Callable[[], Known] = Known  # returns the names that can be completed
        self._actions = {
            key.strip(): BY_ID[id_].action for id_ in _KEYS for key in keys_of(id_, keys)
        }

    def on_mount(self) -> None:
        self.cursor_blink = self.app.animation_level != "none"

    def watch_room(self, room: str) -> None:
        self.placeholder = Content(f"Message {clean_line(room)}")

    # --- for the screen

    def put(self, text: str) -> None:
        """Show what was typed before, with the cursor behind it. This does not count as typing."""
        with self.prevent(self.Changed):
            self.text = text
        self.move_cursor(self.document.end)
        if self._cycle is not None:
            self._offer(None)

    @property
    def intent(self) -> Intent | None:
        return self._intent

    @property
    def unfinished(self) -> Draft:
        """The draft to take up again later."""
        return Draft(self.text, self._intent, self._waiting)

    def take_up(self, unfinished: Draft) -> None:
        """Go on with what was being written before."""
        self._waiting = unfinished.waiting
        self._mean(unfinished.intent)
        self.put(unfinished.text)

    def begin_reply(self, quote: Quote) -> None:
        """Let what is being typed be a reply to this message."""
        self._give_up_edit()
        self._mean(Reply(quote))
        self.focus()

    def begin_edit(self, seq: int, text: str) -> None:
        """Edit our message `seq`; the draft waits meanwhile."""
        if self._intent != Edit(seq):
            self._give_up_edit()
            self.take_up(Draft(parser.line_for(text), Edit(seq), self.unfinished))
        self.focus()

    def renew_quote(self, quote: Quote) -> None:
        """Reply to the same message, whose text has changed."""
        self._mean(Reply(quote))

    def mean_nothing(self) -> None:
        """Cancel the reply or edit, and take up the draft that waited for an edit."""
        if isinstance(self._intent, Edit):
            self._recall.add(self.text)  # what was typed is never lost
            self.take_up(self._waiting or Draft())
        else:
            self._mean(None)

    def begin_command(self, line: str) -> None:
        """Let the arguments of a command be typed."""
        self._give_up_edit()
        if self.text:
            self._recall.add(self.text)  # what was typed is never lost
        self.text = line
        self.move_cursor(self.document.end)
        self.focus()

    def mention(self, name: str) -> None:
        """Insert a mention of `name` where the cursor is."""
        row, column = self.cursor_location
        before = self.document.get_line(row)[:column]
        space = "" if not before or before[-1].isspace() else " "
        self.insert(f"{space}@{name} ")
        self.focus()

    def _give_up_edit(self) -> None:
        if isinstance(self._intent, Edit):
            self.mean_nothing()

    def insert_paste(self, text: str) -> None:
        self._replace_via_keyboard(text, *self.selection)

    @property
    def last_command(self) -> str:
        """The command that was submitted last; empty if it held a password."""
        return self._last_command

    def give_back(self, line: str) -> None:
        """Show a command that failed, to be corrected, unless something else has been begun.

        Not one without arguments: it has nothing to correct, and stands before what follows.
        """
        if " " in line.strip() and not self.unfinished:
            self.put(line)

    # --- keys

    def action_send(self) -> None:
        """Submit the line, or post why it stays."""
        line = self.text.strip("\n").rstrip()
        if not line:
            if isinstance(self._intent, Edit):
                self.post_message(InputRejected(_EMPTY))
            return
        meaning = parser.read(line, guest=self.known().guest)
        if (why := parser.why_not_sent(meaning)) is not None:
            self.post_message(InputRejected(why))
            return
        if not parser.is_secret(line):
            self._recall.add(line)
        if isinstance(meaning, parser.SendMessage):
            intent = self._intent
            self.take_up(self._waiting or Draft())
            self._submit(meaning, intent)
        else:
            self._last_command = "" if parser.is_secret(line) else line
            self.put("")
            self._submit(meaning, None)

    def action_newline(self) -> None:
        self._replace_via_keyboard("\n", *self.selection)

    def action_edit_last(self) -> None:
        if self.text:
            self.action_cursor_up()
        else:
            self.post_message(EditLastRequested())

    def action_recall_older(self) -> None:
        """Show the text sent before the one shown."""
        self._recall.hold(self.text)
        if (line := self._recall.older()) is not None:
            self.put(line)

    def action_recall_newer(self) -> None:
        if (line := self._recall.newer()) is not None:
            self.put(line)

    def action_complete(self) -> None:
        self._choose(1)

    def action_complete_back(self) -> None:
        self._choose(-1)

    def action_editor(self) -> None:
        self.post_message(EditorRequested())

    def action_cancel(self) -> None:
        """Go one step back: close the completions, cancel a reply or edit, go to the newest."""
        if self._cycle is not None:
            self._offer(None)
        elif self._intent is not None:
            self.mean_nothing()
        else:
            self.post_message(NewestRequested())

    def action_erase_word(self) -> None:
        if self.text:
            self.action_delete_word_left()
        else:
            self.post_message(ExitRequested())

    def action_cursor_line_end(self, select: bool = False) -> None:
        if self.text:
            super().action_cursor_line_end(select)
        else:
            self.post_message(NewestRequested())

    async def _on_key(self, event: events.Key) -> None:
        action = self._actions.get(event.key)
        if action is not None:
            event.prevent_default().stop()
            getattr(self, f"action_{action}")()
        elif event.key.startswith(("alt+", "super+")):
            # Terminals without the Kitty protocol deliver Alt+k with the
            # character k, which must not be typed.
            event.prevent_default()
        else:
            self.type_joiner(event)

    # --- completions and intent

    def on_text_area_changed(self) -> None:
        if self._cycle is None or self._cycle.text != self.text:
            self._look_for_completion()

    def _look_for_completion(self) -> None:
        cursor = self.document.get_index_from_location(self.cursor_location)  # type: ignore[attr-defined]
        completion = complete(self.text, cursor, self.known())
        if completion is not None:
            self._offer(Cycle(completion, self.text, cursor))
        elif self._cycle is not None:
            self._offer(None)

    def _offer(self, cycle: Cycle | None) -> None:
        self._cycle = cycle
        self.post_message(CompletionChanged(cycle.completion if cycle else None))

    def _choose(self, by: int) -> None:
        """Replace the word by the next choice; where there is none, move the focus."""
        if self._cycle is None:
            move = self.screen.focus_next if by > 0 else self.screen.focus_previous
            move()
            return
        start, end, text = self._cycle.step(by)
        place = self.document.get_location_from_index  # type: ignore[attr-defined]
        self._replace_via_keyboard(text, place(start), place(end))
        self.post_message(CompletionChanged(self._cycle.completion, self._cycle.at))

    def _mean(self, intent: Intent | None) -> None:
        self._intent = intent
        self.post_message(IntentChanged(intent))

    # --- pasting

    async def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default().stop()
        self.paste(event.text)

    def paste(self, text: str) -> None:
        """Insert pasted text; the screen asks first about many lines, and about files."""
        alternatives = pasted(text)
        text = clean(text)
        if text.count("\n") >= MANY_LINES:
            self.post_message(PasteOffered(text))
            return
        self.insert_paste(text)
        if alternatives:
            self.post_message(PathsPasted(alternatives, text))

    def take_out(self, text: str) -> None:
        """Remove `text`, which was pasted, unless it has been changed."""
        before, found, after = self.text.rpartition(text)
        if found:
            self.put(before + after)
