"""What happens in a room besides its messages, as rows of its log. Only the latest are kept."""

from collections.abc import Iterable
from itertools import count
from typing import Final, TypeAlias

from chat_tui.commands import membership_text
from chat_tui.model.changes import Change, MemberJoined, MemberLeft
from chat_tui.ui.log.log_model import LogModel
from chat_tui.ui.log.rows import NoticeRow, RowKey

# In one log. Nobody reads back who joined and left for longer, and no server says it again.
MAX_NOTICES: Final = 500
_SPARE: Final = 100  # removed together, which costs no more than removing one

Notice: TypeAlias = MemberJoined | MemberLeft


class Notices:
    """The notices of all logs."""

    def __init__(self) -> None:
        self._numbers = count()
        self._keys: dict[str, list[RowKey]] = {}  # by room, oldest first

    def forget(self, room: str) -> None:
        """Take note that the log of `room` is gone, or was built again without them."""
        self._keys.pop(room, None)

    def add(
        self, room: str, log: LogModel, before: RowKey | None, changes: Iterable[Change]
    ) -> None:
        """Add what `changes` say above the row `before`, else at the end."""
        texts = [_text_of(change) for change in changes][-MAX_NOTICES:]
        rows = [NoticeRow(("notice", next(self._numbers)), text) for text in texts if text]
        if before is None:
            log.append(rows)
        else:
            log.insert(before, rows)
        keys = self._keys.setdefault(room, [])
        keys += [row.key for row in rows]
        if len(keys) >= MAX_NOTICES + _SPARE:
            log.remove_all(keys[:-MAX_NOTICES])
            del keys[:-MAX_NOTICES]


def _text_of(change: Change) -> str:
    match change:
        case MemberJoined():
            return membership_text.joined(change.name, guest=change.guest)
        case MemberLeft(by=by):
            # A removal is an audit entry as well, which says more.
            return "" if by else membership_text.left(change.name)
    return ""
