"""Where people elsewhere reach this server, as links and invitations say it.

Filled in while the server starts: ports may be any free ones, and the gateway makes its host key.
"""

from dataclasses import dataclass

from chat_shared.addresses import Node
from chat_shared.links import JoinLink


@dataclass(eq=False, slots=True)
class PublicAddresses:
    """What is known by now."""

    host: str = ""
    port: int = 0  # with TLS; 0 without
    fingerprint: str = ""  # of the certificate, where no authority vouches for it
    ssh_port: int = 0  # of the gateway; 0 without one
    ssh_key: str = ""  # the fingerprint of its host key
    nodes: tuple[Node, ...] = ()  # where else the server may be
    web: str = ""  # the address of its pages; empty without them

    def join_link(self) -> JoinLink | None:
        """Return the link that people join with; None if the server is not on a network."""
        if not self.port:
            return None
        return JoinLink(
            self.host,
            self.port,
            fingerprint=self.fingerprint,
            ssh_port=self.ssh_port,
            ssh_key=self.ssh_key,
            alts=tuple(node for node in self.nodes if node != Node(self.host, self.port)),
        )
