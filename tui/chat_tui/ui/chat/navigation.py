"""Goes to another room, to a message of a room, and to what is unread."""

from typing import Final

from chat_shared import messages as m
from chat_tui.commands.membership_text import not_joined
from chat_tui.commands.replies import OFFLINE
from chat_tui.model.room import Room
from chat_tui.ui.chat.actions import Actions, no_argument
from chat_tui.ui.chat.direct_messages import DirectMessages
from chat_tui.ui.chat.paging import Paging
from chat_tui.ui.chat.room_view import RoomView
from chat_tui.ui.widgets.room_list import RoomEntry

_NOT_LOADED: Final = "You're offline, and that message isn't loaded."


class Navigation:
    """Opens the log at a place; what is missing there is loaded first."""

    def __init__(self, view: RoomView, paging: Paging, direct_messages: DirectMessages) -> None:
        self._view = view
        self._paging = paging
        self._direct_messages = direct_messages
        self._visited: list[str] = []  # rooms, the latest last
        self._target: int | None = None  # the message to go to once its page is loaded
        self._selects_target = False

    def actions(self) -> Actions:
        return {
            "room.go": self.go_by_name,
            "room.switch": no_argument(self.open_switcher),
            "room.previous": lambda _: self.step(-1),
            "room.next": lambda _: self.step(1),
            "room.unread": no_argument(self.go_to_unread_room),
            "log.unread": no_argument(self.go_to_first_unread),
        }

    # --- to a message

    def go_to(self, room: str, seq: int, *, select: bool = False) -> None:
        """Show message `seq` of `room`, or the next one that exists, and perhaps select it."""
        self._selects_target = select
        self._view.open_room(room)
        known = self._view.state.rooms.get(room)
        if known is None:
            self._view.hint.say("You're no longer in that room.")
        elif known.first_held <= seq <= known.held_to:
            self._go_to_held(known, seq)
        else:
            # Made at once: from now on the room knows that a page is about to replace its lines.
            request, self._target = known.around(seq), seq
            self._view.start(self._load_target(request))

    def go_to_target(self) -> None:
        """Go to the message whose page has been loaded, if one was waited for."""
        room = self._view.current_room()
        target, self._target = self._target, None
        if target is not None:
            self._go_to_held(room, target)

    def opening(self, room: str) -> None:
        """Take note that `room` is about to be opened: the reader goes elsewhere."""
        self._target = None
        self._visited = [*(other for other in self._visited if other != room), room]

    async def _load_target(self, request: m.History) -> None:
        failure = await self._paging.load(request)
        if failure and request.room == self._view.current and self._target is not None:
            self._target = None
            self._view.hint.say(_NOT_LOADED if failure == OFFLINE else failure)

    def _go_to_held(self, room: Room, seq: int) -> None:
        key = self._view.logs.row_at(room, seq)
        if key is None:
            return
        self._view.message_log.to_row(key)
        if self._selects_target:
            self._view.message_log.pick(key)

    def go_to_first_unread(self) -> None:
        """Go to where reading stopped in this room."""
        room, logs = self._view.current_room(), self._view.logs
        if room.unread and logs.read_to(room) is None:
            logs.draw_unread_line(room)
        read_to = logs.read_to(room)
        if read_to is not None:
            self.go_to(room.name, read_to + 1)
        else:
            self._view.hint.tell("No unread messages in this room.")

    # --- to a room

    def go_by_name(self, name: str) -> None:
        """Open a joined room by its typed name."""
        room = self._view.state.find(name)
        if room is None:
            state = self._view.state
            join = "" if state.guest_until else f"/join {name}"
            self._view.hint.say(not_joined(name, state.known_people(), join))
        else:
            self._view.open_room(room.name)

    def step(self, by: int) -> None:
        """Open the room that stands `by` below the open one in their list."""
        names = self._view.state.room_names()
        if self._view.current in names:
            self._view.open_room(names[(names.index(self._view.current) + by) % len(names)])

    def open_switcher(self) -> None:
        self._view.start(self._switch())

    async def _switch(self) -> None:
        from chat_tui.ui.dialogs.switcher import Person, Switcher

        people = list(self._view.state.known_people())
        dialog = Switcher(self._by_recency(), self._view.current, people)
        room = await self._view.app.push_screen_wait(dialog)
        if isinstance(room, Person):
            self._direct_messages.open(m.Direct(id=m.UNNUMBERED, name=room.name))
        elif room == self._most_urgent():
            self._open_at_unread(room)
        elif room is not None:
            self._view.open_room(room)

    def go_to_unread_room(self) -> None:
        """Open the next unread room, those with mentions first."""
        if room := self._most_urgent():
            self._open_at_unread(room)
        else:
            self._view.hint.tell("No unread messages.")

    def _most_urgent(self) -> str:
        """Return the unread room to go to first, the open one last; "" if none is unread."""
        from chat_tui.ui.dialogs.switcher import by_urgency

        unread = [entry for entry in self._view.entries() if entry.unread]
        return by_urgency(unread, self._view.current)[0].name if unread else ""

    def _open_at_unread(self, name: str) -> None:
        """Open an unread room: at its end, or where reading stopped if it was left further up."""
        is_open = name == self._view.current
        self._view.open_room(name)
        if is_open or not self._view.logs.log(self._view.current_room()).follow:
            self.go_to_first_unread()

    def _by_recency(self) -> list[RoomEntry]:
        """Return the rooms, the last visited first, those never visited last."""
        visited = {name: -when for when, name in enumerate(self._visited)}
        return sorted(self._view.entries(), key=lambda entry: visited.get(entry.name, 1))
