"""Opens the connections of one client, after waking a server that is the user's own."""

import asyncio
from collections.abc import Callable
from typing import Final, TypeAlias

from chat_tui.model.address import Address, Invitation
from chat_tui.net.connect import NotConnected, Transport, connect
from chat_tui.net.local_server import CannotStart
from chat_tui.storage.known_servers import KnownServers

# Starts the user's own server again; None for a server that runs on its own.
Wake: TypeAlias = Callable[[Address], None] | None


class Dialler:
    """Knows how servers are known, and what each connection begins with."""

    def __init__(self, known: KnownServers, within: float, wake: Wake, header: bytes) -> None:
        """Each address of a server has `within` seconds to answer; the rest is as in `Client`."""
        self._known: Final = known
        self._within = within
        self._wake = wake
        self._header = header

    async def connect(self, to: Invitation) -> Transport:
        """Connect to the server, wherever it is. Raises NotConnected."""
        try:
            if self._wake is not None:
                await asyncio.to_thread(self._wake, to.address)
        except CannotStart as exc:
            raise NotConnected(str(exc)) from None
        return await connect(
            to.address,
            self._known,
            to.fingerprint,
            self._header,
            alts=to.alts,
            within=self._within,
        )
