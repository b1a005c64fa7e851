"""Asks the server whether keys that a person offers over SSH log in to an account."""

import asyncio
from pathlib import Path
from typing import Final

from chat_shared import messages as m
from chat_shared.connection import Connection, Role
from chat_shared.errors import ChatError
from chat_shared.proxy_header import Origin, write_header
from chat_shared.ssh_keys import SshKey
from chat_tui.gateway.frames import Via

# Seconds for the server to answer. A person who has to wait longer gets the log-in form.
CHECK_WITHIN: Final = 5.0

_READ: Final = 4096  # bytes: more than all that it answers


class KeyChecks:
    """The checks of one person's keys, over one connection that is opened with the first."""

    def __init__(self, server: Path, address: str, via: Via) -> None:
        """Ask the server at the socket `server`, on behalf of a person at `address`."""
        self._server = server
        self._header = write_header(Origin(address, via))
        self._protocol = Connection(Role.CLIENT)
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._number = 0
        self._one_at_a_time = asyncio.Lock()  # one may be given up while the next begins

    async def logs_in(self, name: str, key: SshKey) -> bool:
        """Return whether `key` logs in to the account `name`; False if that cannot be found out."""
        try:
            async with asyncio.timeout(CHECK_WITHIN), self._one_at_a_time:
                return await self._ask(name, key)
        except (OSError, TimeoutError, ChatError):
            return False

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()

    async def _ask(self, name: str, key: SshKey) -> bool:
        if self._streams is None:
            self._streams = await asyncio.open_unix_connection(self._server)
            self._streams[1].write(self._header)
            await self._receive()  # hello
        self._number += 1
        request = m.CheckSshKey(id=self._number, name=name, key=str(key))
        self._streams[1].write(self._protocol.send(request))
        while (reply := await self._receive()) is not None:
            # An earlier check may have been given up before its reply.
            if isinstance(reply, m.Reply) and reply.re == request.id:
                return isinstance(reply, m.SshKeyChecked) and reply.logs_in
        return False

    async def _receive(self) -> m.Message | None:
        """Return the server's next message, or None at the end of the connection."""
        assert self._streams is not None
        while (message := self._protocol.next_message()) is None:
            data = await self._streams[0].read(_READ)
            if not data:
                return None
            self._protocol.receive(data)
        return message
