"""Who may do something: everyone, all but guests, or guests alone. Pure."""

from enum import Enum, auto


class Audience(Enum):
    EVERYONE = auto()
    NO_GUESTS = auto()
    GUESTS = auto()

    def includes(self, *, guest: bool) -> bool:
        """Return whether a guest, or anyone else, is among them."""
        return self is Audience.EVERYONE or (self is Audience.GUESTS) == guest
