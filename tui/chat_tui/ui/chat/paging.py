"""Loads the messages of the open room that the log is about to show."""

from chat_shared import messages as m
from chat_tui.commands.replies import NO_MORE_SENT, OFFLINE
from chat_tui.model.changes import StartedOver
from chat_tui.model.room import Room
from chat_tui.ui.chat.requests import Requests
from chat_tui.ui.chat.room_view import RoomView
from chat_tui.ui.log.log_model import LogModel


class Paging:
    """Asks for the pages around what is held, and for messages that replies quote."""

    def __init__(self, view: RoomView, requests: Requests) -> None:
        self._view = view
        self._requests = requests

    def catch_up(self) -> None:
        """Load what is missing at the end of the open room, and what its replies quote."""
        room = self._view.room
        if room is None:
            return
        room.want_quotes(unsent.reply for unsent in self._view.state.outbox.of(room.name))
        self._requests.send(room.look_up())
        self._requests.send(room.audited())
        if not self._view.logs.log(room).follow:
            return
        if room.reaches_the_end and room.forget_oldest():
            self._view.show([StartedOver(room.name)])
        self._load(room.newest())

    def load_above(self) -> None:
        """Load the page above that of the open room, which had nothing to draw."""
        if self._view.room is not None:
            self._load(self._view.room.older(unasked=True))

    def load_older(self, model: LogModel) -> None:
        """Load the page above, if `model` is still that of the open room."""
        if (room := self._room_of(model)) is not None:
            self._load_or_fail(room, room.older())

    def load_newer(self, model: LogModel) -> None:
        if (room := self._room_of(model)) is not None:
            self._load_or_fail(room, room.newer())

    def end(self, room: str) -> None:
        """Say that the server does not send what it should; scrolling asks for it again."""
        self._view.logs.page_failed(room)
        if room == self._view.current:
            self._view.hint.say(NO_MORE_SENT)

    async def load(self, request: m.History) -> str:
        """Load a page; return why that failed, or an empty string."""
        match await self._requests.ask(request):
            case m.Page():
                return ""
            case m.Error(message=sentence):
                failure = sentence
            case _:
                failure = OFFLINE
        self._view.logs.page_failed(request.room)
        return failure

    def _load(self, request: m.History | None) -> None:
        if request is not None:
            self._view.start(self.load(request))

    def _load_or_fail(self, room: Room, request: m.History | None) -> None:
        if request is None:
            self._view.logs.page_failed(room.name)
        self._load(request)

    def _room_of(self, model: LogModel) -> Room | None:
        room = self._view.room
        return room if room is not None and model is self._view.logs.log(room) else None
