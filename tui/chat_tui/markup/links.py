"""Links in messages, and where they really lead.

Pure: it parses an address and opens nothing. Only three schemes are links; everything
else stays text.
"""

import re
from typing import Final, NamedTuple
from urllib.parse import SplitResult, quote, urlsplit

SCHEMES: Final = ("http", "https", "mailto")

# Characters that may end a sentence or a mark after an address, and are not part of it.
_TRAILING: Final = frozenset(".,;:!?'\"*_~…’”»؟،؛۔।॥")
_CLOSING: Final = {")": "(", "]": "[", "}": "{", "）": "（"}

# The characters of a URL (RFC 3986), and the percent sign of encoded ones.
_URL_CHARACTERS: Final = ":/?#[]@!$&'()*+,;=-._~%"
_MAX_HOST: Final = 253  # characters (RFC 1035)
_HOST: Final = re.compile(
    r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*\.?|\[?[0-9a-f:.]*:[0-9a-f:.]*\]?", re.IGNORECASE
)


class Target(NamedTuple):
    """Where a link leads."""

    url: str
    """Complete and in ASCII, for a browser or a terminal."""
    host: str
    """The part that shows whose it is: the host as it is looked up, or the mail address."""


def target(address: str) -> Target | None:
    """Return where `address` leads, or None if it is no link that a client may open."""
    try:
        parts = urlsplit(address)
        scheme, host = parts.scheme, _host_of(parts.scheme, parts.path, parts.hostname)
    except (ValueError, UnicodeError):  # malformed
        return None
    if scheme not in SCHEMES or not host:
        return None
    return Target(_ascii_url(parts, host), host)


def without_trailing(address: str) -> str:
    """Return `address` without the punctuation of the surrounding sentence."""
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
    # In the form that is looked up, which reveals look-alike letters of other scripts.
    if not hostname or len(hostname) > _MAX_HOST:
        return ""
    host = hostname if hostname.isascii() else ascii_host(hostname)
    return host if _HOST.fullmatch(host) else ""


def ascii_host(host: str) -> str:
    """Return a host by UTS #46, as browsers read it: ß stays ß. Raises UnicodeError."""
    import idna  # its tables take longer to import than most sessions need them

    encoded: bytes = idna.encode(host, uts46=True)
    return encoded.decode("ascii")


def _ascii_url(parts: SplitResult, host: str) -> str:
    if parts.hostname and not parts.hostname.isascii():
        user, at, place = parts.netloc.rpartition("@")
        _, colon, port = place.partition(":")  # not an IPv6 address, which would be ASCII
        parts = parts._replace(netloc=f"{user}{at}{host}{colon}{port}")
    return quote(parts.geturl(), safe=_URL_CHARACTERS)
