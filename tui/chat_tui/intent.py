"""What the text being written is meant as, where it is not simply said."""

from dataclasses import dataclass
from typing import TypeAlias

from chat_tui.rows import Quote


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer to this message."""

    to: Quote


@dataclass(frozen=True, slots=True)
class Edit:
    """The new text of one's own message `seq`."""

    seq: int


Intent: TypeAlias = Reply | Edit
