"""The controllers of the chat screen, and the one table of what they do.

A key, a typed command and an entry of the palette run the same action, by its id.
"""

from collections.abc import Iterator, Mapping, Sequence

from textual.app import SystemCommand

from chat_shared import messages as m
from chat_tui.commands import parser
from chat_tui.model.changes import (
    Change,
    HistoryLost,
    LoadingEnded,
    OutboxChanged,
    Prepended,
    RoomAdded,
    RoomRemoved,
    StartedOver,
)
from chat_tui.model.draft import Intent
from chat_tui.ui.chat.account import Account
from chat_tui.ui.chat.actions import Actions
from chat_tui.ui.chat.composing import Composing
from chat_tui.ui.chat.direct_messages import DirectMessages
from chat_tui.ui.chat.drafting import Drafting
from chat_tui.ui.chat.exporting import Exporting
from chat_tui.ui.chat.files import Files
from chat_tui.ui.chat.hooks import Hooks
from chat_tui.ui.chat.invitations import Invitations
from chat_tui.ui.chat.joining import Joining
from chat_tui.ui.chat.leaving import Leaving
from chat_tui.ui.chat.message_actions import MessageActions
from chat_tui.ui.chat.moderation import Moderation
from chat_tui.ui.chat.muting import Muting
from chat_tui.ui.chat.navigation import Navigation
from chat_tui.ui.chat.notifier import Notifier
from chat_tui.ui.chat.paging import Paging
from chat_tui.ui.chat.palette import palette_entries
from chat_tui.ui.chat.people import People
from chat_tui.ui.chat.pictures import Pictures
from chat_tui.ui.chat.presence import Presence
from chat_tui.ui.chat.read_tracking import ReadTracking
from chat_tui.ui.chat.requests import Requests
from chat_tui.ui.chat.room_view import RoomView
from chat_tui.ui.chat.search import MessageSearch
from chat_tui.ui.chat.selection import Selection
from chat_tui.ui.server import Server


class Controllers:
    """One controller for each thing that can be done in the chat."""

    def __init__(self, view: RoomView, keys: Mapping[str, str], server: Server) -> None:
        self._view = view
        self.requests = requests = Requests(
            server, view.start, view.hint, view.composer, view.state.rooms
        )
        self.paging = Paging(view, requests)
        self.direct_messages = DirectMessages(view, requests)
        self.navigation = Navigation(view, self.paging, self.direct_messages)
        self.read_tracking = ReadTracking(view, requests)
        self.presence = Presence(view, requests)
        self.muting = Muting(view)
        self.notifier = Notifier(view)
        self.drafting = Drafting(view)
        self.composing = Composing(view, requests, self.drafting, server.transfers, keys)
        self._keys = keys
        self.selection = Selection(view, keys)
        self.files = Files(view, requests, server)
        self.exporting = Exporting(view, server.transfers.exports)
        self.pictures = Pictures(view, server.transfers.downloads, server.drawer)
        self.message_actions = MessageActions(
            view, requests, self.selection, self.navigation, self.read_tracking, self.files,
            self.pictures,
        )  # fmt: skip
        self.search = MessageSearch(view, self.navigation, keys)
        self.joining = Joining(view, requests)
        self.invitations = Invitations(view, requests)
        self.hooks = Hooks(view, requests)
        self.moderation = Moderation(view, requests)
        self.people = People(view, requests, self.direct_messages, self.moderation)
        self.leaving = Leaving(view, requests, self.moderation, self.drafting)
        self.account = Account(view, requests)
        self.actions = self._collect_actions()

    def _collect_actions(self) -> Actions:
        return {
            **self._view.actions(),
            **self.navigation.actions(),
            **self.selection.actions(),
            **self.files.actions(),
            **self.exporting.actions(),
            **self.search.actions(),
            **self.joining.actions(),
            **self.invitations.actions(),
            **self.hooks.actions(),
            **self.leaving.actions(),
            **self.moderation.actions(),
            **self.presence.actions(),
            **self.notifier.actions(),
            **self.account.actions(),
            "help": self._help,
        }

    def show(self, changes: Sequence[Change]) -> None:
        """Show what changed around the log."""
        self.presence.show(changes)
        self.muting.draw()
        self.files.draw()
        self.pictures.show(changes)
        self.notifier.show(changes)

    def show_change(self, change: Change) -> bool:
        """Show what a change means besides its rows; return whether the open room is gone."""
        view = self._view
        match change:
            case StartedOver(view.current):
                view.message_log.show(view.logs.log(view.current_room()))
                if view.current_room().jump is None:
                    self.navigation.go_to_target()
            case HistoryLost(room):
                self._forget_numbers(room)
            case LoadingEnded(room):
                self.paging.end(room)
            case RoomAdded(room) if room in view.state.rooms:
                self.requests.send(m.Join(id=m.UNNUMBERED, room=room))
            case Prepended(view.current, lines) if not lines:
                self.paging.load_above()  # it was a page of changes
            case OutboxChanged(room) if room not in view.state.rooms:
                self.leaving.show_unsent(room)
            case RoomRemoved():
                view.logs.forget(change.room)
                self.leaving.show_removed(change)
                return change.room == view.current
        return False

    def _forget_numbers(self, room: str) -> None:
        """Let nothing mean a message of `room` by its number, which may be another's now."""
        self._view.logs.forget_unread_line(room)
        self.drafting.forget_intent(room)

    def palette_entries(self) -> Iterator[SystemCommand]:
        guest = bool(self._view.state.guest_until)
        composer = self._view.composer
        return palette_entries(self.actions, self.submit, composer, self._keys, guest=guest)

    def submit(self, meaning: parser.ParsedInput, intent: Intent | None = None) -> None:
        """Do what a typed line means; `intent` is what a message replies to or edits."""
        match meaning:
            case parser.SendMessage(text):
                self.composing.submit(text, intent)
            case parser.SendDirectMessage(name, text):
                self.direct_messages.send(name, text, self._view.composer.last_command)
            case parser.SendRequest(request):
                self._send(parser.in_room(request, self._view.current))
            case parser.RunAction(action, argument):
                self._run(action, argument)

    def _run(self, action: str, argument: str) -> None:
        """Run the action of a typed command, whose line stays if that is refused at once."""
        self._view.hint.clear()
        self.actions[action](argument)
        if self._view.hint.refuses:
            self._view.composer.give_back(self._view.composer.last_command)

    def _send(self, request: m.Request) -> None:
        """Give the request of a typed command to the controller that shows its reply."""
        line = self._view.composer.last_command
        match request:
            case m.Create():
                self.joining.create(request, line)
            case m.Join():
                self.joining.join(request)
            case m.Direct():
                self.direct_messages.open(request, line)
            case m.Search():
                self.search.search(request)
            case m.Mentions():
                self.search.show_mentions()
            case m.Audit():
                self.moderation.show_audit(request)
            case m.Invite() | m.InviteGuests():
                self.invitations.invite(request, line)
            case m.CreateHook():
                self.hooks.create(request, line)
            case _:
                self._view.start(self.requests.confirm(request, line))

    def _help(self, words: str) -> None:
        """Explain one command, or open the help, filtered by `words`."""
        if parser.find(words):
            guest = bool(self._view.state.guest_until)
            self._view.hint.tell(parser.explain(words, guest=guest))
        else:
            self._view.run_app_action(f"help({words!r})")
