"""Hosts by name or address: which there can be, and who counts as one for limits."""

import re
from ipaddress import IPv6Address, IPv6Network
from typing import Final

# Bits of an IPv6 address that identify a subscriber, who chooses the other 64.
_SUBSCRIBER_BITS: Final = 64

_HOST: Final = re.compile(
    r"[A-Za-z0-9]([A-Za-z0-9._:-]{0,251}[A-Za-z0-9])?|::[0-9a-fA-F:.]*", re.ASCII
)


def is_host(text: str) -> bool:
    """Return whether `text` is valid in a link and a certificate: an ASCII name or an address."""
    return _HOST.fullmatch(text) is not None


def limit_address(host: str) -> str:
    """Return the address that limits count for `host`: IPv4 whole, IPv6 by its /64 network."""
    if ":" not in host:
        return host
    address = IPv6Address(host)
    if address.ipv4_mapped is not None:  # from a dual-stack socket
        return str(address.ipv4_mapped)
    return (
        host if address.is_loopback else str(IPv6Network((int(address), _SUBSCRIBER_BITS), False))
    )
