"""From an address to an open connection to the right server.

TLS 1.3, and nothing is sent before the server is verified. In this order:

1. A fingerprint from a link, or pinned at an earlier visit, must match.
2. A certificate authority of the system vouches for the name, and has to from then on.
3. On the first visit the user confirms its fingerprint, which is pinned then.

The other addresses of a server are tried if it does not answer where it was named. What
answers there has to be known as the server itself is; nobody is asked about it.

Not encrypted: Unix sockets, tcp:// addresses that were never encrypted, and loopback
addresses where TLS is not offered and never was. A server of which nothing is known,
or that is less than what is known, is up to the user: UnverifiedServer.
"""

import asyncio
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from chat_shared.limits import MAX_NODES
from chat_shared.links import fingerprint_of
from chat_tui.model.address import AUTHORITY, UNENCRYPTED, Address, Place
from chat_tui.net.disconnect import TrustMismatch
from chat_tui.net.race import first_of
from chat_tui.net.timeouts import Timeouts
from chat_tui.net.way import OutOfReach, Way
from chat_tui.storage.known_servers import KnownServers, UnusableFile

# Seconds before another address of the server is tried as well: two round trips and a handshake
# take less, so that usually only one of its machines hears of a client.
_NEXT_NODE_AFTER: Final = 1.0

_WITHIN: Final = Timeouts().connect_within


@dataclass(frozen=True, slots=True)
class Transport:
    """An open connection to a server that has been verified as far as possible."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    place: Place
    problem: str = ""  # why it could not be saved how the server is known

    def abort(self) -> None:
        self.writer.transport.abort()


class NotConnected(Exception):
    """There is no connection; the message is a sentence for the user."""


class UnverifiedServer(NotConnected):
    """The server is not known, or not what it is known to be. Nothing was sent."""

    def __init__(self, address: Address, mismatch: TrustMismatch) -> None:
        super().__init__(f"{mismatch.sentence(address)} Nothing was sent.")
        self.mismatch = mismatch


class NotUsed(NotConnected):
    """Another address of the server may not be used. Nothing was sent there."""

    def __init__(self, way: Way, why: str) -> None:
        super().__init__(f"{way.at} was not used: {why}.")


async def connect(
    address: Address,
    known: KnownServers,
    fingerprint: str = "",
    header: bytes = b"",
    *,
    alts: Sequence[Address] = (),
    within: float = _WITHIN,
) -> Transport:
    """Connect to `address`, or to the same server elsewhere. Raises NotConnected.

    `fingerprint` and `alts` are those in the link. `header`, for a Unix socket, is what a proxy
    says before all else. Each address has `within` seconds to answer.
    """
    try:
        others = _others(address, known, alts)
    except UnusableFile as exc:
        raise NotConnected(str(exc)) from None
    ways = [Way(address, at) for at in (address, *others)]
    attempts = [partial(_connect_by, way, known, fingerprint, header, within) for way in ways]
    try:
        return await first_of(
            attempts,
            _NEXT_NODE_AFTER,
            Transport.abort,
            is_final=_is_final,
        )
    except ExceptionGroup as group:
        raise NotConnected(_why_none(group.exceptions)) from None


def _is_final(failure: BaseException) -> bool:
    """Return whether no other address helps: somebody must be asked, or it is a bug."""
    return isinstance(failure, UnverifiedServer) or not isinstance(failure, NotConnected)


def _others(address: Address, known: KnownServers, alts: Sequence[Address]) -> Sequence[Address]:
    """Return where else the server may be: as it said itself, then as the link says."""
    if address.path or address.plain:
        return ()
    others = {other.key: other for other in (*known.others(address), *alts)}
    others.pop(address.key, None)
    return list(others.values())[:MAX_NODES]


async def _connect_by(
    way: Way, known: KnownServers, fingerprint: str, header: bytes, within: float
) -> Transport:
    """Connect by one of the ways to a server. Raises NotConnected."""
    try:
        async with asyncio.timeout(within):
            if way.at.path:
                return await _open_unix(way.at, header)
            return await _open(way, known, fingerprint)
    except ssl.SSLError:
        raise NotConnected(_not_tls(way.at)) from None
    except TimeoutError:
        who = "The server" if way.at.is_private else way.at
        raise NotConnected(f"{who} did not answer within {within:g} s.") from None
    except OutOfReach as exc:
        raise NotUsed(way, str(exc)) from None
    except (OSError, UnicodeError) as exc:
        raise NotConnected(way.why_not(exc)) from None
    except UnusableFile as exc:
        raise NotConnected(str(exc)) from None


async def _open(way: Way, known: KnownServers, fingerprint: str) -> Transport:
    address = way.server
    trust = known.find(replace(address, plain=False))
    if address.plain:
        if trust and not known.find(address):
            raise UnverifiedServer(address, TrustMismatch(trust, UNENCRYPTED))
        return await _open_plain(way)
    if trust == AUTHORITY:
        return await _open_vouched(way, fingerprint)
    if trust or fingerprint:
        return await _open_known(way, known, trust, fingerprint)
    return await _open_new(way, known)


async def _open_unix(address: Address, header: bytes) -> Transport:
    reader, writer = await asyncio.open_unix_connection(address.path)
    writer.write(header)
    return Transport(reader, writer, Place(address))


async def _open_new(way: Way, known: KnownServers) -> Transport:
    address = way.server
    try:
        streams = await way.open(_verifying())
    except ssl.SSLCertVerificationError:
        raise await _unverified_server(way, known="") from None
    except ssl.SSLError:
        if way.is_own and address.is_loopback and not address.tls:
            return await _open_plain(way)
        raise
    problem = _remember(known, address, AUTHORITY)
    return Transport(*streams, way.place(), problem=problem)


async def _open_vouched(way: Way, fingerprint: str) -> Transport:
    """Connect to a server that authorities vouched for once, if they still do."""
    try:
        reader, writer = await way.open(_verifying())
    except ssl.SSLCertVerificationError:
        raise await _unverified_server(way, known=AUTHORITY) from None
    _check_link(way, fingerprint, writer)
    return Transport(reader, writer, way.place())


async def _open_plain(way: Way) -> Transport:
    return Transport(*await way.open(), Place(way.server))


async def _open_known(way: Way, known: KnownServers, pinned: str, fingerprint: str) -> Transport:
    reader, writer = await way.open(_unverified())
    shown = _check_link(way, fingerprint, writer)
    if (pinned or shown) != shown:
        writer.transport.abort()
        raise _refused(way, TrustMismatch(pinned, shown))
    problem = "" if pinned else _remember(known, way.server, shown)
    return Transport(reader, writer, way.place(shown), problem=problem)


def _check_link(way: Way, fingerprint: str, writer: asyncio.StreamWriter) -> str:
    """Return the server's fingerprint, which is the one of the link. Raises NotConnected."""
    shown = _shown_by(writer)
    if (fingerprint or shown) == shown:
        return shown
    writer.transport.abort()
    if not way.is_own:
        raise _refused(way, TrustMismatch(fingerprint, shown))
    raise NotConnected(
        f"The link is for a server with the fingerprint {fingerprint}, but {way.server} has "
        f"{shown}. Nothing was sent. Ask the person who gave you the link."
    )


