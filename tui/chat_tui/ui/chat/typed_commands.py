"""Sends the requests of typed commands, each to the controller that shows its reply."""

from chat_shared import messages as m
from chat_tui.ui.chat.direct_messages import DirectMessages
from chat_tui.ui.chat.joining import Joining
from chat_tui.ui.chat.moderation import Moderation
from chat_tui.ui.chat.requests import Requests
from chat_tui.ui.chat.room_view import RoomView
from chat_tui.ui.chat.search import MessageSearch


class TypedCommands:
    """A request that no controller knows is confirmed in a sentence."""

    def __init__(
        self,
        view: RoomView,
        requests: Requests,
        joining: Joining,
        direct_messages: DirectMessages,
        search: MessageSearch,
        moderation: Moderation,
    ) -> None:
        self._view = view
        self._requests = requests
        self._joining = joining
        self._direct_messages = direct_messages
        self._search = search
        self._moderation = moderation

    def send(self, request: m.Request) -> None:
        match request:
            case m.Create():
                self._joining.create(request)
            case m.Join():
                self._joining.join(request)
            case m.Direct():
                self._direct_messages.open(request)
            case m.Search():
                self._search.search(request)
            case m.Mentions():
                self._search.show_mentions()
            case m.Audit():
                self._moderation.show_audit(request)
            case m.Invite():
                self._moderation.invite(request)
            case _:
                self._view.start(self._requests.confirm(request))
