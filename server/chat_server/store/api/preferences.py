"""Preferences of accounts: texts by name, of which the store knows no meaning."""

from collections.abc import Mapping
from typing import Protocol


class PreferenceStore(Protocol):
    """The part of `Store` that keeps what the devices of an account share."""

    def preferences(self, account: int) -> dict[str, str]:
        """Return the preferences of `account`, by name."""

    def set_preferences(self, account: int, changes: Mapping[str, str]) -> None:
        """Set these preferences of `account`, or remove those whose value is empty.

        Raises FullError if all together would be larger than MAX_PREFERENCES, and GoneError if
        the account has been deleted.
        """
