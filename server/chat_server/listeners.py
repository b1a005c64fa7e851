"""Sockets to listen at: TCP and Unix, opened before anybody is served."""

import os
import socket
import stat
from collections.abc import Sequence

import trio

from chat_server.config import TcpAddress, UnixAddress
from chat_server.errors import StartError


async def open_listeners(
    addresses: Sequence[TcpAddress | UnixAddress],
) -> list[trio.SocketListener]:
    """Listen at all of `addresses`, or at none: raises StartError naming the one at fault."""
    listeners: list[trio.SocketListener] = []
    try:
        for address in addresses:
            listeners += await _open(address)
    except BaseException:
        for listener in listeners:
            listener.socket.close()
        raise
    return listeners


def name_of(listener: trio.SocketListener) -> str:
    """Return the address that `listener` really listens at, as the configuration writes it."""
    if listener.socket.family == trio.socket.AF_UNIX:
        return f"unix://{listener.socket.getsockname()}"
    host, port = listener.socket.getsockname()[:2]
    return str(TcpAddress(host, port))


async def _open(address: TcpAddress | UnixAddress) -> list[trio.SocketListener]:
    try:
        if isinstance(address, UnixAddress):
            return [_open_unix(address)]
        return await trio.open_tcp_listeners(address.port, host=address.host)
    except OSError as exc:
        raise StartError(f"Cannot listen at {address}: {exc.strerror or exc}.") from None


def _open_unix(address: UnixAddress) -> trio.SocketListener:
    path = str(address.path)
    _remove_leftover(path)
    sock = socket.socket(socket.AF_UNIX)
    try:
        sock.bind(path)
        sock.listen()
        return trio.SocketListener(trio.socket.from_stdlib_socket(sock))
    except BaseException:
        sock.close()
        raise


def _remove_leftover(path: str) -> None:
    """Remove the socket of a server that was killed; never one that still answers."""
    try:
        if not stat.S_ISSOCK(os.stat(path).st_mode):
            return
    except FileNotFoundError:
        return
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(path)
        except ConnectionRefusedError:
            os.unlink(path)
