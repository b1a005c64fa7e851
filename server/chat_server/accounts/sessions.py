"""The sessions of an account: its tokens, each under a name that may be shown.

A session, as the wire means it, lasts as long as its token, over any number of
connections. Does not know which of them are connected.
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

# Bytes of a token's digest that name it: unique among twenty, and no use to log in with.
_NAME: Final = 5


class AccountSessions:
    """Lists and revokes the sessions of accounts, and records when each was last used."""

    def __init__(self, storage: Storage, now: Callable[[], int]) -> None:
        self._storage = storage
        self._now = now  # milliseconds since 1970, UTC
        self._seen: dict[bytes, int] = {}  # by digest, to be stored
        self._writing = False

    async def list_sessions(self, account: int, current: bytes) -> list[SessionInfo]:
        """Return the sessions of `account`, newest first; `current` is the digest of one."""
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
        """Revoke the session with this name; return its digest. Raises Refused (forbidden)."""
        digests = {_name_of(token.digest): token.digest for token in await self._tokens(account)}
        digest = digests.get(name)
        if digest is None:
            raise Refused(Code.FORBIDDEN, "No such device. It may already be logged out.")
        await self._storage.write(lambda store: store.revoke_token(digest))
        return digest

    async def revoke_others(self, account: int, current: bytes) -> list[bytes]:
        """Revoke all sessions of `account` but `current`; return their digests."""
        return await self._storage.write(lambda store: store.revoke_other_tokens(account, current))

    async def record_use(self, digest: bytes) -> None:
        """Record that this token is used at this moment.

        While one write is in progress the next gathers, so that a thousand reconnects
        at once cost a few. A full disk prevents nobody from resuming.
        """
        self._seen[digest] = self._now()
        if self._writing:
            return
        seen, self._seen = self._seen, {}
        self._writing = True
        try:
            await self._storage.write(lambda store: store.set_tokens_seen(seen))
        except StoreError as exc:
            log.warning("last-seen times of devices not stored", count=len(seen), reason=str(exc))
        finally:
            self._writing = False

    async def _tokens(self, account: int) -> list[TokenRecord]:
        return await self._storage.read(lambda store: store.tokens(account))


def _name_of(digest: bytes) -> str:
    return digest[:_NAME].hex()
