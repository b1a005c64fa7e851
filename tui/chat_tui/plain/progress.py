"""What the plain client has still to send, or to show of the open room, and waits for."""

import asyncio
from contextlib import suppress
from typing import Final

from chat_tui.controller.controller import Controller
from chat_tui.model.outbox import Status
from chat_tui.plain.open_room import OpenRoom

# Seconds without progress before it gives up, once the input has ended. A long pipe
# takes its time: the server takes only so many messages in a minute.
SEND_WITHIN: Final = 30.0

# Messages that wait to be sent. A pipe waits with the next one; a person is told.
MAX_TO_SEND: Final = 100


class Progress:
    """Waits for messages to be sent and shown. Nothing waits longer than the chat lasts."""

    def __init__(self, controller: Controller, room: OpenRoom) -> None:
        self._controller = controller
        self._room = room
        self._is_over = False
        self._made = asyncio.Event()

    def note(self) -> None:
        """Something has arrived."""
        self._made.set()

    def end(self) -> None:
        """The chat has ended."""
        self._is_over = True
        self._made.set()

    @property
    def to_send(self) -> int:
        """How many messages wait to be sent, or for the server's answer."""
        return self._controller.state.outbox.count(Status.QUEUED, Status.SENDING)

    @property
    def is_full(self) -> bool:
        """Whether so many wait to be sent that no more are taken."""
        return self.to_send >= MAX_TO_SEND

    async def wait_sent(self) -> None:
        """Return when all is sent and shown, or nothing has progressed for SEND_WITHIN."""
        with suppress(TimeoutError):  # what is unsent is counted afterwards
            while self._is_busy() and not self._is_over:
                await asyncio.wait_for(self._wait_until_less(), SEND_WITHIN)

    async def wait_sendable(self) -> None:
        """Return once another message may wait to be sent, however many there were."""
        while self.is_full and not self._is_over:
            await self._wait()

    async def wait_written(self) -> None:
        """Return once the open room's messages of when it was opened are written, or cannot be."""
        while self._is_paging() and not self._is_over:
            await self._wait()

    async def _wait_until_less(self) -> None:
        """Return when less is left to send or show than now, whatever others write meanwhile."""
        left = self._left()
        while self._is_busy() and self._left() == left and not self._is_over:
            await self._wait()

    def _left(self) -> tuple[int, int]:
        """Return what changes with each message and each part of a file that is sent."""
        return self.to_send, self._controller.transfers.moved

    def _is_busy(self) -> bool:
        """Return whether something is still to be sent, or to be shown of the open room."""
        return self._is_paging() or self.to_send > 0

    def _is_paging(self) -> bool:
        room = self._controller.state.rooms.get(self._room.name)
        if room is None or not self._controller.client.online:
            return False
        return room.paging or room.audit.is_asked

    async def _wait(self) -> None:
        self._made.clear()
        await self._made.wait()
