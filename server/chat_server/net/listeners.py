"""Listening sockets: TCP (with TLS or without) and Unix, all opened before any is served."""

import errno
import os
import socket
import ssl
import stat
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

import trio

from chat_server.addresses import Address, TcpAddress, UnixAddress
from chat_server.errors import StartError
from chat_server.net.tls import TlsShare, TlsStream

# Connections waiting to be accepted; the kernel lowers this to its own limit.
_BACKLOG: Final = 65_535

_GATEWAY: Final = (
    " If it is the gateway of a server that was stopped, it ends within ten minutes, "
    "or when you kill it."
)

# What listening fails with on an address of a kind that is switched off here, as IPv6 may be
# though `localhost` has an address of it.
_ABSENT: Final = {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}

# Ports that are tried for port 0: one that is free on the first address may not be on the next.
_ATTEMPTS: Final = 10


class TlsListener(trio.abc.Listener[TlsStream]):
    """Accepts TLS connections with the current certificate. Does not do the handshake."""

    def __init__(
        self, listener: trio.SocketListener, context: Callable[[], ssl.SSLContext]
    ) -> None:
        self.socket: Final = listener.socket
        self._listener = listener
        self._context = context
        self._share: Final = TlsShare()

    async def accept(self) -> TlsStream:
        stream = await self._listener.accept()
        try:
            return TlsStream(stream, self._context(), self._share)
        except BaseException:
            stream.socket.close()
            raise

    async def aclose(self) -> None:
        await self._listener.aclose()


Listener: TypeAlias = trio.SocketListener | TlsListener


def _no_context() -> ssl.SSLContext:
    raise AssertionError("a tls:// address needs a certificate")


async def open_listeners(
    addresses: Sequence[Address],
    context: Callable[[], ssl.SSLContext] = _no_context,
    setting: str = "--listen",
) -> list[Listener]:
    """Listen on all of `addresses`, or on none: raises StartError naming the one that failed.

    `context` is called for each connection to a tls:// address. `setting` is where the
    operator chose the addresses.
    """
    listeners: list[Listener] = []
    try:
        for address in addresses:
            opened = await _open(address, setting)
            if address.scheme == "tls":
                listeners += [TlsListener(listener, context) for listener in opened]
            else:
                listeners += opened
    except BaseException:
        for listener in listeners:
            listener.socket.close()
        raise
    return listeners


def name_of(listener: Listener) -> str:
    """Return the actual address of `listener`, written as in the configuration."""
    return str(address_of(listener))


def address_of(listener: Listener) -> Address:
    """Return the actual address of `listener`, with the port that it got."""
    if listener.socket.family == trio.socket.AF_UNIX:
        return UnixAddress(Path(listener.socket.getsockname()))
    host, port = listener.socket.getsockname()[:2]
    return TcpAddress(host, port, "tls" if isinstance(listener, TlsListener) else "tcp")


def remove_sockets(addresses: Sequence[Address]) -> None:
    """Remove the files of the Unix sockets among `addresses`."""
    for address in addresses:
        if isinstance(address, UnixAddress):
            address.path.unlink(missing_ok=True)


def open_private(path: Path) -> trio.SocketListener:
    """Listen on a Unix socket that only its owner can open. Raises StartError."""
    try:
        return _open_masked(path, 0o177)
    except OSError as exc:
        raise StartError(f"Cannot listen on {path}: {exc.strerror or exc}.") from None


def _open_masked(path: Path, mask: int) -> trio.SocketListener:
    before = os.umask(mask)  # process-wide, but no thread creates other files meanwhile
    try:
        return _open_unix(path)
    finally:
        os.umask(before)


async def _open(address: Address, setting: str) -> list[trio.SocketListener]:
    try:
        if isinstance(address, UnixAddress) and address.scheme == "http":
            # What connects is believed whom it forwards: the web server, which is in our group.
            return [_open_masked(address.path, 0o117)]
        if isinstance(address, UnixAddress):
            return [_open_unix(address.path)]
        if address.host == "::":
            return [_open_dual_stack(address.port)]
        return await _open_tcp(address)
    except OSError as exc:
        advice = _advice(address, setting) if exc.errno == errno.EADDRINUSE else ""
        raise StartError(f"Cannot listen on {address}: {exc.strerror or exc}.{advice}") from None


def _advice(address: Address, setting: str) -> str:
    """Return what to do about an address that is in use."""
    gateway = _GATEWAY if address.is_of_gateway else ""
    return f" Stop the other program, or choose another address with {setting}.{gateway}"


async def _open_tcp(address: TcpAddress) -> list[trio.SocketListener]:
    """Listen on every address of the host that this machine has, with one port for all."""
    found = await trio.socket.getaddrinfo(
        address.host, address.port, type=trio.socket.SOCK_STREAM, flags=trio.socket.AI_PASSIVE
    )
    targets = [(family, sockaddr) for family, _, _, _, sockaddr in found]
    for _ in range(_ATTEMPTS - 1 if address.port == 0 else 0):
        try:
            return _bind_all(targets, address.port)
        except OSError as exc:
            if exc.errno != errno.EADDRINUSE:
                raise
    return _bind_all(targets, address.port)


def _bind_all(targets: Sequence[tuple[int, Any]], port: int) -> list[trio.SocketListener]:
    """Listen on all of `targets`, or on none. Leaves out those that this machine does not have."""
    sockets: list[socket.socket] = []
    absent: OSError | None = None
    try:
        for family, (host, _, *more) in targets:
            try:
                sockets.append(_bind(family, (host, port, *more)))
            except OSError as exc:
                if exc.errno not in _ABSENT:
                    raise
                absent = exc
            else:
                port = sockets[0].getsockname()[1]
        if absent is not None and not sockets:
            raise absent
    except BaseException:
        for sock in sockets:
            sock.close()
        raise
    return [trio.SocketListener(trio.socket.from_stdlib_socket(sock)) for sock in sockets]


def _bind(family: int, address: tuple[Any, ...]) -> socket.socket:
    sock = socket.socket(family)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind(address)
        sock.listen(_BACKLOG)
    except BaseException:
        sock.close()
        raise
    return sock


def _open_dual_stack(port: int) -> trio.SocketListener:
    """Listen on all interfaces: IPv6 and IPv4 on one socket, or IPv4 alone without IPv6."""
    if socket.has_dualstack_ipv6():
        sock = socket.create_server(
            ("::", port), family=socket.AF_INET6, backlog=_BACKLOG, dualstack_ipv6=True
        )
    else:
        sock = socket.create_server(("0.0.0.0", port), backlog=_BACKLOG)  # noqa: S104 - asked for
    return trio.SocketListener(trio.socket.from_stdlib_socket(sock))


def _open_unix(file: Path) -> trio.SocketListener:
    path = str(file)
    _remove_stale(path)
    sock = socket.socket(socket.AF_UNIX)
    try:
        sock.bind(path)
        sock.listen()
        return trio.SocketListener(trio.socket.from_stdlib_socket(sock))
    except BaseException:
        sock.close()
        raise


def _remove_stale(path: str) -> None:
    """Remove the socket of a server that was killed, but never one that still accepts."""
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
