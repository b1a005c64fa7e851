"""The moderation log of a room, as far as it is loaded: its entries are lines between messages.

Pure. The newest page is loaded once per connection, when someone looks; older ones as far
back as messages are held.
"""

from dataclasses import dataclass, field
from typing import Final

from chat_shared import messages as m
from chat_shared.names import is_direct

_MOST: Final = 1_000  # entries: as many as a server keeps


@dataclass(slots=True)
class AuditLog:
    """Entries by id, which goes up with time. Only some are there."""

    entries: dict[int, m.AuditEntry] = field(default_factory=dict)
    _is_known: bool = False  # up to the newest one, on this connection
    is_asked: bool = False  # a page was requested and has not arrived
    _older_than: int = 0  # the `before` of the next page; 0 if there is none

    def forget_newest(self) -> None:
        """Apply a new connection: entries may have been added meanwhile."""
        self._is_known = self.is_asked = False

    def newest(self, room: str) -> m.Audit | None:
        """Return the request for the newest entries of `room`, unless they are loaded."""
        return None if self._is_known else self.request(room, "")

    def request(self, room: str, since: str) -> m.Audit | None:
        """Return the request for entries of `room` since that time that are not loaded, if any.

        An empty time is the beginning. In direct messages there is nothing to moderate.
        """
        if self.is_asked or is_direct(room):
            return None
        if self._is_known and not self._is_needed(since):
            return None
        self.is_asked = True
        before = self._older_than if self._is_known else 0
        return m.Audit(id=m.UNNUMBERED, room=room, before=before)

    def _is_needed(self, since: str) -> bool:
        oldest = self.entries.get(self._older_than)
        return oldest is not None and oldest.at >= since  # times of the server sort as text

    def answered(self, request: m.Audit, reply: m.Reply | None) -> bool:
        """Apply a reply, to a request of ours or not; return whether it has new entries."""
        self.is_asked = False
        if not isinstance(reply, m.AuditPage):
            self._is_known = self._is_known or reply is not None  # asked once per connection
            return False
        new = {entry.id: entry for entry in reply.entries if entry.id not in self.entries}
        self.entries |= new
        if request.before == (self._older_than if self._is_known else 0):
            # A page that brings nothing would be asked for again and again.
            goes_on = reply.more and new and len(self.entries) < _MOST
            self._older_than = reply.entries[-1].id if goes_on else 0
        self._is_known = self._is_known or not request.before
        return bool(new)

    def receive(self, entry: m.AuditEntry) -> None:
        """Add an entry that was made just now, in place of the oldest if there are too many."""
        self.entries[entry.id] = entry
        if len(self.entries) > _MOST:
            del self.entries[min(self.entries)]
