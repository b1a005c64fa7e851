"""The sessions of an account: its tokens, each under a name that may be shown.

A session, as the wire means it, lasts as long as its token, over any number of
connections. Does not know which of them are connected.
"""

from collections.abc import Callable
from typing import Final

import structlog

from chat_server.clock import rfc3339
from chat_server.store.api import StoreError, TokenRecord, TokenUse
from chat_server.store.threads import Storage
from chat_server.tasks.batches import Batches
from chat_shared.errors import Code, Refused
from chat_shared.messages import SessionInfo
from chat_shared.text import clean_line

log = structlog.get_logger()

# Seconds in which uses gather: nobody reads the second.
_PAUSE: Final = 1.0

# Bytes of a token's digest that name it: unique among twenty, and no use to log in with.
_NAME: Final = 5


class AccountSessions:
    """Lists and revokes the sessions of accounts, and records when each was last used.

    `run` is its only task.
    """

    def __init__(self, storage: Storage, now: Callable[[], int]) -> None:
        self._storage = storage
        self._now = now  # milliseconds since 1970, UTC
        self._uses: dict[bytes, TokenUse] = {}  # by digest, which must be stored
        self._batches = Batches(self._run_batch, _PAUSE)

    async def run(self) -> None:
        """Store when sessions were used, batch after batch, until closed."""
        await self._batches.run()

    def close(self) -> None:
        """Make `run` end after what is pending."""
        self._batches.close()

    async def list_sessions(self, account: int, current: bytes) -> list[SessionInfo]:
        """Return the sessions of `account`, newest first; `current` is the digest of one."""
        tokens = await self._tokens(account)
        return [self._info(token, current=token.digest == current) for token in tokens]

    def _info(self, token: TokenRecord, *, current: bool) -> SessionInfo:
        used = self._uses.get(token.digest, token.used)
        return SessionInfo(
            _name_of(token.digest),
            rfc3339(token.created),
            rfc3339(used.at),
            current,
            used.client,
            used.address,
        )

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

    def record_use(self, digest: bytes, client: str = "", address: str = "") -> None:
        """Record that this token is used at this moment, by what and from where. Never waits.

        Stored in batches: a thousand reconnects at once cost a few writes.
        """
        self._uses[digest] = TokenUse(self._now(), clean_line(client).strip(), address)
        self._batches.request()

    async def _run_batch(self) -> None:
        uses = dict(self._uses)
        if not uses:
            return
        try:
            await self._storage.write(lambda store: store.set_token_uses(uses))
        except StoreError as exc:  # a full disk prevents nobody from resuming
            log.warning("last uses of devices not stored", count=len(uses), reason=str(exc))
        # Those used again meanwhile are for the next batch.
        self._uses = {digest: u for digest, u in self._uses.items() if uses.get(digest) != u}

    async def _tokens(self, account: int) -> list[TokenRecord]:
        return await self._storage.read(lambda store: store.tokens(account))


def _name_of(digest: bytes) -> str:
    return digest[:_NAME].hex()
