"""From an address to an open connection to the right server.

TLS 1.3, and nothing is sent before the server is verified. In this order:

1. A fingerprint from a link, or pinned at an earlier visit, must match.
2. A certificate authority of the system vouches for the name.
3. On the first visit the server is trusted, and its fingerprint pinned.

Not encrypted: Unix sockets, tcp:// addresses, and loopback addresses where TLS
is not offered and never was.
"""

import asyncio
import errno
import socket
import ssl
from dataclasses import dataclass
from typing import Final

from chat_shared.links import fingerprint_of
from chat_tui.model.address import Address, Place
from chat_tui.storage.known_servers import KnownServers, UnusableFile

_GOODBYE_WITHIN: Final = 1.0  # seconds for TLS's own shutdown: a reconnect is waiting

_Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True, slots=True)
class Transport:
    """An open connection to a server that has been verified as far as possible."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    place: Place
    new_server: bool = False
    problem: str = ""  # why the fingerprint of a first visit could not be saved


class NotConnected(Exception):
    """There is no connection; the message is a sentence for the user."""


class ChangedServer(NotConnected):
    """The fingerprint is not the pinned one. Nothing was sent."""

    def __init__(self, address: Address, known: str, shown: str) -> None:
        super().__init__(f"The fingerprint of {address} has changed. Nothing was sent.")
        self.known = known
        self.shown = shown


async def connect(address: Address, known: KnownServers, fingerprint: str = "") -> Transport:
    """Connect to `address`; `fingerprint` is the one in the link. Raises NotConnected.

    Sets no time limit; the caller does.
    """
    try:
        return await _open(address, known, fingerprint)
    except ssl.SSLError:
        raise NotConnected(_not_tls(address)) from None
    except (OSError, UnicodeError) as exc:
        raise NotConnected(_why_not(address, exc)) from None
    except UnusableFile as exc:
        raise NotConnected(str(exc)) from None


async def _open(address: Address, known: KnownServers, fingerprint: str) -> Transport:
    if address.path or address.plain:
        return await _open_plain(address)
    pinned = known.find(address)
    if pinned or fingerprint:
        return await _open_known(address, known, pinned, fingerprint)
    try:
        streams = await _open_tls(address, _verifying())
    except ssl.SSLCertVerificationError:
        return await _open_first(address, known)
    except ssl.SSLError:
        if address.is_loopback:
            return await _open_plain(address)
        raise
    return Transport(*streams, Place(address, encrypted=True))


async def _open_plain(address: Address) -> Transport:
    if address.path:
        streams = await asyncio.open_unix_connection(address.path)
    else:
        streams = await asyncio.open_connection(address.host, address.port)
    return Transport(*streams, Place(address))


async def _open_tls(address: Address, context: ssl.SSLContext) -> _Streams:
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return await asyncio.open_connection(
        address.host, address.port, ssl=context, ssl_shutdown_timeout=_GOODBYE_WITHIN
    )


async def _open_known(
    address: Address, known: KnownServers, pinned: str, fingerprint: str
) -> Transport:
    reader, writer = await _open_tls(address, _unverified())
    shown = _shown_by(writer)
    if (fingerprint or shown) != shown:
        writer.transport.abort()
        raise NotConnected(
            f"The link is for a server with the fingerprint {fingerprint}, but {address} has "
            f"{shown}. Nothing was sent. Ask the person who gave you the link."
        )
    if (pinned or shown) != shown:
        writer.transport.abort()
        raise ChangedServer(address, pinned, shown)
    place = Place(address, encrypted=True, fingerprint=shown)
    return Transport(reader, writer, place, problem="" if pinned else _pin(known, address, shown))


async def _open_first(address: Address, known: KnownServers) -> Transport:
    reader, writer = await _open_tls(address, _unverified())
    shown = _shown_by(writer)
    place = Place(address, encrypted=True, fingerprint=shown)
    return Transport(reader, writer, place, new_server=True, problem=_pin(known, address, shown))


def _pin(known: KnownServers, address: Address, fingerprint: str) -> str:
    """Save the fingerprint, or return why that is not possible."""
    try:
        known.remember(address, fingerprint)
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
    return (
        f"{address} does not support TLS 1.3. Nothing was sent. tcp://{address} connects without "
        "encryption: others on the network could read everything."
    )
