"""Asks the server whether keys that a person offers over SSH log in to an account."""

import asyncio
from pathlib import Path
from typing import Final

from chat_shared import messages as m
from chat_shared.errors import ChatError
from chat_shared.proxy_header import Origin
from chat_shared.ssh_keys import SshKey
from chat_tui.gateway.frames import Via
from chat_tui.gateway.server_link import ServerLink

# Seconds for the server to answer. A person who has to wait longer gets the log-in form.
CHECK_WITHIN: Final = 5.0


class KeyChecks:
    """The checks of one person's keys, over one connection that is opened with the first."""

    def __init__(self, server: Path, address: str, via: Via) -> None:
        """Ask the server at the socket `server`, on behalf of a person at `address`."""
        self._link = ServerLink(server, Origin(address, via))
        self._is_open = False
        self._one_at_a_time = asyncio.Lock()  # one may be given up while the next begins

    async def logs_in(self, name: str, key: SshKey) -> bool:
        """Return whether `key` logs in to the account `name`; False if that cannot be found out."""
        try:
            async with asyncio.timeout(CHECK_WITHIN), self._one_at_a_time:
                return await self._ask(name, key)
        except (OSError, TimeoutError, ChatError):
            return False

    def close(self) -> None:
        self._link.close()

    async def _ask(self, name: str, key: SshKey) -> bool:
        if not self._is_open:
            await self._link.open()
            self._is_open = True
        reply = await self._link.ask(m.CheckSshKey(id=m.UNNUMBERED, name=name, key=str(key)))
        return isinstance(reply, m.SshKeyChecked) and reply.logs_in
