"""Who is typing in the open room. An entry expires unless it is renewed."""

from chat_shared.limits import TYPING_LASTS, TYPING_MEMBERS
from chat_shared.names import fold
from chat_shared.text import clean_line


class TypingIndicator:
    """All times are of one monotonic clock."""

    def __init__(self) -> None:
        self._until: dict[str, tuple[str, float]] = {}  # by folded name

    def typing(self, name: str, now: float) -> None:
        """Take note that someone types; in larger rooms, servers do not say it."""
        if len(self._until) < TYPING_MEMBERS or fold(name) in self._until:
            self._until[fold(name)] = (name, now + TYPING_LASTS)

    def lasts(self, now: float) -> float:
        """Return for how many seconds the sentence stays as it is; 0 if nobody is typing."""
        return max(0.0, min((until for _, until in self._until.values()), default=now) - now)

    def stopped(self, name: str) -> None:
        """Remove someone, whose message has arrived, or who has left."""
        self._until.pop(fold(name), None)

    def clear(self) -> None:
        self._until.clear()

    def sentence(self, now: float) -> str:
        """Return who is typing, as a sentence; empty if nobody is."""
        self._until = {key: entry for key, entry in self._until.items() if entry[1] > now}
        names = [clean_line(name) for name, _ in self._until.values()]
        if not names:
            return ""
        if len(names) > 2:
            return f"{len(names)} people are typing…"
        return f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'} typing…"
