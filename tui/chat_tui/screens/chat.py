"""What somebody can do in the chat: send lines, give commands, press keys.

What is shown is next door, in `room_view`.
"""

from collections.abc import Callable, Mapping
from typing import ClassVar

from textual import events, on, work
from textual.binding import BindingType
from textual.widgets import TextArea

from chat_shared import messages as m
from chat_shared.limits import GENERAL
from chat_tui import slash
from chat_tui.address import Invitation, Place
from chat_tui.changes import OutboxChanged
from chat_tui.keys import bindings
from chat_tui.messages import (
    Answered,
    ComposerWanted,
    ExitRequested,
    GoRequested,
    LineRefused,
    LineSubmitted,
    NewestRequested,
    PasteOffered,
    PostRequested,
    RecallRequested,
    RoomChosen,
)
from chat_tui.screens.room_view import RoomView
from chat_tui.slash import UNNUMBERED
from chat_tui.state import ChatState

_OFFLINE = "The server is out of reach; this is possible when the line is back."


class ChatScreen(RoomView):
    """The chat."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings("room.create", "room.join", "room.exit", "room.switch"),
        *bindings("room.previous", "room.next", "room.unread", "rooms.toggle", "members.toggle"),
        *bindings("account.sessions"),
        *bindings("log.page_up", "log.page_down", "log.line_up", "log.line_down", "log.end"),
    ]

    def __init__(self, state: ChatState, keys: Mapping[str, str]) -> None:
        super().__init__(state, keys)
        self._asked: list[m.Request] = []  # by typed lines; dialogs hear their own answers
        # What a typed command does, by the id that its key has as well.
        self._doings: dict[str, Callable[[str], object]] = {
            "room.create": lambda _: self.action_create_room(),
            "room.join": lambda room: self.join_room(room),
            "room.exit": lambda _: self.action_exit_room(),
            "room.go": self._go,
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

    @on(TextArea.Changed)
    def explain_command(self, event: TextArea.Changed) -> None:
        """Show what the beginning of a command may become; typing ends any other hint."""
        commands = list(slash.hints(event.text_area.text))
        if commands:
            self._hint.explain(commands)
        elif event.text_area.text or self._hint.explains:
            self._hint.clear()

    @on(LineSubmitted)
    def follow_line(self, event: LineSubmitted) -> None:
        match event.meaning:
            case slash.Say(text):
                self._log.to_end()
                self.post_message(PostRequested(self._current, text))
            case slash.Ask(request):
                self._ask_for_line(request)
            case slash.Do(action, argument):
                self._doings[action](argument)

    @on(LineRefused)
    def say_why_not(self, event: LineRefused) -> None:
        self._hint.say(event.sentence)

    def line_back(self, place: Place) -> None:
        super().line_back(place)
        if self._hint.sentence == _OFFLINE:  # which is not so any more
            self._hint.clear()

    def _ask_for_line(self, request: m.Request) -> None:
        self._asked.append(request)
        self._ask(request)

    def on_answered(self, event: Answered) -> None:  # beside the view's: Textual calls both
        if any(request is event.request for request in self._asked):
            self._asked = [request for request in self._asked if request is not event.request]
            self._line_answered(event.request, event.reply)

    def _line_answered(self, request: m.Request, reply: m.Reply | None) -> None:
        match reply:
            case m.Created():
                self.show_created(reply)
            case m.Joined(room=room):
                self.open_room(room)
            case m.Ok() if isinstance(request, m.Exit):
                self._hint.tell(f"You left {request.room}.")
            case m.Ok() if isinstance(request, m.Revoke):
                self._log_out()  # the others are; this device is the last
            case m.Error(message=sentence):
                self._hint.say(sentence)
            case None:
                self._hint.say(_OFFLINE)

    @on(RecallRequested)
    def take_back(self) -> None:
        """Put a refused message back into the composer; without one, what was sent last."""
        refused = self._state.outbox.take_back(self._current)
        if refused is None:
            self._composer.recall_older()
            return
        self._composer.put(refused.text)
        self.show([OutboxChanged(self._current)])

    @on(PasteOffered)
    @work
    async def ask_about_paste(self, event: PasteOffered) -> None:
        from chat_tui.screens.confirm import Confirm

        lines = event.text.count("\n") + 1
        question = f"Paste {lines:,} lines into one message?"
        if await self.app.push_screen_wait(Confirm(question, "Paste")):
            self._composer.insert_paste(event.text)

    # --- rooms: create, join, exit, go to

    @work
    async def action_create_room(self) -> None:
        from chat_tui.screens.create_room import CreateRoom

        created = await self.app.push_screen_wait(CreateRoom())
        if created is not None:
            self.show_created(created)

    def show_created(self, created: m.Created) -> None:
        from chat_tui.screens.room_created import RoomCreated

        self.open_room(created.room)
        link = self._place.link_to(created.room, created.password)
        self.app.push_screen(RoomCreated(created, link))

    def action_join_room(self) -> None:
        self.join_room()

    @work
    async def join_room(self, room: str = "") -> None:
        from chat_tui.screens.join_room import JoinRoom

        outcome = await self.app.push_screen_wait(JoinRoom(room, self._place))
        match outcome:
            case m.Joined():
                self.open_room(outcome.room)
            case Invitation():
                self.post_message(GoRequested(outcome))

    def join_by_link(self, room: str, password: str) -> None:
        """Enter the room of the link that one came in by."""
        self._ask_for_line(m.Join(id=UNNUMBERED, room=room, password=password))

    @on(ExitRequested)
    def action_exit_room(self) -> None:
        if self._current == GENERAL:
            self._hint.say("You are in general already. Everybody is, and nobody leaves it.")
        else:
            self.exit_after_asking(self._current)

    @work
    async def exit_after_asking(self, room: str) -> None:
        from chat_tui.screens.confirm import Confirm

        question = f"Exit {room}? You need its password to come back."
        if await self.app.push_screen_wait(Confirm(question, "Exit")):
            self._ask_for_line(m.Exit(id=UNNUMBERED, room=room))

    @work
    async def action_switcher(self) -> None:
        from chat_tui.screens.switcher import Switcher

        room = await self.app.push_screen_wait(Switcher(self._entries(), self._current))
        if room is not None:
            self.open_room(room)

    def _go(self, name: str) -> None:
        room = self._state.find(name)
        if room is None:
            self._hint.say(f"You are not in {name}. /join takes its password.")
        else:
            self.open_room(room.name)

    @on(RoomChosen)
    def go_to_room(self, event: RoomChosen) -> None:
        self.open_room(event.room)

    def action_previous_room(self) -> None:
        self._step(-1)

    def action_next_room(self) -> None:
        self._step(1)

    def _step(self, by: int) -> None:
        names = self._state.room_names()
        if self._current in names:
            self.open_room(names[(names.index(self._current) + by) % len(names)])

    def action_unread(self) -> None:
        """Go to where one is called by name, else to where there is something new."""
        waiting = [e for e in self._entries() if e.unread and e.name != self._current]
        if waiting:
            self.open_room(max(waiting, key=lambda entry: entry.mentions).name)
        else:
            self._hint.tell("Nothing is unread.")

    # --- one's own account

    def action_sessions(self) -> None:
        from chat_tui.screens.sessions import Sessions

        self.app.push_screen(Sessions())

    def _log_out(self, where: str = "") -> None:
        if where:
            self._ask_for_line(m.Revoke(id=UNNUMBERED))
        else:
            self._ask_for_line(m.Logout(id=UNNUMBERED))

    @work
    async def change_password(self) -> None:
        from chat_tui.screens.change_password import ChangePassword

        if await self.app.push_screen_wait(ChangePassword()):
            self._hint.tell("The password is changed, and your other devices are logged out.")

    def _delete_account(self) -> None:
        from chat_tui.screens.delete_account import DeleteAccount

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
            self._composer.focus()
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

    def _help(self, command: str) -> None:
        if command:
            self._hint.tell(slash.explain(command))
        else:
            self.run_worker(self.app.run_action("help"))
