"""Where an account is logged in: its tokens, each under a name that may be shown.

On the wire such a log-in is a session: it lasts as long as its token, over any
number of connections. Does not know which of them are connected.
"""

from collections.abc import Callable
from typing import Final

import structlog

from chat_server.clock import rfc3339
from chat_server.store.api import StoreError, TokenRecord
from chat_server.store.threads import Storage
from chat_shared.errors import Code, Refused
from chat_shared.messages import SessionInfo

log = structlog.get_logger()

# Bytes of a token's digest that name it: enough among twenty, and nobody comes in with it.
_NAME: Final = 5


class AccountSessions:
    """The log-ins of accounts: listed, revoked, and when each was last used."""

    def __init__(self, storage: Storage, now: Callable[[], int]) -> None:
        self._storage = storage
        self._now = now  # milliseconds since 1970, UTC
        self._seen: dict[bytes, int] = {}  # not written yet
        self._writing = False

    async def sessions(self, account: int, current: bytes) -> list[SessionInfo]:
        """Return the log-ins of `account`, the newest first; `current` is the one that asks."""
        return [
            SessionInfo(
                session=_name_of(token.digest),
                created=rfc3339(token.created),
                seen=rfc3339(self._seen.get(token.digest, token.seen)),
                current=token.digest == current,
            )
            for token in await self._tokens(account)
        ]

    async def revoke(self, account: int, name: str) -> bytes:
        """Make the token of this name void; return its digest. Raises Refused."""
        digests = {_name_of(token.digest): token.digest for token in await self._tokens(account)}
        digest = digests.get(name)
        if digest is None:
            raise Refused(Code.FORBIDDEN, "You have no such session. It may have ended already.")
        await self._storage.write(lambda store: store.revoke_token(digest))
        return digest

    async def revoke_others(self, account: int, current: bytes) -> list[bytes]:
        """Make all tokens of `account` void but `current`; return their digests."""
        return await self._storage.write(lambda store: store.revoke_other_tokens(account, current))

    async def note(self, digest: bytes) -> None:
        """Remember that this token was used just now.

        While one write is under way the next gathers, so that a thousand who
        come back at once cost a few. A disk that is full keeps nobody out.
        """
        self._seen[digest] = self._now()
        if self._writing:
            return
        seen, self._seen = self._seen, {}
        self._writing = True
        try:
            await self._storage.write(lambda store: store.set_tokens_seen(seen))
        except StoreError as exc:
            log.warning("last use of devices not stored", count=len(seen), reason=str(exc))
        finally:
            self._writing = False

    async def _tokens(self, account: int) -> list[TokenRecord]:
        return await self._storage.read(lambda store: store.tokens(account))


def _name_of(digest: bytes) -> str:
    return digest[:_NAME].hex()
