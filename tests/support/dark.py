"""An address of this computer where packets are dropped, as those of a host without power are."""

import select
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from chat_tui.model.address import Address

_ANSWERED: float = 0.1  # seconds within which the system answers, on this computer


@contextmanager
def dark_address(host: str = "127.0.0.1") -> Iterator[Address]:
    """Listen with a queue that is full: the system drops what else arrives."""
    with ExitStack() as sockets:
        listener = sockets.enter_context(socket.socket())
        listener.bind((host, 0))
        listener.listen(0)
        while _is_answered(sockets.enter_context(socket.socket()), listener.getsockname()):
            pass
        yield Address(host, listener.getsockname()[1])


def _is_answered(client: socket.socket, address: tuple[str, int]) -> bool:
    client.setblocking(False)
    try:
        client.connect(address)
    except BlockingIOError:
        return bool(select.select([], [client], [], _ANSWERED)[1])
    return True
