"""The join link: `chat://host:port/room?fp=SHA256:…#password`.

One line that a friend can paste: where the server is, how to know that it is
the right one, and what opens the room. Host and port alone are a link too.
The password stands behind `#`, which no program sends to a server by itself.
"""

from dataclasses import dataclass
from urllib.parse import parse_qs, quote, unquote, urlsplit

from chat_shared.errors import BadLink

DEFAULT_PORT = 7667
_FINGERPRINT = "SHA256:"


@dataclass(frozen=True, slots=True)
class Link:
    host: str
    port: int = DEFAULT_PORT
    room: str = ""
    fingerprint: str = ""  # of the server's certificate, as `SHA256:` and hexadecimal
    password: str = ""  # of the room

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        query = f"?fp={self.fingerprint}" if self.fingerprint else ""
        secret = f"#{quote(self.password)}" if self.password else ""
        return f"chat://{host}:{self.port}/{quote(self.room, safe='')}{query}{secret}"


def parse_link(text: str) -> Link:
    """Return the link in `text`, or raise BadLink saying what is wrong with it."""
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError:
        raise BadLink("The port of a link is a number from 1 to 65535.") from None
    if parts.scheme != "chat":
        raise BadLink("A link starts with chat://")
    if not parts.hostname:
        raise BadLink("A link names a server: chat://HOST:PORT/")
    return Link(
        host=parts.hostname,
        port=port or DEFAULT_PORT,
        room=unquote(parts.path.lstrip("/")),
        fingerprint=_fingerprint(parts.query),
        password=unquote(parts.fragment),
    )


def _fingerprint(query: str) -> str:
    value = parse_qs(query).get("fp", [""])[0]
    if value and not value.startswith(_FINGERPRINT):
        raise BadLink(f"The fingerprint of a link starts with {_FINGERPRINT}")
    return value
