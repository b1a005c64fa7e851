"""What people connect to, over SSH and by browsers, as one."""

import socket
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import asyncssh

if TYPE_CHECKING:
    from chat_tui.gateway.web.listening import WebServer

SCHEMES: Final = ("ssh", "https", "http")


@dataclass(eq=False)
class Listeners:
    """The sockets that the server gave us, each with its scheme, and who accepts on them."""

    sockets: list[tuple[str, socket.socket]]
    fingerprint: str = ""
    """That of the host key; empty without SSH."""
    acceptors: list[asyncssh.SSHAcceptor] = field(default_factory=list)
    web: "WebServer | None" = None

    def of(self, *schemes: str) -> list[tuple[str, socket.socket]]:
        return [(scheme, sock) for scheme, sock in self.sockets if scheme in schemes]

    def stop(self) -> None:
        """Accept no more connections."""
        for acceptor in self.acceptors:
            acceptor.close()
        if self.web is not None:
            self.web.stop_listening()

    async def close(self) -> None:
        """Close the connections of browsers; those over SSH end with their clients."""
        self.stop()
        if self.web is not None:
            await self.web.close()

    def reload(self) -> None:
        """Load the certificate again."""
        if self.web is not None:
            self.web.reload()
