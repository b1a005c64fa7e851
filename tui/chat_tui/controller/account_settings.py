"""The settings and drafts that the server keeps for an account, in the words of the client.

For clients on a computer that is not the person's own. What the server sends may be from another
client or of no sense at all, and then counts for nothing.
"""

from collections.abc import Mapping
from typing import Final, get_args

from chat_tui.controller.drafts import AccountDrafts
from chat_tui.controller.preferences import AccountPreferences
from chat_tui.model.notifications import Level

THEME: Final = "theme"  # the name of its preference
_LEVEL: Final = "notify"
_LEVELS: Final[dict[str, Level]] = {level: level for level in get_args(Level)}


class AccountSettings:
    """Those of the account that has logged in, as they were loaded then."""

    def __init__(self, preferences: AccountPreferences) -> None:
        self._preferences = preferences
        self.drafts: Final = AccountDrafts(preferences)

    @property
    def theme(self) -> str:
        """The name of the theme; empty if none was chosen."""
        return self._preferences.get(THEME)

    def remember_theme(self, theme: str) -> None:
        self._preferences.set(THEME, theme)

    def levels(self) -> dict[str, Level]:
        """Return the notification levels that were chosen, by room."""
        found = self._preferences.of(_LEVEL).items()
        return {room: _LEVELS[level] for room, level in found if level in _LEVELS}

    def remember_levels(self, levels: Mapping[str, Level]) -> None:
        for room, level in levels.items():
            self._preferences.set(f"{_LEVEL}:{room}", level)
