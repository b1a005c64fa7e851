"""From an address to an open connection to the right server.

TLS 1.3, and nothing is sent before the server is verified. In this order:

1. A fingerprint from a link, or pinned at an earlier visit, must match.
2. A certificate authority of the system vouches for the name, and has to from then on.
3. On the first visit the user confirms its fingerprint, which is pinned then.

Not encrypted: Unix sockets, tcp:// addresses that were never encrypted, and loopback
addresses where TLS is not offered and never was. A server of which nothing is known,
or that is less than what is known, is up to the user: UnverifiedServer.
"""

import asyncio
import errno
import socket
import ssl
from dataclasses import dataclass, replace
from typing import Final

from chat_shared.links import fingerprint_of
from chat_tui.model.address import AUTHORITY, UNENCRYPTED, Address, Place
from chat_tui.net.disconnect import TrustMismatch
from chat_tui.storage.known_servers import KnownServers, UnusableFile

_GOODBYE_WITHIN: Final = 1.0  # seconds for TLS's own shutdown: a reconnect is waiting

# RFC 8305 recommends this before the next address is tried as well.
_NEXT_ADDRESS_AFTER: Final = 0.25  # seconds

_Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True, slots=True)
class Transport:
    """An open connection to a server that has been verified as far as possible."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    place: Place
    problem: str = ""  # why it could not be saved how the server is known


class NotConnected(Exception):
    """There is no connection; the message is a sentence for the user."""


class UnverifiedServer(NotConnected):
    """The server is not known, or not what it is known to be. Nothing was sent."""

    def __init__(self, address: Address, mismatch: TrustMismatch) -> None:
        super().__init__(f"{mismatch.sentence(address)} Nothing was sent.")
        self.mismatch = mismatch


async def connect(
    address: Address, known: KnownServers, fingerprint: str = "", header: bytes = b""
) -> Transport:
    """Connect to `address`; `fingerprint` is the one in the link. Raises NotConnected.

    `header`, for a Unix socket, is what a proxy says before all else. Sets no time limit; the
    caller does.
    """
    try:
        if address.path:
            return await _open_unix(address, header)
        return await _open(address, known, fingerprint)
    except ssl.SSLError:
        raise NotConnected(_not_tls(address)) from None
    except (OSError, UnicodeError) as exc:
        raise NotConnected(_why_not(address, exc)) from None
    except UnusableFile as exc:
        raise NotConnected(str(exc)) from None


async def _open(address: Address, known: KnownServers, fingerprint: str) -> Transport:
    trust = known.find(replace(address, plain=False))
    if address.plain:
        if trust and not known.find(address):
            raise UnverifiedServer(address, TrustMismatch(trust, UNENCRYPTED))
        return await _open_plain(address)
    if trust == AUTHORITY:
        return await _open_vouched(address, fingerprint)
    if trust or fingerprint:
        return await _open_known(address, known, trust, fingerprint)
    return await _open_new(address, known)


async def _open_unix(address: Address, header: bytes) -> Transport:
    reader, writer = await asyncio.open_unix_connection(address.path)
    writer.write(header)
    return Transport(reader, writer, Place(address))


async def _open_new(address: Address, known: KnownServers) -> Transport:
    try:
        streams = await _open_tls(address, _verifying())
    except ssl.SSLCertVerificationError:
        raise await _unverified_server(address, known="") from None
    except ssl.SSLError:
        if address.is_loopback and not address.tls:
            return await _open_plain(address)
        raise
    problem = _remember(known, address, AUTHORITY)
    return Transport(*streams, Place(address, encrypted=True), problem=problem)


async def _open_vouched(address: Address, fingerprint: str) -> Transport:
    """Connect to a server that authorities vouched for once, if they still do."""
    try:
        reader, writer = await _open_tls(address, _verifying())
    except ssl.SSLCertVerificationError:
        raise await _unverified_server(address, known=AUTHORITY) from None
    _check_link(address, fingerprint, writer)
    return Transport(reader, writer, Place(address, encrypted=True))


async def _open_plain(address: Address) -> Transport:
    return Transport(*await _open_tcp(address), Place(address))


async def _open_tcp(address: Address, context: ssl.SSLContext | None = None) -> _Streams:
    """Connect to the first address of the host that answers; a dead one delays no other."""
    return await asyncio.open_connection(
        address.network_host,
        address.port,
        ssl=context,
        ssl_shutdown_timeout=_GOODBYE_WITHIN if context else None,
        happy_eyeballs_delay=_NEXT_ADDRESS_AFTER,
    )


async def _open_tls(address: Address, context: ssl.SSLContext) -> _Streams:
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return await _open_tcp(address, context)


async def _open_known(
    address: Address, known: KnownServers, pinned: str, fingerprint: str
) -> Transport:
    reader, writer = await _open_tls(address, _unverified())
    shown = _check_link(address, fingerprint, writer)
    if (pinned or shown) != shown:
        writer.transport.abort()
        raise UnverifiedServer(address, TrustMismatch(pinned, shown))
    place = Place(address, encrypted=True, fingerprint=shown)
    problem = "" if pinned else _remember(known, address, shown)
    return Transport(reader, writer, place, problem=problem)


def _check_link(address: Address, fingerprint: str, writer: asyncio.StreamWriter) -> str:
    """Return the server's fingerprint, which is the one of the link. Raises NotConnected."""
    shown = _shown_by(writer)
    if (fingerprint or shown) == shown:
        return shown
    writer.transport.abort()
    raise NotConnected(
        f"The link is for a server with the fingerprint {fingerprint}, but {address} has "
        f"{shown}. Nothing was sent. Ask the person who gave you the link."
    )


async def _unverified_server(address: Address, known: str) -> UnverifiedServer:
    """Return what a server shows for which no authority vouches."""
    _, writer = await _open_tls(address, _unverified())
    shown = _shown_by(writer)
    writer.transport.abort()
    return UnverifiedServer(address, TrustMismatch(known, shown))


def _remember(known: KnownServers, address: Address, trust: str) -> str:
    """Save how the server is known, or return why that is not possible."""
    try:
        known.remember(address, trust)
    except UnusableFile as exc:
        return str(exc)
    return ""


def _shown_by(writer: asyncio.StreamWriter) -> str:
    certificate = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    return fingerprint_of(certificate)


def _verifying() -> ssl.SSLContext:
    return ssl.create_default_context()


def _unverified() -> ssl.SSLContext:
    """Return a context that accepts any certificate, whose fingerprint is compared afterwards.

    The handshake itself proves that the server holds the key.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _why_not(address: Address, exc: OSError | UnicodeError) -> str:
    """Return what went wrong and where: name, port or network."""
    if address.is_private:
        return "The server isn't running at the moment."
    if address.path:
        return f"No server listens at {address}."
    if isinstance(exc, UnicodeError):
        return f"{address.host} isn't a valid host name."
    if isinstance(exc, socket.gaierror):
        if exc.errno == socket.EAI_AGAIN:
            return f"{address.host} can't be looked up (DNS): are you online?"
        return f"{address.host} doesn't exist (DNS)."
    # Where a name has several addresses, asyncio joins their errors in the text of one.
    if isinstance(exc, ConnectionRefusedError) or f"[Errno {errno.ECONNREFUSED}]" in str(exc):
        return f"{address.host} refuses connections on port {address.port}."
    return f"{address.host} can't be reached: {exc.strerror or exc}."


def _not_tls(address: Address) -> str:
    plain = replace(address, plain=True, tls=False)
    return (
        f"{address} does not support TLS 1.3. Nothing was sent. {plain} connects without "
        "encryption: others on the network could read everything."
    )
