"""Hosts by name or address: which there can be, and who counts as one for limits."""

import re
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import urlsplit

# Bits of an IPv6 address that identify a subscriber, who chooses the other 64.
_SUBSCRIBER_BITS: Final = 64

_WEB_URL: Final = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._~%/-]*)?", re.ASCII)
_HOST: Final = re.compile(
    r"[A-Za-z0-9]([A-Za-z0-9._:-]{0,251}[A-Za-z0-9])?|::[0-9a-fA-F:.]*", re.ASCII
)

_NODE: Final = re.compile(r"(?:\[(?P<ip>[^\[\]]+)\]|(?P<name>[^:\[\]]+)):(?P<port>[1-9][0-9]{0,4})")
_MAX_PORT: Final = 65_535


@dataclass(frozen=True, slots=True)
class Node:
    """Another address of a server; the same certificate is there."""

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def parse_node(text: str) -> Node:
    """Return the node that `text` is, as HOST:PORT. Raises ValueError."""
    match = _NODE.fullmatch(text)
    if match is not None and int(match["port"]) <= _MAX_PORT:
        host = _ipv6(match["ip"]) if match["ip"] else match["name"]
        if host and (match["ip"] or is_host(host)):
            return Node(host, int(match["port"]))
    raise ValueError("Use HOST:PORT, such as chat2.example.org:7667.")


def _ipv6(text: str) -> str:
    """Return the shortest spelling of an address; empty if it is none, or has a zone."""
    try:
        return "" if "%" in text else str(IPv6Address(text))
    except ValueError:
        return ""


def is_host(text: str) -> bool:
    """Return whether `text` is valid in a link and a certificate: an ASCII name or an address."""
    return _HOST.fullmatch(text) is not None


def is_loopback(host: str) -> bool:
    """Return whether `host` names this machine and no other."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_web_url(text: str) -> bool:
    """Return whether `text` is the address of web pages, and of nothing that must stay secret.

    https://HOST:PORT/PATH, in characters that mean nothing to a shell; http:// for this machine.
    """
    if _WEB_URL.fullmatch(text) is None:
        return False
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
        is_secure = parts.scheme == "https" or is_loopback(host)
        return is_host(host) and parts.port != 0 and is_secure
    except ValueError:  # no port, or no IPv6 address
        return False


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
