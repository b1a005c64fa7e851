"""Writes what happened, besides the messages of the open room."""

from collections.abc import Callable

from chat_shared import messages as m
from chat_shared.text import clean
from chat_tui.commands.replies import CREATED_UNSEEN, HISTORY_LOST, NO_MORE_SENT
from chat_tui.controller.controller import Controller
from chat_tui.model.changes import (
    Change,
    HistoryLost,
    LoadingEnded,
    MemberJoined,
    MemberLeft,
    Noticed,
    NotificationDue,
    PasswordLost,
    RoomAdded,
    RoomRemoved,
    Updated,
)
from chat_tui.model.room import Room
from chat_tui.plain import sentences
from chat_tui.plain.console import Console
from chat_tui.plain.open_room import OpenRoom


class ChangeLines:
    """Turns changes of the model into lines."""

    def __init__(
        self,
        controller: Controller,
        console: Console,
        room: OpenRoom,
        is_leaving: Callable[[str], bool],
    ) -> None:
        """`is_leaving` tells whether it was requested here that a room is left or deleted."""
        self._controller = controller
        self._state = controller.state
        self._console = console
        self._room = room
        self._is_leaving = is_leaving

    def tell(self, change: Change) -> None:
        """Write a line about `change`, if people need one."""
        match change:
            case RoomAdded(room) if room in self._state.rooms:
                self._controller.send(m.Join(id=m.UNNUMBERED, room=room))
            case RoomRemoved():
                self._tell_gone(change)
            case PasswordLost(room):
                self._console.write(clean(CREATED_UNSEEN.format(room)))
            case Noticed(text):
                self._console.write(f"Notice from the server: {clean(text)}")
            case HistoryLost(room):
                self._room.start_over(room)
                if room == self._room.name:
                    self._console.write(HISTORY_LOST)
            case NotificationDue(room, line) if room != self._room.name:
                known = self._state.rooms.get(room) or Room(room)
                self._console.write(sentences.message_in(known, line))
            case _ if getattr(change, "room", "") == self._room.name:
                self._tell_of_room(change)

    def _tell_gone(self, gone: RoomRemoved) -> None:
        """Write it. Unless it was requested, what is typed next was meant for that room."""
        self._console.write(sentences.removed(gone.title, gone.left, self._state.account))
        if gone.room != self._room.name:
            return
        has_another = self._state.home in self._state.rooms  # unless we are a guest
        if has_another and self._is_leaving(gone.room):
            self._room.open(self._state.home)
        else:
            self._room.mark_gone()

    def _tell_of_room(self, change: Change) -> None:
        """Write what happened in the open room."""
        match change:
            case MemberJoined(_, name, guest) if not self._state.is_me(name):
                self._console.write(sentences.joined(name, guest=guest))
            case MemberLeft(_, name, by="") if not self._state.is_me(name):
                self._console.write(sentences.left(name))
            case Updated(_, seqs):
                self._room.write_changed(seqs)
            case LoadingEnded():
                self._console.write(NO_MORE_SENT)
