"""The chat screen: every event and every action, and which controller it goes to.

What is displayed is next door in `room_view`; each controller has a module of its own.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar, Final

from textual import events, on
from textual.app import SystemCommand
from textual.binding import BindingType
from textual.geometry import Offset
from textual.widget import Widget
from textual.widgets import TextArea

from chat_shared import messages as m
from chat_shared.limits import GENERAL
from chat_shared.text import clean
from chat_tui.commands import parser
from chat_tui.commands.replies import OFFLINE
from chat_tui.model.address import Place
from chat_tui.model.changes import (
    Change,
    Noticed,
    OutboxChanged,
    PasswordLost,
    Prepended,
    RoomAdded,
    RoomRemoved,
    StartedOver,
)
from chat_tui.model.draft import Intent
from chat_tui.model.notifications import Level
from chat_tui.model.state import ChatState
from chat_tui.storage.drafts import Drafts
from chat_tui.terminal.alerts import Way
from chat_tui.ui.bindings import action_bindings
from chat_tui.ui.chat.account import Account
from chat_tui.ui.chat.actions import Actions, no_argument
from chat_tui.ui.chat.composing import Composing
from chat_tui.ui.chat.direct_messages import DirectMessages
from chat_tui.ui.chat.drafting import Drafting
from chat_tui.ui.chat.dragging import clamp
from chat_tui.ui.chat.joining import Joining
from chat_tui.ui.chat.leaving import Leaving
from chat_tui.ui.chat.message_actions import MessageActions
from chat_tui.ui.chat.moderation import Moderation
from chat_tui.ui.chat.navigation import Navigation
from chat_tui.ui.chat.notifier import Notifier
from chat_tui.ui.chat.paging import Paging
from chat_tui.ui.chat.palette import palette_entries
from chat_tui.ui.chat.presence import Presence
from chat_tui.ui.chat.read_tracking import ReadTracking
from chat_tui.ui.chat.requests import Requests, Server
from chat_tui.ui.chat.room_view import RoomView
from chat_tui.ui.chat.search import MessageSearch
from chat_tui.ui.chat.selection import Selection
from chat_tui.ui.chat.typed_commands import TypedCommands
from chat_tui.ui.log.cursor import CursorView
from chat_tui.ui.log.message_log import MessageLog
from chat_tui.ui.messages import (
    CompletionChanged,
    ComposerWanted,
    EditLastRequested,
    EditorRequested,
    ExitRequested,
    InputRejected,
    IntentChanged,
    NewestRequested,
    PasteOffered,
    RoomChosen,
)

_CREATED_UNSEEN: Final = (
    "{} was created, but the connection was lost before its password arrived, and it is sent "
    "only once. To get another, use /new-password in the room."
)


class ChatScreen(RoomView):
    """The chat."""

    BINDINGS: ClassVar[list[BindingType]] = action_bindings(
        "room.create", "room.join", "room.exit", "room.switch", "room.previous", "room.next",
        "room.unread", "rooms.toggle", "members.toggle", "account.sessions", "search", "mentions",
        "log.unread", "log.page_up", "log.page_down", "log.line_up", "log.line_down", "log.end",
        "log.pick",
    )  # fmt: skip

    def __init__(self, state: ChatState, keys: Mapping[str, str], server: Server) -> None:
        super().__init__(state, keys)
        self.requests = Requests(server, self.start, self.hint)
        self.paging = Paging(self, self.requests)
        self.navigation = Navigation(self, self.paging)
        self.read_tracking = ReadTracking(self, self.requests)
        self.presence = Presence(self, self.requests)
        self.notifier = Notifier(self)
        self.drafting = Drafting(self)
        self.composing = Composing(self, self.requests, self.drafting)
        self.selection = Selection(self, keys)
        self.message_actions = MessageActions(
            self, self.requests, self.selection, self.navigation, self.read_tracking
        )
        self.search = MessageSearch(self, self.navigation, keys)
        self.direct_messages = DirectMessages(self, self.requests)
        self.joining = Joining(self, self.requests)
        self.moderation = Moderation(self, self.requests)
        self.leaving = Leaving(self, self.requests, self.moderation)
        self.account = Account(self, self.requests)
        self.typed_commands = TypedCommands(
            self, self.requests, self.joining, self.direct_messages, self.search, self.moderation
        )
        controllers = (
            self.navigation, self.presence, self.notifier, self.selection, self.search,
            self.joining, self.moderation, self.leaving, self.account,
        )  # fmt: skip
        self.actions: Actions = self._own_actions()
        for controller in controllers:
            self.actions |= controller.actions()

    def on_mount(self) -> None:
        self.watch(self.app, "app_focus", self.read_tracking.update, init=False)
        self.presence.start_renewing()
        self.open_room(GENERAL)

    def on_unmount(self) -> None:
        self.drafting.keep()
        self.notifier.terminal.restore()

    # --- for the app

    def keep_drafts_in(self, drafts: Drafts) -> None:
        """Go on with what was being written, and keep it there from now on."""
        self.drafting.keep_in(drafts)

    def notify_by(self, way: Way, levels: dict[str, Level]) -> None:
        self.notifier.configure(way, levels)

    def join_by_link(self, room: str, password: str) -> None:
        """Join the room of the link with which the client was started."""
        self.joining.join(m.Join(id=m.UNNUMBERED, room=room, password=password))

    def connection_lost(self, reason: str, wait: float, attempt: int) -> None:
        self.show_lost(reason, wait, attempt)
        self._show_outboxes()

    def connected(self, place: Place) -> None:
        self.show_connected(place)
        self.presence.watch()
        self._show_outboxes()
        self.read_tracking.report_all()
        if self.hint.sentence == OFFLINE:
            self.hint.clear()

    def _show_outboxes(self) -> None:
        self.show([OutboxChanged(room) for room in self.state.rooms])

    # --- what changed

    def show(self, changes: Iterable[Change]) -> None:
        """Draw what changed, all at once."""
        changes = list(changes)
        is_gone = False
        for change in changes:
            self.logs.apply(change)
            is_gone = self._show_change(change) or is_gone
        if is_gone:
            self.current = ""
            self.open_room(GENERAL)
        self.catch_up()
        self.draw_rooms()
        self.read_tracking.draw_unread_line()
        self.presence.show(changes)
        self.notifier.show(changes)
        self.composing.follow_message()

    def draw_rooms(self) -> None:
        super().draw_rooms()
        self.notifier.draw_title()

    def catch_up(self) -> None:
        """Load what is missing in view, and take note of what is read."""
        self.paging.catch_up()
        self.read_tracking.update()

    def _show_change(self, change: Change) -> bool:
        """Show what a change means besides its rows; return whether the open room is gone."""
        match change:
            case StartedOver(self.current):
                self.message_log.show(self.logs.log(self.current_room()))
                if self.current_room().jump is None:
                    self.navigation.go_to_target()
            case RoomAdded(room):
                self.requests.send(m.Join(id=m.UNNUMBERED, room=room))
            case Prepended(self.current, lines) if not lines:
                self.paging.load_older()  # a page of changes shows nothing
            case OutboxChanged(room) if room not in self.state.rooms:
                self.leaving.show_unsent(room)
            case RoomRemoved():
                return self._show_removed(change)
            case PasswordLost(room):
                sentence = clean(_CREATED_UNSEEN.format(room))
                self.notify(sentence, timeout=20, markup=False)
            case Noticed(text):
                self.notify(clean(text), title="From the server", timeout=15, markup=False)
        return False

    def _show_removed(self, gone: RoomRemoved) -> bool:
        is_open = gone.room == self.current
        is_typing = is_open and bool(self.composer.unfinished)
        self.logs.forget(gone.room)
        self.leaving.show_removed(gone, is_typing=is_typing)
        if is_typing:
            self.drafting.keep_for(gone.room)
        return is_open

    def open_room(self, name: str) -> None:
        """Display a room where its reader left it, or at its newest messages."""
        self.selection.end()  # in another room, the same number is another message
        room = self.state.rooms.get(name)
        if room is None or name == self.current:
            self.set_focus(self.composer)
            return
        self.drafting.keep()
        self.navigation.opening(name)
        self.read_tracking.opening(name)
        self.presence.opening()
        self.current = name
        self.display_room(room)
        self.drafting.take_up(name)
        self.presence.watch()
        self.show([])

    # --- actions: one table for keys, typed commands and the palette

    def _own_actions(self) -> Actions:
        log = self.message_log
        return {
            "rooms.toggle": no_argument(self.toggle_rooms),
            "members.toggle": no_argument(self.toggle_members),
            "log.page_up": no_argument(log.page_up),
            "log.page_down": no_argument(log.page_down),
            "log.line_up": no_argument(log.line_up),
            "log.line_down": no_argument(log.line_down),
            "log.end": no_argument(self.go_to_newest),
            "help": self._help,
            "line.retry": lambda _: self.start(self.app.run_action("retry")),
            "quit": lambda _: self.start(self.app.run_action("quit")),
        }

    def action_run(self, action: str, argument: str = "") -> None:
        """Run an action of the table; a key, a typed command or the palette wants it."""
        self.actions[action](argument)

    def palette_entries(self) -> Iterator[SystemCommand]:
        return palette_entries(self.actions, self.submit, self.composer)

    def submit(self, meaning: parser.ParsedInput, intent: Intent | None = None) -> None:
        """Do what a typed line means; `intent` is what a message replies to or edits."""
        if self.hint.explains:
            self.hint.clear()
        self.drafting.keep_after_pause()
        match meaning:
            case parser.SendMessage(text):
                self.composing.submit(text, intent)
            case parser.SendDirectMessage(name, text):
                self.direct_messages.send(name, text)
            case parser.SendRequest(request):
                self.typed_commands.send(parser.in_room(request, self.current))
            case parser.RunAction(action, argument):
                self.action_run(action, argument)

    def _help(self, words: str) -> None:
        if parser.find(words):
            self.hint.tell(parser.explain(words))
        else:
            self.start(self.app.run_action(f"help({words!r})"))

    # --- the composer

    @on(TextArea.Changed)
    def on_typing(self, event: TextArea.Changed) -> None:
        text = event.text_area.text
        self.drafting.keep_after_pause()
        self.composing.explain(text)
        self.presence.report_typing(text)

    @on(InputRejected)
    def show_rejection(self, event: InputRejected) -> None:
        self.hint.say(event.sentence)

    @on(CompletionChanged)
    def show_completions(self, event: CompletionChanged) -> None:
        self.completions.show(event.completion, event.at)

    @on(IntentChanged)
    def show_intent(self, event: IntentChanged) -> None:
        self.composing.show_intent(event.intent)

    @on(EditLastRequested)
    def edit_last(self) -> None:
        self.composing.edit_last()

    @on(EditorRequested)
    def open_editor(self) -> None:
        self.composing.open_editor()

    @on(PasteOffered)
    def offer_paste(self, event: PasteOffered) -> None:
        self.composing.offer_paste(event.text)

    @on(ExitRequested)
    def leave_room(self) -> None:
        self.leaving.leave_open_room()

    @on(ComposerWanted)
    def go_on_typing(self) -> None:
        self.focus_composer()

    def on_key(self, event: events.Key) -> None:
        """Type into the composer, wherever the focus is."""
        if event.is_printable and event.character and not self.composer.has_focus:
            # At once: where keys arrive in one burst (a paste without brackets, a slow
            # network), the next letter would still act on the selected message.
            self.set_focus(self.composer)
            self.selection.end()
            self.composer.insert(event.character)
            event.stop()

    # --- the log and the lists

    @on(RoomChosen)
    def open_chosen(self, event: RoomChosen) -> None:
        self.open_room(event.room)

    @on(NewestRequested)
    def go_to_newest(self) -> None:
        self.message_log.to_end()
        self.catch_up()

    @on(MessageLog.OlderWanted)
    def load_older(self, event: MessageLog.OlderWanted) -> None:
        self.paging.load_older(event.model)

    @on(MessageLog.NewerWanted)
    def load_newer(self, event: MessageLog.NewerWanted) -> None:
        self.paging.load_newer(event.model)

    @on(MessageLog.FollowChanged)
    def follow_end(self, event: MessageLog.FollowChanged) -> None:
        self.draw_pill(following=event.following)
        if event.following:
            self.catch_up()

    @on(CursorView.PickingChanged)
    def end_selection_hint(self, event: CursorView.PickingChanged) -> None:
        if not event.picking:
            self.selection.clear_hint()

    @on(CursorView.PickMoved)
    def show_selection_hint(self, event: CursorView.PickMoved) -> None:
        self.selection.show_hint(event.row)

    def on_descendant_focus(self, _: events.DescendantFocus) -> None:
        self.selection.end_if_unfocused()

    @on(MessageLog.Wanted)
    def act_on_message(self, event: MessageLog.Wanted) -> None:
        self.message_actions.run(event.wish, event.row)

    @on(MessageLog.LinkClicked)
    def open_link(self, event: MessageLog.LinkClicked) -> None:
        self.message_actions.open_link(event.url)

    @on(MessageLog.ReactionClicked)
    def toggle_reaction(self, event: MessageLog.ReactionClicked) -> None:
        self.message_actions.toggle_reaction(event.row, event.emoji)

    def get_widget_and_offset_at(self, x: int, y: int) -> tuple[Widget | None, Offset | None]:
        state = self._select_state
        if self._selecting and state and state.start.content_widget is self.message_log:
            x, y = clamp(x, y, self.message_log.scrollable_content_region)
        return super().get_widget_and_offset_at(x, y)
