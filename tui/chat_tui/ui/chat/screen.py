"""What somebody can do in the chat: send lines, give commands, press keys.

What is shown is next door, in `room_view`.
"""

from collections.abc import Callable, Mapping
from typing import ClassVar

from textual import events, on, work
from textual.binding import BindingType

from chat_shared import messages as m
from chat_shared.names import is_direct
from chat_tui.commands import parser
from chat_tui.commands.replies import OFFLINE, confirmation
from chat_tui.model.address import Invitation, Place
from chat_tui.model.draft import Edit, Intent, Reply
from chat_tui.model.state import ChatState
from chat_tui.ui.bindings import bindings
from chat_tui.ui.chat.composing import Writing
from chat_tui.ui.chat.direct_messages import Addressing
from chat_tui.ui.chat.dragging import Dragging
from chat_tui.ui.chat.leaving import Leaving
from chat_tui.ui.chat.message_actions import MessageActions
from chat_tui.ui.chat.navigation import Jumping
from chat_tui.ui.chat.presence import Attentive
from chat_tui.ui.chat.read_tracking import Reader
from chat_tui.ui.chat.room_view import next_members
from chat_tui.ui.chat.search import Finding
from chat_tui.ui.messages import (
    ComposerWanted,
    GoRequested,
    InputSubmitted,
    NewestRequested,
    PostRequested,
)


