"""What a server says about its other addresses, and what becomes of it."""

from collections.abc import Iterable, Iterator
from typing import Final

from chat_shared.addresses import Node, parse_node
from chat_tui.model.address import Address, Place
from chat_tui.storage.known_servers import KnownServers, UnusableFile


class Nodes:
    """Learns the other addresses of servers, in place of what was known."""

    def __init__(self, known: KnownServers, *, follows: bool) -> None:
        """Without `follows` they are for links that others follow, and nothing else."""
        self._known: Final = known
        self._follows = follows
        self.problem = ""  # why the latest could not be saved

    def learn(self, place: Place, sent: Iterable[str]) -> Place:
        """Return `place` with what its server has `sent`, and with where its data is stored.

        What comes without encryption may be anyone's word, and is not remembered.
        """
        self.problem = ""
        nodes = tuple(_parsed(sent))
        home = place.address
        if place.encrypted and self._follows:
            at = (place.at,) if place.at is not None else ()
            try:
                self._known.learn(place.address, [*at, *map(_address, nodes)])
                home = self._known.home(place.address)
            except UnusableFile as exc:
                self.problem = str(exc)
        return place.known_as(home, nodes)


def _address(node: Node) -> Address:
    return Address(node.host, node.port)


def _parsed(sent: Iterable[str]) -> Iterator[Node]:
    for text in sent:
        try:
            yield parse_node(text)
        except ValueError:
            continue  # of a later version, or nonsense
