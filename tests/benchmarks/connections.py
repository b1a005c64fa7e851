"""One client connection of the load: plain or TLS, non-blocking once it is connected."""

import errno
import os
import socket
import ssl
from dataclasses import dataclass
from typing import Final, Protocol

from benchmarks.machine import NotMeasured

#: Seconds for a TLS handshake, the only thing here that blocks.
_HANDSHAKE_DEADLINE = 10.0

#: Where servers listen, unless a workload says otherwise.
LOOPBACK: Final = "127.0.0.1"

#: What an unready non-blocking socket raises, plain or TLS.
WOULD_BLOCK = (BlockingIOError, ssl.SSLWantReadError)

#: A slow connection: Ethernet segments and a small window, so that unread data fills the server's
#: side within a fraction of a second instead of hiding in megabytes of kernel buffers.
_THIN_SEGMENT = 1400
_THIN_WINDOW = 16 * 1024


class Stream(Protocol):
    """The methods needed of a socket, plain or TLS."""

    def recv_into(self, buffer: memoryview, /) -> int:
        """Fill `buffer` with what has arrived; return 0 at the end of the stream."""

    def send(self, data: bytes, /) -> int:
        """Send what fits and return the number of bytes."""

    def setsockopt(self, level: int, option: int, value: int, /) -> None:
        """Set an option of the underlying socket."""

    def fileno(self) -> int:
        """Return the descriptor to poll."""

    def close(self) -> None:
        """Close the connection."""


class TlsStream:
    """A TLS socket that every read empties: epoll does not see what OpenSSL has buffered."""

    def __init__(self, wrapped: ssl.SSLSocket) -> None:
        self._socket = wrapped
        self.send = wrapped.send
        self.setsockopt = wrapped.setsockopt
        self.fileno = wrapped.fileno
        self.close = wrapped.close

    def recv_into(self, buffer: memoryview, /) -> int:
        """Fill `buffer` until nothing is left to read; return 0 at the end of the stream."""
        total = 0
        while total < len(buffer):
            try:
                size = self._socket.recv_into(buffer[total:])
            except ssl.SSLWantReadError:
                if total:
                    return total
                raise
            if not size:
                break
            total += size
        return total


@dataclass(eq=False, slots=True)
class Connection:
    """One client: its stream, the rest of its last read, and its count of deliveries."""

    number: int
    stream: Stream
    tail: bytes = b""
    unsent: bytes = b""
    deliveries: int = 0

    def send(self, data: bytes) -> None:
        """Send all of `data`. Raises NotMeasured if the server does not read this much."""
        try:
            sent = self.stream.send(data)
        except OSError as exc:
            raise NotMeasured(f"connection {self.number} cannot be sent to: {exc}") from exc
        if sent != len(data):
            raise NotMeasured(f"connection {self.number}: the server stopped reading")


def in_url(host: str) -> str:
    """Return an address as URLs have it, where IPv6 needs brackets."""
    return f"[{host}]" if ":" in host else host


def connect(
    port: int, *, host: str = LOOPBACK, tls: ssl.SSLContext | None = None, thin: bool = False
) -> Stream:
    """Start a connection to an address of the loopback; it is connected once it is writable."""
    plain = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    if thin:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, _THIN_SEGMENT)
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _THIN_WINDOW)
    if tls is not None:
        return _connect_tls(plain, (host, port), tls)
    plain.setblocking(False)
    error = plain.connect_ex((host, port))
    if error not in (0, errno.EINPROGRESS):
        plain.close()
        raise NotMeasured(f"connect to port {port}: {os.strerror(error)}")
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
    return plain


def _connect_tls(plain: socket.socket, address: tuple[str, int], tls: ssl.SSLContext) -> Stream:
    plain.settimeout(_HANDSHAKE_DEADLINE)
    try:
        plain.connect(address)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        wrapped = tls.wrap_socket(plain, server_hostname="localhost")
    except OSError as exc:
        plain.close()
        raise NotMeasured(f"no TLS connection: {exc}") from exc
    wrapped.setblocking(False)
    return TlsStream(wrapped)


def trusting_tls() -> ssl.SSLContext:
    """Return a context that accepts any certificate: the load measures ciphers, not trust."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
