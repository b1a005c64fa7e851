"""From an address to a line on which one may speak.

TLS 1.3, and nothing is said before the server is known. In this order:

1. A fingerprint from a link, or pinned at an earlier visit: it must be the same.
2. The authorities of the system vouch for the name.
3. The first visit: whoever answers is believed, and pinned.

Without TLS go Unix sockets, what is written tcp://, and addresses of this
computer where TLS is not spoken and never was.
"""

import asyncio
import ssl
from dataclasses import dataclass
from typing import Final

from chat_shared.links import fingerprint_of
from chat_tui.model.address import Address, Place
from chat_tui.storage.known_servers import KnownServers, UnusableFile

_GOODBYE_WITHIN: Final = 1.0  # seconds for TLS's own goodbye: who comes back is in a hurry

_Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True, slots=True)
class Transport:
    """An open connection to a server that is the right one, as far as can be known."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    place: Place
    first_visit: bool = False
    problem: str = ""  # why the fingerprint of a first visit could not be remembered


class NotConnected(Exception):
    """There is no line; the message is a sentence for the person."""


class ChangedServer(NotConnected):
    """The server is not known by this fingerprint. Nothing was sent to it."""

    def __init__(self, address: Address, known: str, shown: str) -> None:
        super().__init__(f"{address} shows another fingerprint than before. Nothing was sent.")
        self.known = known
        self.shown = shown


async def connect(address: Address, known: KnownServers, fingerprint: str = "") -> Transport:
    """Connect to `address`; `fingerprint` is what a link says. Raises NotConnected.

    Waits as long as the network lets it: whoever calls sets the limit.
    """
    try:
        return await _dial(address, known, fingerprint)
    except ssl.SSLError:
        raise NotConnected(_not_tls(address)) from None
    except (OSError, UnicodeError):
        raise NotConnected(f"Nobody answers at {address}.") from None
    except UnusableFile as exc:
        raise NotConnected(str(exc)) from None


async def _dial(address: Address, known: KnownServers, fingerprint: str) -> Transport:
    if address.path or address.plain:
        return await _open_plain(address)
    pinned = known.find(address)
    if pinned or fingerprint:
        return await _open_known(address, known, pinned, fingerprint)
    try:
        streams = await _open_tls(address, _asking_authorities())
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
    reader, writer = await _open_tls(address, _comparing())
    shown = _shown_by(writer)
    if (fingerprint or shown) != shown:
        writer.transport.abort()
        raise NotConnected(
            f"The link is for a server with the fingerprint {fingerprint}, and {address} shows "
            f"{shown}. Nothing was sent. Ask whoever gave you the link."
        )
    if (pinned or shown) != shown:
        writer.transport.abort()
        raise ChangedServer(address, pinned, shown)
    place = Place(address, encrypted=True, fingerprint=shown)
    return Transport(reader, writer, place, problem="" if pinned else _pin(known, address, shown))


async def _open_first(address: Address, known: KnownServers) -> Transport:
    reader, writer = await _open_tls(address, _comparing())
    shown = _shown_by(writer)
    place = Place(address, encrypted=True, fingerprint=shown)
    return Transport(reader, writer, place, first_visit=True, problem=_pin(known, address, shown))


def _pin(known: KnownServers, address: Address, fingerprint: str) -> str:
    """Remember the fingerprint, or return why that is not possible."""
    try:
        known.remember(address, fingerprint)
    except UnusableFile as exc:
        return str(exc)
    return ""


def _shown_by(writer: asyncio.StreamWriter) -> str:
    certificate = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    return fingerprint_of(certificate)


def _asking_authorities() -> ssl.SSLContext:
    return ssl.create_default_context()


def _comparing() -> ssl.SSLContext:
    """Return a context that lets any certificate through, for its fingerprint to be compared.

    That the server holds the key to it is proved by the handshake itself.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _not_tls(address: Address) -> str:
    return (
        f"{address} does not speak TLS 1.3. Nothing was sent. tcp://{address} goes there without "
        "encryption; then others on the way can read along."
    )
