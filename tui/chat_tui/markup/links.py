"""Addresses in messages that may be opened, and where they really lead.

Pure: it reads an address and opens nothing. Only three schemes are links at
all; what else looks like one stays text.
"""

import re
from typing import Final, NamedTuple
from urllib.parse import quote, urlsplit

SCHEMES: Final = ("http", "https", "mailto")

# What may end a sentence or a mark behind an address, and is not part of it.
_TRAILING: Final = frozenset(".,;:!?'\"*_~…’”")
_CLOSING: Final = {")": "(", "]": "[", "}": "{"}

# What a URL is made of (RFC 3986), and the sign of what is encoded already.
_URL_CHARACTERS: Final = ":/?#[]@!$&'()*+,;=-._~%"
_MAX_HOST: Final = 253  # characters (RFC 1035)
_HOST: Final = re.compile(r"[a-z0-9._-]+|\[?[0-9a-f:.]+\]?", re.IGNORECASE)


class Target(NamedTuple):
    """Where a link leads."""

    url: str
    """Complete, in ASCII, as a browser and a terminal take it."""
    host: str
    """The part that says whose it is: a host as it is looked up, or who gets the mail."""


def target(address: str) -> Target | None:
    """Return where `address` leads, or None if that is nowhere a client should go."""
    try:
        parts = urlsplit(address)
        scheme, host = parts.scheme, _host_of(parts.scheme, parts.path, parts.hostname)
    except (ValueError, UnicodeError):  # what is no address is no link
        return None
    if scheme not in SCHEMES or not host:
        return None
    return Target(_ascii_url(address, parts.hostname or "", host), host)


def without_trailing(address: str) -> str:
    """Return `address` without the punctuation of the sentence that it ends."""
    surplus = {end: address.count(end) - address.count(start) for end, start in _CLOSING.items()}
    end = len(address)
    while end:
        last = address[end - 1]
        if surplus.get(last, 0) > 0:
            surplus[last] -= 1
        elif last not in _TRAILING:
            break
        end -= 1
    return address[:end]


def _host_of(scheme: str, path: str, hostname: str | None) -> str:
    if scheme == "mailto":
        return path if re.fullmatch(r"[^\s@]+@[^\s@]+", path) else ""
    # As it is looked up: letters of another script that look like these are seen.
    if not hostname or len(hostname) > _MAX_HOST:
        return ""
    host = hostname.encode("idna").decode("ascii")
    return host if _HOST.fullmatch(host) else ""


def _ascii_url(address: str, hostname: str, host: str) -> str:
    if hostname != host and not address.startswith("mailto:"):
        at = address.lower().find(hostname)
        address = address[:at] + host + address[at + len(hostname) :]
    return quote(address, safe=_URL_CHARACTERS)
