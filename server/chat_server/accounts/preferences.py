"""What the devices of an account share: kept, bounded and paced, never interpreted."""

from collections.abc import Mapping
from functools import partial
from typing import Final

import trio

from chat_server.sessions.rate_limits import TokenBuckets
from chat_server.store.api import FullError, GoneError
from chat_server.store.threads import Storage
from chat_shared.errors import Code, Refused
from chat_shared.limits import MAX_PREFERENCES

# Times that an account can save at once, and seconds until once more in the long run. Each is a
# transaction of its own; clients save when somebody pauses, which nobody does that often.
MAX_SAVED: Final = 20
SAVED_EVERY: Final = 2.0

_FULL: Final = partial(
    Refused,
    Code.TOO_LONG,
    f"Settings and drafts of an account can take at most {MAX_PREFERENCES:,} bytes.",
)
_GONE: Final = partial(Refused, Code.FORBIDDEN, "This account was deleted.")


class AccountPreferences:
    """The preferences of all accounts, texts by name."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._paces = TokenBuckets(MAX_SAVED, 1 / SAVED_EVERY)

    async def load(self, account: int) -> dict[str, str]:
        """Return the preferences of `account`."""
        return await self._storage.read(lambda store: store.preferences(account))

    async def save(self, account: int, changes: Mapping[str, str]) -> None:
        """Set these preferences of `account`; an empty value removes one.

        Raises Refused (too_fast; too_long, and then nothing has changed). Callers go on in the
        order in which they were served.
        """
        sentence = "You're saving settings or drafts too often. Wait a moment."
        self._paces.take_or_refuse(account, trio.current_time(), sentence)
        try:
            await self._storage.write_bulk(lambda store: store.set_preferences(account, changes))
        except FullError:
            raise _FULL() from None
        except GoneError:
            raise _GONE() from None
