"""The join link: `chat://host:port/room?fp=SHA256:…&alt=host:port&ssh=port:SHA256:…#password`.

One line that a friend can paste: where the server is, and perhaps where else
(`alt`, repeated), how to recognise it, and the room with its password. Host and
port alone are a link too. The password, or `join-` and the code of an
invitation, or `guest-` and a code for guests, follows `#`, which no program sends
to a server by itself.
"""

import hashlib
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, quote, unquote, urlsplit

from chat_shared.addresses import Node, parse_node
from chat_shared.errors import BadLink
from chat_shared.limits import MAX_NODES

DEFAULT_PORT = 7667
_MAX_PORT = 65_535
_FINGERPRINT = "SHA256:"
_SSH = re.compile(r"(?P<port>[1-9][0-9]{0,4}):(?P<key>SHA256:[A-Za-z0-9+/]+)")

# Before an invitation's code, in a link and as the user name of an ssh line. Codes that a
# server makes; a room's password looks no different, so it is not enough that it has that form.
JOIN = "join-"
GUEST = "guest-"  # likewise, before a code that lets in guests
_INVITATION = re.compile(
    rf"(?P<kind>{JOIN}|{GUEST})(?P<code>[0-9A-Za-z]{{4}}(?:-[0-9A-Za-z]{{4}}){{2}})"
)
_KEY = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")
_NO_SERVER = "A link needs a server: chat://HOST:PORT/"


@dataclass(frozen=True, slots=True)
class JoinLink:
    host: str
    port: int = DEFAULT_PORT
    room: str = ""
    fingerprint: str = ""  # of the server's certificate, as `SHA256:` and hexadecimal
    password: str = ""  # of the room
    code: str = ""  # of an invitation, in place of the password
    ssh_port: int = 0  # where the server serves the client over ssh, with
    ssh_key: str = ""  # the fingerprint of its host key, as `ssh` shows it: `SHA256:` and base64
    guest: bool = False  # whether the code lets in guests
    alts: tuple[Node, ...] = ()  # other addresses of the server

    def __str__(self) -> str:
        host = f"[{quote(self.host, safe=':')}]" if ":" in self.host else self.host
        where = f"{host}:{self.port}/{quote(self.room, safe='')}"
        return f"chat://{where}{self._query()}{self._secret()}"

    def _query(self) -> str:
        ssh = self.ssh_key and f"{self.ssh_port}:{self.ssh_key}"
        alts = [("alt", str(node)) for node in self.alts]
        given = [("fp", self.fingerprint), *alts, ("ssh", ssh)]
        fields = [f"{name}={quote(value, safe=':/')}" for name, value in given if value]
        return f"?{'&'.join(fields)}" if fields else ""

    def _secret(self) -> str:
        kind = GUEST if self.guest else JOIN
        secret = f"{kind}{self.code}" if self.code else self.password
        return f"#{quote(secret)}" if secret else ""


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
    query, secret = parse_qs(parts.query), unquote(parts.fragment)
    ssh_port, ssh_key = _ssh(query)
    return JoinLink(
        host=unquote(parts.hostname) if ":" in parts.hostname else parts.hostname,
        port=_port(parts),
        room=unquote(parts.path.lstrip("/")),
        fingerprint=_fingerprint(query),
        password="" if invited_by(secret) else secret,
        code=invited_by(secret),
        guest=invites_guest(secret),
        ssh_port=ssh_port,
        ssh_key=ssh_key,
        alts=_alts(query),
    )


def invited_by(text: str) -> str:
    """Return the code in `join-CODE` or `guest-CODE`; empty if `text` is something else."""
    match = _INVITATION.fullmatch(text)
    return match["code"].lower() if match else ""


def invites_guest(text: str) -> bool:
    """Return whether `text` is `guest-CODE`."""
    match = _INVITATION.fullmatch(text)
    return match is not None and match["kind"] == GUEST


def is_host_key(text: str) -> bool:
    """Return whether `text` is the fingerprint of an SSH host key, as `ssh` shows it."""
    return _KEY.fullmatch(text) is not None


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


def _ssh(query: dict[str, list[str]]) -> tuple[int, str]:
    value = query.get("ssh", [""])[0]
    if not value:
        return 0, ""
    match = _SSH.fullmatch(value)
    if match is None or int(match["port"]) > _MAX_PORT:
        raise BadLink("What follows ssh= in a link is PORT:SHA256:…")
    return int(match["port"]), match["key"]


def _alts(query: dict[str, list[str]]) -> tuple[Node, ...]:
    values = query.get("alt", [])
    if len(values) > MAX_NODES:
        raise BadLink(f"A link has at most {MAX_NODES} other addresses of its server.")
    try:
        return tuple(map(parse_node, values))
    except ValueError:
        raise BadLink("What follows alt= in a link is HOST:PORT.") from None


def _fingerprint(query: dict[str, list[str]]) -> str:
    value = query.get("fp", [""])[0]
    if value and not value.startswith(_FINGERPRINT):
        raise BadLink(f"The fingerprint in a link starts with {_FINGERPRINT}")
    return value