async def _unverified_server(way: Way, known: str) -> NotConnected:
    """Return what a server shows for which no authority vouches."""
    _, writer = await way.open(_unverified())
    shown = _shown_by(writer)
    writer.transport.abort()
    return _refused(way, TrustMismatch(known, shown))


def _refused(way: Way, mismatch: TrustMismatch) -> NotConnected:
    """Return why nothing is sent: something to ask the user about, if that was the user's way."""
    if way.is_own:
        return UnverifiedServer(way.server, mismatch)
    if mismatch.known in ("", AUTHORITY):
        return NotUsed(way, f"no authority vouches for it as {way.server.network_host}")
    return NotUsed(way, f"its fingerprint is {mismatch.shown} and not {mismatch.known}")


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


def _why_none(failures: Sequence[Exception]) -> str:
    """Return why the server answers at none of its addresses, the first of which is its own."""
    own, *others = map(str, failures)
    unused = [str(failure) for failure in failures if isinstance(failure, NotUsed)]
    silent = len(others) - len(unused)
    noun, verb = ("address", "does") if silent == 1 else ("addresses", "do")
    rest = [f"{silent} other {noun} {verb} not answer either."] if silent else []
    return " ".join([own, *unused, *rest])


def _not_tls(address: Address) -> str:
    plain = replace(address, plain=True, tls=False)
    return (
        f"{address} does not support TLS 1.3. Nothing was sent. {plain} connects without "
        "encryption: others on the network could read everything."
    )
