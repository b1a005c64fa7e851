"""Missed messages, page by page: read and encoded once for all who missed the same.

A thousand who return to a room ask for the same pages. So a page is kept for a moment, for as long
as none of the room's messages is changed.
"""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import trio

from chat_server.clock import rfc3339
from chat_server.messages.events import stored_event
from chat_server.rooms.room import Room
from chat_server.sessions.blocks import Block
from chat_server.store.api import MessageRecord, Store
from chat_server.store.threads import Storage
from chat_server.tasks.gathering import Gathering
from chat_shared.messages import Event, Gap

# Messages of a page: of the longest, 1.6 MB, so that a page leaves most of an outbox to what is
# posted meanwhile.
_PAGE: Final = 50

# Sessions that receive a page in one turn of the loop, some milliseconds; and so at most as many
# pages in one query.
_TOGETHER: Final = 16

# Seconds for which a page is kept: what retention removes is not sent for longer. So many pages
# with at most so many characters each are kept, some 16 MB with what is sent of them.
_KEPT: Final = 1.0
_MOST_KEPT: Final = 32
_LONGEST_KEPT: Final = 256 * 1024


class Page:
    """Messages of a room, in order, and their events as several sessions receive them."""

    def __init__(self, room: Room, end: int, messages: Sequence[MessageRecord]) -> None:
        self._room = room
        self._end = end  # the last message that had been published before it was read
        self._messages = messages
        self._blocks: dict[int, tuple[Block, int]] = {}  # by the message before
        self.read_at: Final = trio.current_time()
        self.length: Final = sum(len(message.text) for message in messages)  # in characters

    def has_another(self, seq: int, at: str) -> bool:
        """Return whether it begins with another message `seq` than the one of the time `at`."""
        first = self._messages[0] if self._messages else None
        return first is not None and first.seq == seq and differ(at, rfc3339(first.at))

    def missed(self, position: int) -> tuple[Block, int]:
        """Return what a session that has all up to `position` receives, and what it then has.

        With gaps in place of messages that were removed. Not those that are yet to be published.
        """
        found = self._blocks.get(position)
        if found is None:
            found = self._blocks[position] = self._missed(position)
        return found

    def _missed(self, position: int) -> tuple[Block, int]:
        missed = [message for message in self._messages if position < message.seq <= self._end]
        if not missed:
            return Block([Gap(self._room.name, position, self._end + 1)]), self._end
        return Block(_events(self._room, position, missed)), missed[-1].seq


class _Key(NamedTuple):
    """Which page it is; equal keys are equal pages."""

    room: Room
    revision: int  # of the room
    after: int  # the number of the message before the page
    limit: int  # messages
    end: int  # up to where all is stored that it may have


class MissedMessages:
    """Reads pages for all sessions that catch up. Its methods raise StoreError."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._reading: Gathering[_Key, Page] = Gathering(self._read, _TOGETHER)
        self._kept: dict[_Key, Page] = {}  # the oldest first

    async def after(self, room: Room, position: int, *, compared: bool) -> Page:
        """Return the first messages after `position`, and before them that itself if `compared`.

        Pages end at multiples of their size, so that all who missed much ask for the same ones.
        """
        size = _PAGE - position % _PAGE
        end = min(room.last_seq, position + size)
        return await self._page(
            _Key(room, room.revision, position - compared, size + compared, end)
        )

    async def only(self, room: Room, seq: int) -> Page:
        """Return the message `seq` alone, or the first one after it if that was removed."""
        return await self._page(_Key(room, room.revision, seq - 1, 1, seq))

    async def _page(self, key: _Key) -> Page:
        self._forget()
        page = self._kept.get(key)
        if page is None:
            return await self._reading.ask(key)
        await trio.lowlevel.checkpoint()  # others have their turns
        return page

    async def _read(self, keys: Sequence[_Key]) -> list[Page]:
        ends = [key.room.last_seq for key in keys]
        found = await self._storage.read(_messages(keys))
        pages = list(map(Page, (key.room for key in keys), ends, found))
        for key, page in zip(keys, pages, strict=True):
            if page.length <= _LONGEST_KEPT:
                self._kept[key] = page
        self._forget()
        return pages

    def _forget(self) -> None:
        """Forget the pages that have been kept for long, and the oldest of too many."""
        before = trio.current_time() - _KEPT
        while self._kept:
            oldest = next(iter(self._kept))
            if len(self._kept) <= _MOST_KEPT and self._kept[oldest].read_at >= before:
                return
            del self._kept[oldest]


def differ(at: str, other: str) -> bool:
    """Return whether these are the times of two messages; an empty one is not known."""
    return bool(at and other) and at != other


def _messages(keys: Sequence[_Key]) -> Callable[[Store], list[list[MessageRecord]]]:
    return lambda store: [store.messages_after(key.room.id, key.after, key.limit) for key in keys]


def _events(room: Room, position: int, messages: Sequence[MessageRecord]) -> list[Event]:
    """Return the events of `messages`, with a gap in place of those that were removed."""
    events: list[Event] = []
    for message in messages:
        if message.seq > position + 1:
            events.append(Gap(room.name, after=position, before=message.seq))
        events.append(stored_event(room.name, message))
        position = message.seq
    return events
