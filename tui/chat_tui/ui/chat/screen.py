"""The chat screen: every event and every action, and which controller it goes to.

What is displayed is in `room_view`; each controller has a module of its own.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar

from textual import events, on
from textual.app import SystemCommand
from textual.binding import BindingType
from textual.widgets import TextArea

from chat_shared import messages as m
from chat_tui.commands.guests_text import NOT_BY_GUESTS
from chat_tui.commands.keys import BY_ID
from chat_tui.commands.parsed_input import ParsedInput
from chat_tui.commands.replies import OFFLINE
from chat_tui.model.address import Place
from chat_tui.model.changes import Change, OutboxChanged
from chat_tui.model.draft import Draft, DraftStore, Intent
from chat_tui.model.notifications import Level
from chat_tui.model.premises import OWN_COMPUTER, Premises
from chat_tui.model.state import ChatState
from chat_tui.terminal.alerts import Way
from chat_tui.ui.bindings import action_bindings
from chat_tui.ui.chat.controllers import Controllers
from chat_tui.ui.chat.room_view import RoomView
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
    MemberChosen,
    NewestRequested,
    PasteOffered,
    PathsPasted,
    RoomChosen,
)
from chat_tui.ui.server import Server


class ChatScreen(RoomView):
    """The chat."""

    BINDINGS: ClassVar[list[BindingType]] = action_bindings(
        "room.create", "room.join", "room.exit", "room.switch", "room.previous", "room.next",
        "room.unread", "rooms.toggle", "members.toggle", "account.sessions", "search", "mentions",
        "log.unread", "log.page_up", "log.page_down", "log.line_up", "log.line_down", "log.end",
        "log.pick", "message.upload",
    )  # fmt: skip

    def __init__(
        self,
        state: ChatState,
        keys: Mapping[str, str],
        server: Server,
        premises: Premises = OWN_COMPUTER,
    ) -> None:
        super().__init__(state, keys, premises)
        self.controllers = Controllers(self, keys, server)

    def on_mount(self) -> None:
        self.watch(self.app, "app_focus", self.controllers.read_tracking.update, init=False)
        self.controllers.presence.start_renewing()
        if not self.current:  # a link may have opened its room already
            self.open_room(self.state.home)

    def on_unmount(self) -> None:
        self.controllers.drafting.close()
        self.controllers.files.close()
        self.controllers.pictures.close()
        self.controllers.notifier.terminal.restore()

    # --- for the app

    def keep_drafts_in(self, drafts: DraftStore, typed: str) -> None:
        """Go on with these drafts; what was `typed` before there was a chat is for home."""
        self.controllers.drafting.keep_in(drafts)
        self.controllers.drafting.add_to(self.state.home, typed)

    def keep_drafts(self) -> None:
        """Keep what is being typed now."""
        self.controllers.drafting.keep()

    def renew_drafts(self, before: Mapping[str, Draft]) -> None:
        """Take up the drafts of these rooms again, where nothing was typed since `before`."""
        self.controllers.drafting.renew(before)

    def notify_by(self, way: Way, levels: dict[str, Level]) -> None:
        self.controllers.notifier.configure(way, levels)

    def open_invitation(self, request: m.Join) -> None:
        """Open the room with which the client was started; join it by a password or a code."""
        if request.password:
            self.controllers.joining.join(request)
        else:
            self.open_or_join(request.room)

    def open_or_join(self, room: str) -> None:
        """Open a room in any spelling; someone who is no member is asked for its password."""
        known = self.state.find(room)
        if known is not None:
            self.open_room(known.name)
        else:
            self.controllers.joining.ask_for_password(room)

    def connection_lost(self, reason: str, wait: float, attempt: int) -> None:
        self.show_lost(reason, wait, attempt)
        self._show_outboxes()

    def connected(self, place: Place) -> None:
        self.show_connected(place)
        self.controllers.presence.watch()
        self._show_outboxes()
        self.controllers.read_tracking.report_all()
        if self.hint.sentence == OFFLINE:
            self.hint.clear()

    def _show_outboxes(self) -> None:
        self.show([OutboxChanged(room) for room in self.state.rooms])

    # --- what changed

    def show(self, changes: Iterable[Change]) -> None:
        """Draw what changed, all at once."""
        changes, is_gone = list(changes), False
        self.logs.apply_all(changes)
        for change in changes:
            is_gone = self.controllers.show_change(change) or is_gone
        if is_gone:
            self.current = ""
            self.open_room(self.state.home)
        self.controllers.paging.catch_up()
        self.controllers.read_tracking.take_note()
        self.draw_rooms()
        self.controllers.read_tracking.draw_unread_line()
        self.controllers.show(changes)
        self.controllers.composing.follow_message()

    def draw_rooms(self) -> None:
        super().draw_rooms()
        self.controllers.notifier.draw_title()

    def catch_up(self) -> None:
        """Load what is missing in view, and take note of what is read."""
        self.controllers.paging.catch_up()
        self.controllers.read_tracking.update()

    def open_room(self, name: str) -> None:
        """Display a room where its reader left it, or at its newest messages."""
        self.controllers.selection.end()  # in another room, the same number is another message
        room = self.state.rooms.get(name)
        if room is None or name == self.current:
            self.set_focus(self.composer)
            return
        self.controllers.drafting.keep()
        self.controllers.navigation.opening(name)
        self.controllers.read_tracking.opening(name)
        self.controllers.presence.opening()
        self.current = self.state.open_room = name
        self.display_room(room)
        self.controllers.drafting.take_up(name)
        self.controllers.presence.watch()
        self.show([])

    # --- actions

    def action_run(self, action: str) -> None:
        """Run what a key is bound to."""
        if BY_ID[action].audience.includes(guest=bool(self.state.guest_until)):
            self.controllers.actions[action]("")
        else:
            self.hint.say(NOT_BY_GUESTS)

    def palette_entries(self) -> Iterator[SystemCommand]:
        return self.controllers.palette_entries()

    def submit(self, meaning: ParsedInput, intent: Intent | None = None) -> None:
        if self.hint.explains:
            self.hint.clear()
        self.controllers.drafting.keep_after_pause()
        self.controllers.submit(meaning, intent)

    # --- the composer

    @on(TextArea.Changed)
    def on_typing(self, event: TextArea.Changed) -> None:
        text = event.text_area.text
        self.controllers.drafting.keep_after_pause()
        self.controllers.composing.explain(text)
        self.controllers.presence.report_typing(text)

    @on(InputRejected)
    def show_rejection(self, event: InputRejected) -> None:
        self.hint.say(event.sentence)

    @on(CompletionChanged)
    def show_completions(self, event: CompletionChanged) -> None:
        self.completions.show(event.completion, event.at)

    @on(IntentChanged)
    def show_intent(self, event: IntentChanged) -> None:
        self.controllers.composing.show_intent(event.intent)

    @on(EditLastRequested)
    def edit_last(self) -> None:
        self.controllers.composing.edit_last()

    @on(EditorRequested)
    def open_editor(self) -> None:
        self.controllers.composing.open_editor()

    @on(PasteOffered)
    def offer_paste(self, event: PasteOffered) -> None:
        self.controllers.composing.offer_paste(event.text)

    @on(PathsPasted)
    def offer_files(self, event: PathsPasted) -> None:
        self.controllers.files.offer(event.alternatives, event.text)

    @on(ExitRequested)
    def leave_room(self) -> None:
        self.controllers.leaving.leave_open_room()

    @on(ComposerWanted)
    def go_on_typing(self) -> None:
        self.focus_composer()

    def on_key(self, event: events.Key) -> None:
        """Type into the composer, wherever the focus is."""
        if event.is_printable and event.character and not self.composer.has_focus:
            # At once: in a burst, the next letter would still act on the selected message.
            typed = self.message_log.take_letters() + event.character
            self._to_composer()
            self.composer.insert(typed)
            event.stop()

    def on_paste(self, event: events.Paste) -> None:
        """Paste into the composer, wherever the focus is."""
        event.stop()
        self._to_composer()
        self.composer.paste(event.text)

    def _to_composer(self) -> None:
        self.set_focus(self.composer)
        self.controllers.selection.end()

    # --- the log and the lists

    @on(RoomChosen)
    def open_chosen(self, event: RoomChosen) -> None:
        self.open_room(event.room)

    @on(MemberChosen)
    def open_person(self, event: MemberChosen) -> None:
        self.controllers.people.open_menu(event.name)

    @on(NewestRequested)
    def go_to_newest(self) -> None:
        self.message_log.to_end()
        self.catch_up()

    @on(MessageLog.OlderWanted)
    def load_older(self, event: MessageLog.OlderWanted) -> None:
        self.controllers.paging.load_older(event.model)

    @on(MessageLog.NewerWanted)
    def load_newer(self, event: MessageLog.NewerWanted) -> None:
        self.controllers.paging.load_newer(event.model)

    @on(MessageLog.PicturesSeen)
    def draw_pictures(self) -> None:
        self.controllers.pictures.draw_seen()

    @on(MessageLog.FollowChanged)
    def follow_end(self, event: MessageLog.FollowChanged) -> None:
        self.draw_pill(following=event.following)
        if event.following:
            self.catch_up()

    @on(CursorView.PickingChanged)
    def end_selection_hint(self, event: CursorView.PickingChanged) -> None:
        if not event.picking:
            self.controllers.selection.clear_hint()

    @on(CursorView.PickMoved)
    def show_selection_hint(self, event: CursorView.PickMoved) -> None:
        self.controllers.selection.show_hint(event.row)

    def on_descendant_focus(self, _: events.DescendantFocus) -> None:
        self.controllers.selection.end_if_unfocused()

    @on(MessageLog.Wanted)
    def act_on_message(self, event: MessageLog.Wanted) -> None:
        self.controllers.message_actions.run(event.wish, event.row)

    @on(MessageLog.LinkClicked)
    def open_link(self, event: MessageLog.LinkClicked) -> None:
        self.controllers.message_actions.open_link(event.url)

    @on(MessageLog.ReactionClicked)
    def toggle_reaction(self, event: MessageLog.ReactionClicked) -> None:
        self.controllers.message_actions.toggle_reaction(event.row, event.emoji)
