"""Server addresses as people type them: `host`, `host:port`, `[::1]:7667` or a join link.

`tcp://host` is a connection without encryption, `unix:///path` a socket on this
computer. Everything else uses TLS; `tls://host` also where a server on this computer
may do without.
"""

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

from chat_shared.addresses import Node
from chat_shared.errors import BadLink
from chat_shared.links import DEFAULT_PORT, JoinLink, parse_link
from chat_tui.markup.links import ascii_host

_WRITTEN: Final = "A server address is HOST or HOST:PORT."
_PLAIN: Final = "tcp://"
_TLS: Final = "tls://"
_UNIX: Final = "unix://"

# How a server is known where that is not by its fingerprint, as files have it.
AUTHORITY: Final = "authority"  # certificate authorities vouch for its name
UNENCRYPTED: Final = "unencrypted"

# Before the zone of an IPv6 address, such as its interface, as a URL has it (RFC 6874).
_ZONE: Final = re.compile("%25(?=.)")

_NUMBER: Final = "(?:0[xX][0-9a-fA-F]{1,8}|0[0-7]{0,11}|[1-9][0-9]{0,9})"
_SHORT_IP: Final = re.compile(rf"{_NUMBER}(?:\.{_NUMBER}){{0,3}}")


class BadAddress(ValueError):
    """The text is no server address; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Address:
    host: str = ""
    port: int = DEFAULT_PORT
    plain: bool = False  # without TLS, by explicit choice
    path: str = ""  # of a Unix socket; host and port are unused then
    tls: bool = False  # with TLS, by explicit choice, even on this computer
    # Of somebody else's computer: people need not know where things are there.
    is_private: bool = field(default=False, compare=False)

    def __str__(self) -> str:
        if self.path:
            return f"{_UNIX}{self.path}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        where = host if self.port == DEFAULT_PORT else f"{host}:{self.port}"
        if self.plain:
            return f"{_PLAIN}{where}"
        return f"{_TLS}{where}" if self.tls else where

    @property
    def shown(self) -> str:
        """The address as people read it, who may not be at the computer of a socket."""
        if self.path:
            return "this server" if self.is_private else "this computer"
        return str(self)

    @property
    def network_host(self) -> str:
        """The one spelling of the host, by which it is looked up, verified and remembered."""
        return _canonical(self.host)

    @property
    def key(self) -> str:
        """The name under which data about this server is stored, however its address is written."""
        if self.path:
            return f"{_UNIX}{self.path}"
        host = self.network_host
        return f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether the connection stays on this computer, where nobody can intercept it."""
        ip = _ip(self.network_host)
        return self.network_host == "localhost" if ip is None else ip.is_loopback


@dataclass(frozen=True, slots=True)
class Invitation:
    """A server and its fingerprint, and perhaps a room on it with its password, or a code."""

    address: Address
    room: str = ""
    password: str = ""
    fingerprint: str = ""  # from the link; nothing is sent to a server with another one
    local: bool = False  # your own server, which stops with the client
    code: str = ""  # for one person, who can also create an account with it
    alts: tuple[Address, ...] = ()  # from the link; other addresses of the server
    guest: bool = False  # the code lets in guests instead, who need no account


@dataclass(frozen=True, slots=True)
class Place:
    """The server that the client is connected to."""

    address: Address
    encrypted: bool = False
    fingerprint: str = ""  # empty if the system's certificate authorities vouch for it
    at: Address | None = None  # another of its addresses, if that is where it answered
    home: Address | None = None  # another of its addresses, if it was known by that before
    others: tuple[Node, ...] = ()  # its other addresses, as it says

    @property
    def key(self) -> str:
        """The name under which data about this server is stored, whichever address was named."""
        return (self.home or self.address).key

    @property
    def shown(self) -> str:
        """The address as people read it, and where the server answered if not there."""
        return f"{self.address.shown} (at {self.at})" if self.at else self.address.shown

    @property
    def trust(self) -> str:
        """How the server is known: its fingerprint, AUTHORITY or UNENCRYPTED."""
        return (self.fingerprint or AUTHORITY) if self.encrypted else UNENCRYPTED

    def link_to(self, room: str, password: str) -> str:
        """Return a join link for `room`; empty if others could not follow it.

        It includes the fingerprint only where no certificate authority vouches for the
        server: such certificates are replaced every few months, which would break the link.
        """
        if not self.encrypted:
            return ""
        host, port = self.address.host, self.address.port
        alts = self.others_than(host, port)
        return str(JoinLink(host, port, room, self.fingerprint, password, alts=alts))

    def others_than(self, host: str, port: int) -> tuple[Node, ...]:
        """Return the other addresses in a link to this one."""
        key = Address(host, port).key
        return tuple(node for node in self.others if Address(node.host, node.port).key != key)

    def known_as(self, home: Address, others: tuple[Node, ...]) -> "Place":
        """Return this place with what is known once its server has greeted."""
        return replace(self, home=None if home.key == self.address.key else home, others=others)

    def is_meant_by(self, invitation: Invitation) -> bool:
        """Return whether `invitation` leads to this server, by its address or its fingerprint."""
        known = bool(self.fingerprint) and invitation.fingerprint == self.fingerprint
        return known or invitation.address.key == self.address.key


