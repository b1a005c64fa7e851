"""Creates rooms and joins them: in dialogs, by typed commands, and by a link."""

from chat_shared import messages as m
from chat_tui.commands.membership_text import not_joined
from chat_tui.commands.replies import OFFLINE
from chat_tui.model.address import Invitation
from chat_tui.ui.chat.actions import Actions, no_argument
from chat_tui.ui.chat.requests import Requests
from chat_tui.ui.chat.room_secrets import show_secret
from chat_tui.ui.chat.room_view import RoomView
from chat_tui.ui.messages import GoRequested

_NOT_A_MEMBER = "You're not in {}. Enter its password to join."


class Joining:
    """Opens every room that was created or joined."""

    def __init__(self, view: RoomView, requests: Requests) -> None:
        self._view = view
        self._requests = requests

    def actions(self) -> Actions:
        return {
            "room.create": no_argument(self.create_in_dialog),
            "room.join": self.join_in_dialog,
        }

    def create_in_dialog(self) -> None:
        self._view.start(self._create_in_dialog())

    def create(self, request: m.Create, line: str) -> None:
        """Create a room; the typed `line` returns to the composer if that fails."""
        self._view.start(self._create(request, line))

    def join_in_dialog(self, room: str = "") -> None:
        self._view.start(self._join_in_dialog(room))

    def ask_for_password(self, room: str) -> None:
        """Let the person join a room that they named, and are no member of."""
        if self._view.state.guest_until:
            self._view.hint.say(not_joined(room, (), join=""))
        else:
            self._view.start(self._join_in_dialog(room, problem=_NOT_A_MEMBER.format(room)))

    def join(self, request: m.Join) -> None:
        self._view.start(self._join(request))

    async def _create_in_dialog(self) -> None:
        from chat_tui.ui.dialogs.create_room import CreateRoom

        created = await self._view.app.push_screen_wait(CreateRoom())
        if created is not None:
            self._show_created(created)

    async def _create(self, request: m.Create, line: str) -> None:
        created = await self._requests.ask_or_explain(request, line)
        if isinstance(created, m.Created):
            self._show_created(created)

    def _show_created(self, created: m.Created) -> None:
        self._view.open_room(created.room)
        show_secret(self._view, created)

    async def _join(self, request: m.Join) -> None:
        """Join a room. Its dialog corrects what is refused: a password is in no history."""
        match await self._requests.ask(request):
            case m.Joined(room=room):
                self._view.open_room(room)
            case m.Error(message=sentence):
                await self._join_in_dialog(request.room, request.password, sentence)
            case None:
                await self._join_in_dialog(request.room, request.password, OFFLINE)

    async def _join_in_dialog(self, room: str, password: str = "", problem: str = "") -> None:
        from chat_tui.ui.dialogs.join_room import JoinRoom

        dialog = JoinRoom(room, self._view.place, password=password, problem=problem)
        match await self._view.app.push_screen_wait(dialog):
            case m.Joined() as joined:
                self._requests.load_more_members(joined.room)
                self._view.open_room(joined.room)
            case Invitation() as elsewhere:
                self._view.post_message(GoRequested(elsewhere))
