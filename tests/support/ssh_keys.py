"""SSH keys for tests: of any type, and with anything inside."""

import struct
from base64 import b64encode
from typing import Final

from chat_shared.ssh_keys import SshKey, parse_key


def line_of(kind: str, *fields: bytes, comment: str = "") -> str:
    """Return a public key as in a .pub file, with these fields behind its type."""
    packed = (struct.pack("!I", len(field)) + field for field in (kind.encode(), *fields))
    return f"{kind} {b64encode(b''.join(packed)).decode()} {comment}".rstrip()


def key(number: int, comment: str = "") -> SshKey:
    """Return one of many public keys of the usual type."""
    return parse_key(line_of("ssh-ed25519", number.to_bytes(32), comment=comment))


KEY: Final = str(key(1, "ada@laptop"))
OTHER: Final = str(key(2, "ada@phone"))
