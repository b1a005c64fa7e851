"""Leaves rooms, and shows that somebody else ended our membership."""

from datetime import UTC, datetime
from textwrap import shorten
from typing import Final

from chat_shared import messages as m
from chat_shared.limits import GENERAL
from chat_shared.names import is_direct
from chat_shared.text import clean
from chat_tui.commands import guests_text
from chat_tui.commands.membership_text import is_own_doing, removed
from chat_tui.model.changes import RoomRemoved
from chat_tui.model.outbox import Status
from chat_tui.model.room import Room
from chat_tui.ui.chat.actions import Actions, no_argument
from chat_tui.ui.chat.drafting import Drafting
from chat_tui.ui.chat.moderation import Moderation
from chat_tui.ui.chat.requests import Requests
from chat_tui.ui.chat.room_view import RoomView

_EXCERPT: Final = 200  # characters: enough to recognize a text, and to fit a small terminal


class Leaving:
    """Asks before it leaves, an owner also for the next one.

    A person who is removed from the open room gets a dialog: what they type next may not be
    meant for the room that opens instead.
    """

    def __init__(
        self, view: RoomView, requests: Requests, moderation: Moderation, drafting: Drafting
    ) -> None:
        self._view = view
        self._requests = requests
        self._moderation = moderation
        self._drafting = drafting

    def actions(self) -> Actions:
        return {
            "room.exit": no_argument(self.leave_open_room),
        }

    # --- by ourselves

    def leave_open_room(self) -> None:
        if self._view.current == GENERAL:
            self._view.hint.say("You can't leave general: everyone is in it.")
            return
        room = self._view.current_room()
        is_ours = self._view.state.is_me(room.owner)
        self._view.start(self._leave_owned(room) if is_ours else self._leave(room))

    async def _leave(self, room: Room) -> None:
        from chat_tui.ui.dialogs.confirm import Confirm

        question, yes = f"Leave {room.name}? You need its password to rejoin.", "Leave"
        if room.peer:
            question = f"Close the conversation with {room.peer}? The next message reopens it."
            yes = "Close"
        elif self._view.state.guest_until:
            question = guests_text.exit_question(room.name)
        if await self._view.app.push_screen_wait(Confirm(question, yes)):
            await self._exit(m.Exit(id=m.UNNUMBERED, room=room.name))

    async def _leave_owned(self, room: Room) -> None:
        from chat_tui.ui.dialogs.leave_owned_room import DELETE, LeaveOwnedRoom

        members = [member.name for member in room.members.values()]
        others = [name for name in members if not self._view.state.is_me(name)]
        successor = await self._view.app.push_screen_wait(LeaveOwnedRoom(room.name, others))
        if successor is DELETE:
            await self._moderation.delete_room(room.name)
        elif successor is not None:
            await self._exit(m.Exit(id=m.UNNUMBERED, room=room.name, heir=successor))

    async def _exit(self, request: m.Exit) -> None:
        if await self._requests.ask_or_explain(request) is not None:
            direct = is_direct(request.room)  # whose name means nothing to people
            self._view.hint.tell("Conversation closed." if direct else f"You left {request.room}.")

    # --- by others

    def show_removed(self, gone: RoomRemoved) -> None:
        """Keep the draft of a room that is gone, and show who removed us from it."""
        view = self._view
        is_open = gone.room == view.current
        has_draft = is_open and bool(view.composer.unfinished)
        if not is_own_doing(gone.left, view.state.account):
            sentence = removed(gone.title, gone.left, datetime.now(UTC))
            if is_open and view.app.screen is view:
                self._interrupt(sentence, has_draft=has_draft)
            else:
                view.notify(clean(sentence), severity="warning", timeout=15, markup=False)
        if has_draft:
            self._drafting.keep_for(gone.room)

    def _interrupt(self, sentence: str, *, has_draft: bool) -> None:
        """Show a dialog, also when nothing is typed: the next letters may be on their way."""
        from chat_tui.ui.dialogs.removed import RemovedFromRoom

        self._view.app.push_screen(RemovedFromRoom(sentence, has_draft=has_draft))

    def show_unsent(self, room: str) -> None:
        """Show a refused message of a room that is left, since no log shows it any more."""
        unsent = self._view.state.outbox.of(room)
        refused = [message for message in unsent if message.status is Status.REFUSED]
        if refused:
            what = "direct message" if is_direct(room) else f"message to {room}"
            text = shorten(refused[-1].text, _EXCERPT, placeholder="…")
            sentence = f"Your {what} was not sent: {refused[-1].reason} Your text: {text}"
            self._view.notify(clean(sentence), severity="warning", timeout=20, markup=False)
