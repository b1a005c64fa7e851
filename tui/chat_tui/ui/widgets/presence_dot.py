"""The dot in front of a name: online, away or offline. Its shape says it without colors, too."""

from typing import Final, Literal, TypeAlias

from chat_shared.messages import Member

Presence: TypeAlias = Literal["online", "away", "offline", "unknown"]

DOTS: Final[dict[Presence, tuple[str, str]]] = {
    "online": ("● ", "$text-success"),
    "away": ("◐ ", "$text-warning"),
    "offline": ("○ ", "dim"),
    "unknown": ("  ", ""),
}


def presence_of(member: Member | None) -> Presence:
    """Return the presence of `member`; `unknown` for None."""
    if member is None:
        return "unknown"
    if not member.online:
        return "offline"
    return "away" if member.away else "online"