def read_invitation(text: str) -> Invitation:
    """Return the invitation in a `chat://` link or an address. Raises BadAddress."""
    text = text.strip()
    if "://" not in text or text.startswith((_PLAIN, _TLS, _UNIX)):
        return Invitation(read_address(text))
    try:
        link = parse_link(text)
    except BadLink as exc:
        raise BadAddress(str(exc)) from None
    # The digits are hexadecimal and compared as text.
    algorithm, colon, digits = link.fingerprint.partition(":")
    fingerprint = f"{algorithm}{colon}{digits.lower()}"
    address = Address(link.host, link.port)
    alts = tuple(Address(node.host, node.port) for node in link.alts)
    where = Invitation(address, link.room, link.password, fingerprint, alts=alts)
    return replace(where, code=link.code, guest=link.guest)


def read_address(text: str) -> Address:
    """Return the server that `text` names. Raises BadAddress."""
    text = text.strip()
    if text.startswith(_UNIX):
        return _socket(text.removeprefix(_UNIX))
    plain, tls = text.startswith(_PLAIN), text.startswith(_TLS)
    host, port = _split(text.removeprefix(_PLAIN if plain else _TLS))
    if not host:
        raise BadAddress(_WRITTEN)
    address = Address(host, _port(port) if port else DEFAULT_PORT, plain)
    return replace(address, tls=tls and address.is_loopback)  # elsewhere TLS is the rule


def _socket(path: str) -> Address:
    if not path.startswith("/") or not path.isprintable():
        raise BadAddress("A socket address is unix:///PATH, with an absolute path.")
    return Address(path=path)


def _split(text: str) -> tuple[str, str]:
    if not text or any(char.isspace() or char in "/@#?" for char in text):
        raise BadAddress(_WRITTEN)
    if text.startswith("["):
        host, _, rest = text[1:].partition("]")
        return _ZONE.sub("%", host), rest.removeprefix(":")
    if text.count(":") > 1:
        return text, ""  # an IPv6 address without brackets has no port
    host, _, port = text.partition(":")
    return host, port


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:6]) <= 65_535:
        raise BadAddress("The port must be a number from 1 to 65535.")
    return int(text)


@lru_cache
def _canonical(host: str) -> str:
    """Return `host` as networks know it: an IP address in full, or a name in lower-case ASCII.

    Whatever a resolver takes for the same host must come out the same, or a known
    server passes for a new one: 127.1, a trailing dot, bücher.example.
    """
    name = _ascii(host).lower()
    name = name.removesuffix(".") or name
    ip = _ip(name)
    return name if ip is None else str(getattr(ip, "ipv4_mapped", None) or ip)


def _ascii(host: str) -> str:
    """Return a name by UTS #46, or by the older rules for what those do not allow."""
    if host.isascii():
        return host
    try:
        return ascii_host(host)
    except UnicodeError:
        pass
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host  # nobody's: looking it up fails


def _ip(host: str) -> IPv4Address | IPv6Address | None:
    """Return the IP address that `host` is, also in the shorter forms that resolvers take."""
    try:
        return ip_address(host)
    except ValueError:
        return _short_ip(host)


def _short_ip(host: str) -> IPv4Address | None:
    """Return the address of 127.1, 0x7f.1 or 2130706433, as inet_aton(3) reads them."""
    if _SHORT_IP.fullmatch(host) is None:
        return None
    *first, last = (_number(part) for part in host.split("."))
    if any(byte > 0xFF for byte in first) or last >= 1 << 8 * (4 - len(first)):
        return None
    return IPv4Address(int.from_bytes(bytes(first)) << 8 * (4 - len(first)) | last)


def _number(text: str) -> int:
    """Return a number in C's notation: 0x and hexadecimal, 0 and octal, or decimal."""
    if text[:2] in ("0x", "0X"):
        return int(text, 16)
    return int(text, 8 if text[0] == "0" else 10)
