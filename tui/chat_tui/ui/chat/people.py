"""Acts on a member of the open room: message, mention, block, and what an owner may do."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from chat_shared import messages as m
from chat_shared.names import fold
from chat_tui.ui.chat.direct_messages import DirectMessages
from chat_tui.ui.chat.moderation import Moderation
from chat_tui.ui.chat.requests import Requests
from chat_tui.ui.chat.room_view import RoomView
from chat_tui.ui.dialogs.person import OWNERS, PersonAction, PersonMenu
from chat_tui.ui.widgets.member_list import presence

# They have no direct messages, and own no room.
_NOT_FOR_GUESTS: Final[tuple[PersonAction, ...]] = ("message", "block", "hand-over")


class People:
    """The menu of a person. What takes a reason or a duration is typed on in the composer."""

    def __init__(
        self,
        view: RoomView,
        requests: Requests,
        direct_messages: DirectMessages,
        moderation: Moderation,
    ) -> None:
        self._view = view
        self._requests = requests
        self._direct_messages = direct_messages
        self._moderation = moderation

    def open_menu(self, name: str) -> None:
        """Ask what to do with the member `name`."""
        if self._view.state.is_me(name):
            self._view.focus_composer()  # on a small screen, the list is over the sentence
            self._view.hint.tell("That's you. /away TEXT sets your away message.")
        else:
            self._view.start(self._choose(name))

    async def _choose(self, name: str) -> None:
        room = self._view.current
        member = self._view.current_room().members.get(fold(name))
        actions = list(self._actions())
        if member is not None and member.guest:
            actions = [action for action in actions if action not in _NOT_FOR_GUESTS]
        menu = PersonMenu(room, name, self._about(name), actions)
        action = await self._view.app.push_screen_wait(menu)
        if action is not None and room == self._view.current:
            self._view.focus_composer()
            self._do(action, name)

    def _about(self, name: str) -> str:
        member = self._view.current_room().members.get(fold(name))
        if member is None:
            return ""
        words = presence(member, datetime.now(UTC))
        if member.away:
            return f"away: {words}"
        return "online" if member.online else words

    def _actions(self) -> Iterator[PersonAction]:
        """Yield what we may do with another member of the open room."""
        room = self._view.current_room()
        if self._view.state.guest_until:
            yield "mention"
            return
        if not room.peer:
            yield from ("message", "mention")
        yield "block"
        if self._view.state.is_me(room.owner):
            yield from OWNERS

    def _do(self, action: PersonAction, name: str) -> None:
        match action:
            case "message":
                self._direct_messages.open(m.Direct(id=m.UNNUMBERED, name=name))
            case "mention":
                self._view.composer.mention(name)
            case "block":
                self._confirm(m.Block(id=m.UNNUMBERED, name=name))
            case "unblock":
                self._confirm(m.Unblock(id=m.UNNUMBERED, name=name))
            case "unmute":
                self._confirm(m.Unmute(id=m.UNNUMBERED, room=self._view.current, name=name))
            case "hand-over":
                self._moderation.hand_over(name)
            case "mute" | "kick" | "ban":
                self._view.composer.begin_command(f"/{action} {name} ")

    def _confirm(self, request: m.Request) -> None:
        self._view.start(self._requests.confirm(request))
