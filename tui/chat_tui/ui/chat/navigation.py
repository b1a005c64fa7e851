"""Going to places: another room, a message of a room, and what is unread."""

from typing import Final

from textual import on, work

from chat_tui.commands.replies import OFFLINE
from chat_tui.model.changes import Change, StartedOver
from chat_tui.model.room import Room
from chat_tui.ui.chat.room_view import RoomView
from chat_tui.ui.log.message_log import MessageLog
from chat_tui.ui.messages import GoTo, RoomChosen
from chat_tui.ui.widgets.room_list import RoomEntry

_OFFLINE: Final = "That is too far back to be had while the server is out of reach."


class Jumping(RoomView):
    """Opens the log at a place; what is missing there is asked for, and both ways from there."""

    _target: int | None = None  # the message to go to when its page has come
    _target_is_picked = False  # then

    def go_to(self, room: str, seq: int, *, pick: bool = False) -> None:
        """Show message `seq` of `room`, or the next one that there is, and `pick` it if wanted."""
        self._target_is_picked = pick
        self.open_room(room)
        known = self._state.rooms.get(room)
        if known is None:
            self._hint.say("You are not in that room any more.")
        elif known.first_held <= seq <= known.held_to:
            self._go_to_held(known, seq)
        else:
            self._target = seq
            self.run_worker(self._load_around(known, seq))

    async def _load_around(self, room: Room, seq: int) -> None:
        failure = await self.load_page(room.around(seq))
        if failure and room.name == self._current and self._target is not None:
            self._target = None
            self._hint.say(_OFFLINE if failure == OFFLINE else failure)

    def go_by_name(self, name: str) -> None:
        """Open a room of one's own that was typed."""
        room = self._state.find(name)
        if room is None:
            self._hint.say(f"You are not in {name}. /join takes its password.")
        else:
            self.open_room(room.name)

    @on(GoTo)
    def follow_to(self, event: GoTo) -> None:
        self.go_to(event.room, event.seq, pick=True)

    def _go_to_held(self, room: Room, seq: int) -> None:
        key = self._logs.row_at(room, seq)
        if key is not None:
            self._log.to_row(key)
        if key is not None and self._target_is_picked:
            self._log.pick(key)

    def action_first_unread(self) -> None:
        """Go to where reading stopped in this room."""
        room = self._room()
        if room.unread and self._logs.read_to(room) is None:
            self._logs.draw_unread_line(room)
        read_to = self._logs.read_to(room)
        if read_to is not None:
            self.go_to(room.name, read_to + 1)
        else:
            self._hint.tell("Nothing is unread here.")

    def _take_in(self, change: Change) -> bool:
        gone = super()._take_in(change)
        match change:
            case StartedOver(self._current) if self._room().jump is None:
                target, self._target = self._target, None
                if target is not None:
                    self._go_to_held(self._room(), target)
        return gone

    def open_room(self, name: str) -> None:
        if name != self._current:
            self._target = None
        super().open_room(name)

    def on_message_log_newer_wanted(self, event: MessageLog.NewerWanted) -> None:
        room = self._state.rooms.get(self._current)
        if room is None or event.model is not self._logs.log(room):
            return
        request = room.newer()
        if request is not None:
            self.load(request)
        else:
            self._logs.page_failed(room.name)

    # --- between rooms

    @work
    async def action_switcher(self) -> None:
        from chat_tui.ui.dialogs.switcher import Switcher

        room = await self.app.push_screen_wait(Switcher(self._by_recency(), self._current))
        if room == self._most_wanted():
            self._open_where_wanted(room)
        elif room is not None:
            self.open_room(room)

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
        room = self._most_wanted()
        if room:
            self._open_where_wanted(room)
        else:
            self._hint.tell("Nothing is unread.")

    def _most_wanted(self) -> str:
        """Return the room that waits most, the open one last; "" where nothing is unread."""
        from chat_tui.ui.dialogs.switcher import by_urgency

        waiting = [entry for entry in self._entries() if entry.unread]
        return by_urgency(waiting, self._current)[0].name if waiting else ""

    def _open_where_wanted(self, name: str) -> None:
        """Open a room that waits: at its end, or where reading stopped if it was left elsewhere."""
        is_open = name == self._current
        self.open_room(name)
        if is_open or not self._logs.log(self._room()).follow:
            self.action_first_unread()

    def _by_recency(self) -> list[RoomEntry]:
        """Return the rooms as they were last visited, latest first; then those that were not."""
        visited = {name: -when for when, name in enumerate(self._visited)}
        return sorted(self._entries(), key=lambda entry: visited.get(entry.name, 1))