class ChatScreen(
    Writing, MessageActions, Finding, Addressing, Leaving, Jumping, Attentive, Dragging, Reader
):
    """The chat."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings("room.create", "room.join", "room.exit", "room.switch"),
        *bindings("room.previous", "room.next", "room.unread", "rooms.toggle", "members.toggle"),
        *bindings("account.sessions"),
        *bindings("log.unread"),
        *bindings("log.page_up", "log.page_down", "log.line_up", "log.line_down", "log.end"),
    ]

    def __init__(self, state: ChatState, keys: Mapping[str, str]) -> None:
        super().__init__(state, keys)
        # What a typed command does, by the id that its key has as well.
        self._doings: dict[str, Callable[[str], object]] = {
            "room.create": lambda _: self.action_create_room(),
            "room.join": lambda room: self.join_room(room),
            "room.exit": lambda _: self.action_exit_room(),
            "room.new_password": lambda _: self.renew_password(),
            "room.hand_over": self.hand_over,
            "room.delete": lambda _: self.delete_open_room(),
            "search": lambda _: self.action_search(),
            "log.unread": lambda _: self.action_first_unread(),
            "notify": self.choose_level,
            "away": self.go_away,
            "log.pick": lambda _: self.action_pick_message(),
            "room.go": self.go_by_name,
            "rooms.toggle": lambda _: self.action_toggle_rooms(),
            "log.page_up": lambda _: self.action_page_up(),
            "members.toggle": lambda _: self.action_toggle_members(),
            "account.sessions": lambda _: self.action_sessions(),
            "account.logout": self._log_out,
            "account.password": lambda _: self.change_password(),
            "account.delete": lambda _: self._delete_account(),
            "help": self._help,
            "quit": lambda _: self.run_worker(self.app.run_action("quit")),
        }

    # --- a line was typed

    @on(InputSubmitted)
    def follow_line(self, event: InputSubmitted) -> None:
        match event.meaning:
            case parser.SendMessage(text):
                self._log.to_end()
                self._say(text, event.intent)
            case parser.SendDirectMessage(name, text):
                self.say_to(name, text)
            case parser.SendRequest(request):
                self._follow(parser.in_room(request, self._current))
            case parser.RunAction(action, argument):
                self._doings[action](argument)

    def _follow(self, request: m.Request) -> None:
        """Ask for what a typed line wants, in a dialog where there may be much to see."""
        match request:
            case m.Search():
                self.search(request)
            case m.Mentions():
                self.action_mentions()
            case m.Audit():
                self.show_audit(request)
            case _:
                self.submit_request(request)

    def connected(self, place: Place) -> None:
        super().connected(place)
        if self._hint.sentence == OFFLINE:  # which is not so any more
            self._hint.clear()

    def _say(self, text: str, intent: Intent | None) -> None:
        match intent:
            case Edit(seq):
                self.say_instead(seq, text)
            case Reply(to):
                self.post_message(PostRequested(self._current, text, to.seq))
            case None:
                self.post_message(PostRequested(self._current, text))

    def submit_request(self, request: m.Request) -> None:
        self.run_worker(self._send_request(request))

    async def _send_request(self, request: m.Request) -> None:
        self._show_reply(request, await self.ask(request))

    def _show_reply(self, request: m.Request, reply: m.Reply | None) -> None:
        match reply:
            case m.Created():
                self.show_created(reply)
            case m.RoomPassword() | m.RoomInvite():
                self.show_secret(reply)
            case m.Joined(room=room):
                self.open_room(room)
            case m.Ok() if isinstance(request, m.Exit):
                direct = is_direct(request.room)  # which means nothing to people
                self._hint.tell(
                    "The conversation is closed." if direct else f"You left {request.room}."
                )
            case m.Ok() if isinstance(request, m.Revoke):
                self._log_out()  # the others are; this device is the last
            case m.Error(message=sentence):
                self._show_refusal(request, sentence)
            case None:
                self._show_refusal(request, OFFLINE)
            case _ if sentence := confirmation(request, reply):
                self._hint.tell(sentence)

    def _show_refusal(self, request: m.Request, sentence: str) -> None:
        """Say why. A line with a password is in no history, so its dialog brings it back."""
        if isinstance(request, m.Join):
            self.join_room(request.room, request.password, sentence)
        else:
            self._hint.say(sentence)

    # --- rooms: create, join, exit, go to

    @work
    async def action_create_room(self) -> None:
        from chat_tui.ui.dialogs.create_room import CreateRoom

        created = await self.app.push_screen_wait(CreateRoom())
        if created is not None:
            self.show_created(created)

    def show_created(self, created: m.Created) -> None:
        self.open_room(created.room)
        self.show_secret(created)

    def action_join_room(self) -> None:
        self.join_room()

    @work
    async def join_room(self, room: str = "", password: str = "", problem: str = "") -> None:
        from chat_tui.ui.dialogs.join_room import JoinRoom

        dialog = JoinRoom(room, self._place, password=password, problem=problem)
        outcome = await self.app.push_screen_wait(dialog)
        match outcome:
            case m.Joined():
                self._ask_if_any(next_members(outcome))
                self.open_room(outcome.room)
            case Invitation():
                self.post_message(GoRequested(outcome))

    def join_by_link(self, room: str, password: str) -> None:
        """Enter the room of the link that one came in by."""
        self.submit_request(m.Join(id=m.UNNUMBERED, room=room, password=password))

    # --- one's own account

    def action_sessions(self) -> None:
        from chat_tui.ui.dialogs.sessions import Sessions

        self.app.push_screen(Sessions())

    def _log_out(self, where: str = "") -> None:
        self.submit_request(m.Revoke(id=m.UNNUMBERED) if where else m.Logout(id=m.UNNUMBERED))

    @work
    async def change_password(self) -> None:
        from chat_tui.ui.dialogs.change_password import ChangePassword

        if changed := await self.app.push_screen_wait(ChangePassword()):
            self._hint.tell(changed)

    def _delete_account(self) -> None:
        from chat_tui.ui.dialogs.delete_account import DeleteAccount

        self.app.push_screen(DeleteAccount(self._state.account))

    # --- the panels and the log

    def action_toggle_rooms(self) -> None:
        self._toggle("rooms", shown=self._rooms.display)
        if self._rooms.display:
            self._rooms.focus()

    def action_toggle_members(self) -> None:
        self._toggle("members", shown=self._members.display)

    def _toggle(self, panel: str, *, shown: bool) -> None:
        self.set_class(shown, f"-hide-{panel}")
        self.set_class(not shown, f"-show-{panel}")

    @on(ComposerWanted)
    def go_on_writing(self) -> None:
        self.remove_class("-show-rooms")
        self._composer.focus()

    def on_key(self, event: events.Key) -> None:
        """Typing is writing, wherever the focus is."""
        if event.is_printable and event.character and not self._composer.has_focus:
            # At once: of a line that comes in one piece, as from a paste without brackets or a
            # slow network, the next letter would still be a key at the picked message.
            self.set_focus(self._composer)
            self._log.let_go()
            self._composer.insert(event.character)
            event.stop()

    @on(NewestRequested)
    def action_newest(self) -> None:
        self._log.to_end()
        self._catch_up()

    def action_page_up(self) -> None:
        self._log.page_up()

    def action_page_down(self) -> None:
        self._log.page_down()

    def action_line_up(self) -> None:
        self._log.line_up()

    def action_line_down(self) -> None:
        self._log.line_down()

    def _help(self, words: str) -> None:
        if parser.find(words):
            self._hint.tell(parser.explain(words))
        else:
            self.run_worker(self.app.run_action(f"help({words!r})"))
