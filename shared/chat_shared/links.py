"""The join link: `chat://host:port/room?fp=SHA256:…#password`.

One line that a friend can paste: where the server is, how to recognise it, and
the room with its password. Host and port alone are a link too. The password
follows `#`, which no program sends to a server by itself.
"""

import hashlib
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, quote, unquote, urlsplit

from chat_shared.errors import BadLink

DEFAULT_PORT = 7667
_FINGERPRINT = "SHA256:"
_NO_SERVER = "A link needs a server: chat://HOST:PORT/"


@dataclass(frozen=True, slots=True)
class JoinLink:
    host: str
    port: int = DEFAULT_PORT
    room: str = ""
    fingerprint: str = ""  # of the server's certificate, as `SHA256:` and hexadecimal
    password: str = ""  # of the room

    def __str__(self) -> str:
        host = f"[{quote(self.host, safe=':')}]" if ":" in self.host else self.host
        query = f"?fp={quote(self.fingerprint, safe=':')}" if self.fingerprint else ""
        secret = f"#{quote(self.password)}" if self.password else ""
        return f"chat://{host}:{self.port}/{quote(self.room, safe='')}{query}{secret}"


def fingerprint_of(certificate: bytes) -> str:
    """Return the fingerprint of `certificate` (in DER): `SHA256:` and 64 hexadecimal digits."""
    return _FINGERPRINT + hashlib.sha256(certificate).hexdigest()


def parse_link(text: str) -> JoinLink:
    """Return the link in `text`. Raises BadLink."""
    parts = _split(text.strip())
    if parts.scheme != "chat":
        raise BadLink("A link starts with chat://")
    # The part before an @ looks like the server, but another host would be connected to.
    if not parts.hostname or "@" in parts.netloc or " " in parts.netloc:
        raise BadLink(_NO_SERVER)
    return JoinLink(
        host=unquote(parts.hostname) if ":" in parts.hostname else parts.hostname,
        port=_port(parts),
        room=unquote(parts.path.lstrip("/")),
        fingerprint=_fingerprint(parts.query),
        password=unquote(parts.fragment),
    )


def _split(text: str) -> SplitResult:
    if not text.isprintable():
        raise BadLink("A link is one line without control characters.")
    try:
        return urlsplit(text)
    except ValueError:  # brackets, or characters that only look like a host's
        raise BadLink(_NO_SERVER) from None


def _port(parts: SplitResult) -> int:
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise BadLink("The port in a link must be a number from 1 to 65535.")
    return port or DEFAULT_PORT


def _fingerprint(query: str) -> str:
    value = parse_qs(query).get("fp", [""])[0]
    if value and not value.startswith(_FINGERPRINT):
        raise BadLink(f"The fingerprint in a link starts with {_FINGERPRINT}")
    return value
