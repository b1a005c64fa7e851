"""Loads and saves the preferences of an account that the server keeps, a moment after each change.

Does not know what they mean, nor who shows them.
"""

import asyncio
import math
from collections.abc import Callable, Set as AbstractSet
from contextlib import suppress
from typing import Final

from chat_shared import messages as m
from chat_shared.errors import Code
from chat_tui.model.preferences import Preferences
from chat_tui.net.events import Answer

# Seconds between two times that changes are sent, each time with all others until then: as often as
# a server takes them in the long run. The first one after that is sent at once.
SAVED_EVERY: Final = 2.0

# Seconds that a log-in waits for preferences: a server whose disk is slow answers later.
LOADED_WITHIN: Final = 3.0

# What is refused with one of these is sent again, after as many seconds as the server says.
_LATER: Final = {Code.TOO_FAST, Code.INTERNAL, Code.SHUTTING_DOWN}
_LONGEST: Final = 60.0


class AccountPreferences:
    """The preferences of the account that is logged in. Nothing is sent before `load`."""

    def __init__(self, send: Callable[[m.Request], bool]) -> None:
        """`send` returns whether that was possible; replies come to `receive`."""
        self._send = send
        self._values = Preferences()
        self._is_kept = False  # by the server: it may be older than this client
        self._later: asyncio.TimerHandle | None = None
        self._saved_at = -math.inf  # on the clock of the event loop
        self._loaded = asyncio.Event()
        # Called with the names of the values that another device changed.
        self.changed: Callable[[AbstractSet[str]], None] = lambda _: None

    def get(self, name: str) -> str:
        """Return the value; empty if there is none."""
        return self._values.get(name)

    def of(self, kind: str) -> dict[str, str]:
        """Return the values of one kind, by what follows `KIND:` in their names."""
        return self._values.of(kind)

    def set(self, name: str, value: str) -> None:
        """Change a value, or remove it by an empty one. It is sent soon."""
        if self._values.set(name, value):
            since = asyncio.get_running_loop().time() - self._saved_at
            self._wait(max(0.0, SAVED_EVERY - since), self.save)

    # --- the server

    def begin(self) -> None:
        """Forget everything: another account may log in."""
        self._stop_waiting()
        self._values, self._is_kept = Preferences(), False

    def load(self) -> None:
        """Ask the server for what it has, after a log-in and after each reconnect."""
        self._stop_waiting()
        self._loaded.clear()
        self._values.loading()
        if not self._send(m.Preferences(id=m.UNNUMBERED)):
            self._loaded.set()

    async def wait_loaded(self) -> None:
        """Wait until the server has answered, or for LOADED_WITHIN, or the connection is lost.

        What comes later than that counts as what another device changed.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(LOADED_WITHIN):
                await self._loaded.wait()

    def save(self) -> None:
        """Send at once what has changed."""
        self._stop_waiting()
        values = self._values.take() if self._is_kept else {}
        if not values:
            return
        self._saved_at = asyncio.get_running_loop().time()
        if not self._send(m.SetPreferences(dict(values), id=m.UNNUMBERED)):
            self._values.not_saved()

    def receive(self, item: Answer | m.Event) -> None:
        """Take note of a reply or an event that may concern preferences."""
        match item:
            case Answer(m.Preferences(), reply):
                self._answered(reply)
            case Answer(m.SetPreferences(), reply):
                self._saved(reply)
            case m.PreferencesChanged(values):
                self._tell(self._values.changed_elsewhere(values))

    def _answered(self, reply: m.Reply | None) -> None:
        match reply:
            case m.PreferenceList(values=values):
                self._is_kept = True
                self._tell(self._values.loaded(values))
                self.save()
            case m.Error() if reply.code in _LATER:
                self._wait(_seconds(reply), self.load)
        self._loaded.set()

    def _saved(self, reply: m.Reply | None) -> None:
        if isinstance(reply, m.Ok):
            self._values.saved()
            if self._later is None:  # what changed meanwhile waits for nothing else
                self.save()
            return
        self._values.not_saved()  # after a lost connection, it is sent once all is loaded again
        if isinstance(reply, m.Error) and reply.code in _LATER:
            self._wait(_seconds(reply), self.save)

    def _tell(self, names: AbstractSet[str]) -> None:
        if names:
            self.changed(names)

    # --- the moment

    def _wait(self, seconds: float, act: Callable[[], None]) -> None:
        """Call `act` then, unless something is waited for already, after which all is sent."""
        if self._later is None:
            self._later = asyncio.get_running_loop().call_later(seconds, act)

    def _stop_waiting(self) -> None:
        if self._later is not None:
            self._later.cancel()
            self._later = None


def _seconds(refusal: m.Error) -> float:
    return min(max(refusal.retry_after or 0.0, SAVED_EVERY), _LONGEST)
