"""Where a server is, as people type it: `host`, `host:port`, `[::1]:7667` or a join link."""

from dataclasses import dataclass

from chat_shared.errors import BadLink
from chat_shared.links import DEFAULT_PORT, parse_link


class BadAddress(ValueError):
    """The text names no server; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Address:
    host: str
    port: int = DEFAULT_PORT

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORT else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Invitation:
    """A server, and perhaps a room on it with the password that opens it."""

    address: Address
    room: str = ""
    password: str = ""


def read_invitation(text: str) -> Invitation:
    """Return what a `chat://` link or an address says. Raises BadAddress."""
    if "://" not in text:
        return Invitation(read_address(text))
    try:
        link = parse_link(text)
    except BadLink as exc:
        raise BadAddress(str(exc)) from None
    return Invitation(Address(link.host, link.port), link.room, link.password)


def read_address(text: str) -> Address:
    """Return the server that `text` names. Raises BadAddress."""
    text = text.strip()
    if not text or any(char.isspace() or char in "/@#?" for char in text):
        raise BadAddress("A server is written HOST or HOST:PORT.")
    host, port = _split(text)
    if not host:
        raise BadAddress("A server is written HOST or HOST:PORT.")
    return Address(host, _port(port) if port else DEFAULT_PORT)


def _split(text: str) -> tuple[str, str]:
    if text.startswith("["):
        host, _, rest = text[1:].partition("]")
        return host, rest.removeprefix(":")
    if text.count(":") > 1:
        return text, ""  # an IPv6 address without brackets has no port
    host, _, port = text.partition(":")
    return host, port


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:6]) <= 65_535:
        raise BadAddress("The port of a server is a number from 1 to 65535.")
    return int(text)
