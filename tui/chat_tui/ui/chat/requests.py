"""How the controllers of the chat screen reach the server, and explain what it refuses."""

from collections.abc import Callable, Coroutine

from chat_shared import messages as m
from chat_tui.commands.replies import OFFLINE, confirmation
from chat_tui.model.rooms import Rooms
from chat_tui.ui.server import Server
from chat_tui.ui.widgets.composer import Composer
from chat_tui.ui.widgets.hint import Hint


class Requests:
    """Sends requests; loads the rest of a member list that arrives in pages."""

    def __init__(
        self,
        server: Server,
        start: Callable[[Coroutine[object, object, object]], object],
        hint: Hint,
        composer: Composer,
        rooms: Rooms,
    ) -> None:
        """`start` runs a coroutine that ends with the screen at the latest."""
        self._composer = composer
        self._rooms = rooms
        self._server = server
        self._start = start
        self._hint = hint
        self.post = server.post

    async def ask(self, request: m.Request) -> m.Reply | None:
        """Return the reply, or None if the connection was lost before it came."""
        reply = await self._server.ask(request)
        if isinstance(reply, m.MemberPage | m.Joined):
            self.load_more_members(reply.room)
        return reply

    def load_more_members(self, room: str) -> None:
        """Load the next page of the members, if there is one."""
        self.send(self._rooms.more_members(room))

    def send(self, request: m.Request | None) -> None:
        """Send a request whose reply only the state needs."""
        if request is not None:
            self._start(self.ask(request))

    async def ask_or_explain(self, request: m.Request, line: str = "") -> m.Reply | None:
        """Return what the server granted, or show why it did not and return None.

        The `line` that asked for it returns to the composer in that case.
        """
        match await self.ask(request):
            case m.Error(message=sentence):
                self._hint.say(sentence)
            case None:
                self._hint.say(OFFLINE)
            case reply:
                return reply
        self._composer.give_back(line)
        return None

    async def confirm(self, request: m.Request, line: str = "") -> None:
        """Send a request and show in a sentence what became of it."""
        reply = await self.ask_or_explain(request, line)
        if sentence := confirmation(request, reply):
            self._hint.tell(sentence)
