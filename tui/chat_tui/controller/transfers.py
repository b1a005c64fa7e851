"""All files that are on their way, up or down, and a room that is exported."""

import asyncio
from typing import Final, Protocol

from chat_shared import messages as m
from chat_tui.controller.chunks import Online
from chat_tui.controller.downloads import Downloads
from chat_tui.controller.exports import Exports
from chat_tui.controller.front_end import FrontEnd
from chat_tui.controller.uploads import Uploads
from chat_tui.model.changes import OutboxChanged, TransfersChanged
from chat_tui.model.state import ChatState
from chat_tui.model.transfer import Cancelled, RoomExport, Transfer

_SHOWN_EVERY: Final = 0.25  # seconds: more often nobody can read it


class Sender(Protocol):
    """Sends messages and flushes the outbox. Not more."""

    @property
    def online(self) -> bool: ...
    def flush(self) -> None: ...


class Chat(Protocol):
    """What files need of the controller."""

    state: ChatState

    @property
    def client(self) -> Sender: ...
    async def ask(self, request: m.Request) -> m.Reply | None: ...
    async def ask_aside(self, request: m.Request) -> m.Reply | None: ...


class Transfers:
    """Uploads for the outbox of one person, downloads, and an export."""

    def __init__(self, chat: Chat, front_end: FrontEnd) -> None:
        self.moved = 0  # chunks so far
        self._chat = chat
        self._front_end = front_end
        self._online = Online(lambda: chat.client.online)
        self._outbox = chat.state.outbox
        self._uploads = Uploads(
            chat.ask, self._outbox, self._online, lambda: chat.state.max_file,
            lambda: front_end.page, self,
        )  # fmt: skip
        self.downloads = Downloads(chat.ask, self._online, self)
        files = Downloads(chat.ask, self._online, self)
        self.exports = Exports(
            chat.ask_aside, files, lambda: chat.state.account, self._online, self
        )
        self._is_uploading = False
        self._showing: asyncio.TimerHandle | None = None

    def under_way(self) -> list[Transfer | RoomExport]:
        upload = self._uploads.transfer
        files = [*([upload] if upload is not None else []), *self.downloads.transfers]
        return [*files, *self.exports.under_way()]

    def upload(self) -> None:
        """Upload what messages wait for, unless that is being done."""
        if not self._is_uploading and self._outbox.next_with_files() is not None:
            self._is_uploading = True
            self._front_end.start(self._run_uploads())

    def go_on(self) -> None:
        """There is a session, perhaps of another account."""
        self._online.note()
        self.check()
        self.upload()

    def check(self) -> None:
        """Upload nothing more for a message that was taken out of the outbox."""
        self._uploads.check()

    def cancel(self) -> Cancelled:
        """Cancel all of them, and the messages that wait for files; return what that was."""
        messages = self._outbox.take_waiting_for_files()
        self.check()
        self._front_end.show_changes([OutboxChanged(unsent.room) for unsent in messages])
        names = tuple(file.name for unsent in messages for file in unsent.files)
        downloads, exports = self.downloads.cancel(), self.exports.cancel()
        return Cancelled(names, len(messages), downloads, exports)

    async def _run_uploads(self) -> None:
        try:
            await self._uploads.run()
        finally:
            self._is_uploading = False

    # --- for uploads and downloads

    def settled(self, room: str) -> None:
        """A message has its files, or will not have them."""
        self._chat.client.flush()
        self._front_end.show_changes([OutboxChanged(room), TransfersChanged()])

    def changed(self) -> None:
        """A transfer began, waits, or has ended."""
        if self._showing is not None:
            self._showing.cancel()
            self._showing = None
        self._front_end.show_changes([TransfersChanged()])

    def has_moved(self) -> None:
        """A chunk is there, which is shown with those that follow at once."""
        self.moved += 1
        if self._showing is None:
            self._showing = asyncio.get_running_loop().call_later(_SHOWN_EVERY, self.changed)
