"""How rooms come to an end: for who exits, and for everybody."""

from textwrap import shorten
from typing import Final

from textual import on, work

from chat_shared import messages as m
from chat_shared.limits import GENERAL
from chat_shared.names import is_direct
from chat_shared.text import clean
from chat_tui.model.changes import Change, OutboxChanged, RoomRemoved
from chat_tui.model.outbox import Status
from chat_tui.model.room import Room
from chat_tui.ui.chat.moderation import Owning
from chat_tui.ui.messages import ExitRequested

_EXCERPT: Final = 200  # characters: enough to know it again, and to fit a small terminal


class Leaving(Owning):
    """Asks before; an owner also whose the room is to be.

    What is being written waits for when one is there again. Whom somebody else
    puts out while they write is stopped: the rest of it was not meant for general.
    """

    def _take_in(self, change: Change) -> bool:
        gone = super()._take_in(change)
        if isinstance(change, OutboxChanged) and change.room not in self._state.rooms:
            self._say_what_was_refused(change.room)
        if gone and isinstance(change, RoomRemoved) and self._composer.unfinished:
            self._drafts.put(change.room, self._composer.unfinished)
            self._drafts.keep()
        return gone

    def _tell_end(self, room: str, sentence: str) -> None:
        if room == self._current and self._composer.unfinished and self.app.screen is self:
            from chat_tui.ui.dialogs.removed import RemovedFromRoom

            self.app.push_screen(RemovedFromRoom(sentence))
        else:
            super()._tell_end(room, sentence)

    def _say_what_was_refused(self, room: str) -> None:
        """Say what waited to be sent, and was not granted, where no log shows it any more."""
        waiting = self._state.outbox.of(room)
        refused = [unsent for unsent in waiting if unsent.status is Status.REFUSED]
        if refused:
            where = "one person" if is_direct(room) else room
            text = shorten(refused[-1].text, _EXCERPT, placeholder="…")
            sentence = f"A message to {where} was not sent: {refused[-1].reason} {text}"
            self.notify(clean(sentence), severity="warning", timeout=20, markup=False)

    @on(ExitRequested)
    def action_exit_room(self) -> None:
        if self._current == GENERAL:
            self._hint.say("You are in general already. Everybody is, and nobody leaves it.")
            return
        room = self._room()
        if self._state.is_me(room.owner):
            self.exit_own_room(room)
        else:
            self.exit_after_asking(room)

    @work
    async def exit_after_asking(self, room: Room) -> None:
        from chat_tui.ui.dialogs.confirm import Confirm

        question, yes = f"Exit {room.name}? You need its password to come back.", "Exit"
        if room.peer:
            question = f"Close the conversation with {room.peer}? The next message brings it back."
            yes = "Close"
        if await self.app.push_screen_wait(Confirm(question, yes)):
            self.submit_request(m.Exit(id=m.UNNUMBERED, room=room.name))

    @work
    async def exit_own_room(self, room: Room) -> None:
        from chat_tui.ui.dialogs.leave_owned_room import DELETE, LeaveOwnedRoom

        members = [member.name for member in room.members.values()]
        others = [name for name in members if not self._state.is_me(name)]
        heir = await self.app.push_screen_wait(LeaveOwnedRoom(room.name, others))
        if heir is DELETE:
            self.delete_room(room.name)
        elif heir is not None:
            self.submit_request(m.Exit(id=m.UNNUMBERED, room=room.name, heir=heir))

    def delete_open_room(self) -> None:
        if self._owns_this():
            self.delete_room(self._current)

    @work
    async def delete_room(self, room: str) -> None:
        """Let the room be deleted, by who types its name."""
        from chat_tui.ui.dialogs.delete_room import DeleteRoom

        if deleted := await self.app.push_screen_wait(DeleteRoom(room)):
            self._hint.tell(deleted)
