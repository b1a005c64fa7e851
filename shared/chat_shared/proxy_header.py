"""The header by which a proxy says whose connection it forwards: PROXY protocol, version 2.

Source: https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt, section 2.2. The header is
binary and precedes everything else, TLS included. Anyone who may send it can claim any address, so
it is read from trusted proxies only.
"""

import struct
from ipaddress import ip_address
from typing import Final, NamedTuple

SIGNATURE: Final = b"\r\n\r\n\0\r\nQUIT\n"

# Bytes up to and including the length of what follows.
FIXED: Final = 16

# Bytes behind those, at most: the addresses, and a public key of the longest kind in use.
MAX_REST: Final = 4096

_LOCAL: Final = 0x20  # version 2; the proxy's own connection, as health checks are
_PROXY: Final = 0x21
_TCP4: Final = 0x11
_TCP6: Final = 0x21
_UNKNOWN: Final = 0x00
_IP_SIZES: Final = {_TCP4: 4, _TCP6: 16}  # bytes of an address
_PORTS: Final = 4  # bytes

# Types of the extensions from 0xE0 on are free for applications.
_VIA: Final = 0xE0
_PUBLIC_KEY: Final = 0xE1


class BadProxyHeaderError(ValueError):
    """The bytes are no header of this protocol; the message says why."""


class Origin(NamedTuple):
    """Where a connection comes from."""

    address: str = ""
    """An IPv4 or IPv6 address; empty for this machine."""
    via: str = ""
    """What the person connected by, "ssh" or "web"; empty for a client of their own."""
    public_key: bytes = b""
    """The SSH public key that they hold, in OpenSSH's binary form; empty without one."""


def write_header(origin: Origin) -> bytes:
    """Return the header for a connection from `origin`. Raises ValueError if it is too long."""
    family, addresses = _packed(origin.address)
    rest = addresses + _extension(_VIA, origin.via.encode())
    rest += _extension(_PUBLIC_KEY, origin.public_key)
    if len(rest) > MAX_REST:
        raise ValueError("the header would be too long")
    return SIGNATURE + struct.pack("!BBH", _PROXY, family, len(rest)) + rest


def length_of_rest(fixed: bytes) -> int:
    """Return how many bytes follow the first FIXED ones. Raises BadProxyHeaderError."""
    if len(fixed) != FIXED or not fixed.startswith(SIGNATURE):
        raise BadProxyHeaderError("no PROXY protocol version 2")
    _, _, length = struct.unpack("!BBH", fixed[len(SIGNATURE) :])
    if length > MAX_REST:
        raise BadProxyHeaderError("too long")
    return int(length)


def read_header(fixed: bytes, rest: bytes) -> Origin:
    """Return what a header says. Raises BadProxyHeaderError.

    Extensions of other applications are skipped.
    """
    if len(rest) != length_of_rest(fixed):
        raise BadProxyHeaderError("cut off")
    command, family = fixed[len(SIGNATURE)], fixed[len(SIGNATURE) + 1]
    if command == _LOCAL:
        return Origin()
    if command != _PROXY:
        raise BadProxyHeaderError("another version or command")
    address, extensions = _unpacked(family, rest)
    found = _extensions(extensions)
    via = found.get(_VIA, b"")
    return Origin(address, via.decode("ascii", "replace"), found.get(_PUBLIC_KEY, b""))


def _packed(address: str) -> tuple[int, bytes]:
    if not address:
        return _UNKNOWN, b""
    source = ip_address(address).packed
    family = _TCP4 if len(source) == _IP_SIZES[_TCP4] else _TCP6
    return family, source + bytes(len(source) + _PORTS)  # the target is of no interest


def _unpacked(family: int, rest: bytes) -> tuple[str, bytes]:
    """Return the address of the source, and what is behind the addresses."""
    if family == _UNKNOWN:
        return "", rest
    if family not in _IP_SIZES:
        raise BadProxyHeaderError("neither IPv4 nor IPv6")
    size = _IP_SIZES[family]
    end = 2 * size + _PORTS
    if len(rest) < end:
        raise BadProxyHeaderError("cut off")
    return str(ip_address(rest[:size])), rest[end:]


def _extension(kind: int, value: bytes) -> bytes:
    return struct.pack("!BH", kind, len(value)) + value if value else b""


def _extensions(data: bytes) -> dict[int, bytes]:
    found = {}
    while data:
        if len(data) < 3:
            raise BadProxyHeaderError("cut off")
        kind, length = struct.unpack("!BH", data[:3])
        if len(data) < 3 + length:
            raise BadProxyHeaderError("cut off")
        found[kind], data = data[3 : 3 + length], data[3 + length :]
    return found
