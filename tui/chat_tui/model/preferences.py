"""Preferences of the account that the server keeps: what it has, and what changed here. Pure.

Each is a text by name. Only what changed here is sent, so that devices do not undo each other's
changes. What another device set meanwhile stands, unless the same was changed here: that is sent
later, and the last one counts.
"""

from collections.abc import Mapping, Set as AbstractSet

from chat_shared.preferences import changed, fit


class Preferences:
    """Those of one account. What is set here is read here, whether it has been sent or not."""

    def __init__(self) -> None:
        self._stored: dict[str, str] = {}  # by the server
        self._sent: dict[str, str] = {}  # and not answered
        self._unsent: dict[str, str] = {}
        self._meanwhile: dict[str, str] | None = None  # by other devices, while a load is answered

    def get(self, name: str) -> str:
        """Return the value; empty if there is none."""
        return self._current().get(name, "")

    def of(self, kind: str) -> dict[str, str]:
        """Return the values of one kind, by what follows `KIND:` in their names."""
        prefix = f"{kind}:"
        return {
            name.removeprefix(prefix): value
            for name, value in self._current().items()
            if name.startswith(prefix)
        }

    def set(self, name: str, value: str) -> bool:
        """Change a value, or remove it by an empty one; return whether there is something to send.

        What has no room is kept here and not sent.
        """
        self._unsent.pop(name, None)
        if value != self.get(name):
            self._unsent[name] = value
        return bool(self._unsent)

    # --- what the server says

    def loading(self) -> None:
        """Note that the server is asked for all values."""
        self._meanwhile = {}

    def loaded(self, values: Mapping[str, str]) -> AbstractSet[str]:
        """Take over what the server has; return the names of values that are others now."""
        meanwhile, self._meanwhile = self._meanwhile or {}, None
        return self._replace(changed(values, meanwhile))

    def changed_elsewhere(self, values: Mapping[str, str]) -> AbstractSet[str]:
        """Take over what another device set; return as `loaded`.

        What was sent from here and is not answered is set later than that.
        """
        if self._meanwhile is not None:
            self._meanwhile = _bounded({**self._meanwhile, **values})
        return self._replace(changed(self._stored, values))

    def _replace(self, stored: dict[str, str]) -> AbstractSet[str]:
        before = self._current()
        self._stored = _bounded(stored)
        return {name for name, _ in before.items() ^ self._current().items()}

    def _current(self) -> dict[str, str]:
        return changed(self._stored, {**self._sent, **self._unsent})

    # --- what is sent

    def take(self) -> dict[str, str]:
        """Return what to send now; nothing while an answer is missing.

        Of what the server would refuse for its size, the largest waits here.
        """
        if self._sent:
            return {}
        self._sent, self._unsent = self._unsent, {}
        while self._sent and not fit(changed(self._stored, self._sent)):
            largest = max(self._sent, key=lambda name: len(self._sent[name].encode()))
            self._unsent[largest] = self._sent.pop(largest)
        return self._sent

    def saved(self) -> None:
        """Note that the server has what was sent."""
        self._stored = _bounded(changed(self._stored, self._sent))
        self._sent = {}

    def not_saved(self) -> None:
        """Note that the server does not have what was sent: it is sent again."""
        self._sent, self._unsent = {}, {**self._sent, **self._unsent}


def _bounded(values: dict[str, str]) -> dict[str, str]:
    """Return `values`, or nothing if they are more than a server can have."""
    return values if fit(values) else {}
