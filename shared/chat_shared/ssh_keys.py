"""SSH public keys: which ones can log in, and how they are shown.

A key is one line, as in OpenSSH's `.pub` files: type, key in Base64, comment. Sources: RFC 4253
section 6.6, RFC 5656, RFC 8709, and OpenSSH's PROTOCOL.u2f. What is inside a key is checked as far
as its sizes; whether somebody holds the private half is proven by a signature, elsewhere.
"""

import hashlib
import re
import struct
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from chat_shared.errors import BadSshKey
from chat_shared.lengths import too_long
from chat_shared.limits import MAX_SSH_KEY, MAX_SSH_KEY_COMMENT, MIN_RSA_BITS
from chat_shared.text import clean_line

# How private keys begin, in PEM and in PuTTY's form, and the first line inside OpenSSH's.
_PRIVATE: Final = re.compile(r"BEGIN [A-Z ]*PRIVATE KEY|PuTTY-User-Key-File|^b3BlbnNzaC1rZXkt")
_END_OF_PRIVATE: Final = re.compile(r"END [A-Z ]*PRIVATE KEY|Private-MAC:")
_IS_PRIVATE: Final = (
    "That is a private key, which nobody else may have. Replace it with a new one, since it has "
    "been shown here, and paste the line in the file that ends in .pub."
)
_NOT_A_KEY: Final = (
    "That isn't a public key. Paste the line in the file that ends in .pub, such as "
    "ssh-ed25519 AAAA… ada@laptop."
)
_CERTIFICATE: Final = "Certificates can't be added. Paste the public key itself."
_OTHER_TYPE: Final = "Keys of this type can't be added. Use ssh-keygen -t ed25519 to make one."
_SHORT_RSA: Final = f"An RSA key must have at least {MIN_RSA_BITS:,} bits."

# What verifying a signature costs grows with both: beyond these, to seconds. As in OpenSSL.
_MAX_RSA_BITS: Final = 16_384
_MAX_EXPONENT_BITS: Final = 64


@dataclass(frozen=True, slots=True)
class SshKey:
    """A public key that can be added to an account."""

    kind: str  # such as ssh-ed25519
    data: bytes  # in OpenSSH's binary form
    comment: str = ""  # cleaned: it may say anything

    @property
    def fingerprint(self) -> str:
        """The key's SHA-256, as OpenSSH shows it."""
        return fingerprint_of(digest_of(self.data))

    def __str__(self) -> str:
        return f"{self.kind} {b64encode(self.data).decode()} {self.comment}".rstrip()


def digest_of(data: bytes) -> bytes:
    """Return the SHA-256 by which a key is known."""
    return hashlib.sha256(data).digest()


def fingerprint_of(digest: bytes) -> str:
    """Return how a digest is shown: `SHA256:` and 43 characters of Base64."""
    return f"SHA256:{b64encode(digest).decode().rstrip('=')}"


def parse_key(text: str) -> SshKey:
    """Return the key in `text`. Raises BadSshKey, whose message never quotes it."""
    if is_private(text):
        raise BadSshKey(_IS_PRIVATE)
    if sentence := too_long("The key", text, MAX_SSH_KEY):
        raise BadSshKey(sentence)
    kind, encoded, comment = [*text.strip().split(None, 2), "", "", ""][:3]
    if "\n" in comment or not encoded:
        raise BadSshKey(_NOT_A_KEY)
    try:
        data = b64decode(encoded, validate=True)
    except (NotBase64, ValueError):
        raise BadSshKey(_NOT_A_KEY) from None
    if kind_of(data) != kind:
        raise BadSshKey(_NOT_A_KEY)
    check_key(data)
    return SshKey(kind, data, clean_line(comment).strip()[:MAX_SSH_KEY_COMMENT])


def is_private(text: str) -> bool:
    """Return whether `text` is a private key, or the first line of one."""
    return _PRIVATE.search(text) is not None


def is_end_of_private(text: str) -> bool:
    """Return whether a private key ends in `text`."""
    return _END_OF_PRIVATE.search(text) is not None


def check_key(data: bytes) -> None:
    """Raise BadSshKey unless a key in OpenSSH's binary form can log in."""
    kind = kind_of(data)
    if "-cert-" in kind:
        raise BadSshKey(_CERTIFICATE)
    if kind not in _CHECKS:
        raise BadSshKey(_OTHER_TYPE if kind else _NOT_A_KEY)
    try:
        fields = _fields(data)
    except struct.error:
        raise BadSshKey(_NOT_A_KEY) from None
    _CHECKS[kind](fields[1:])


def kind_of(data: bytes) -> str:
    """Return the type that a key in OpenSSH's binary form claims; empty if it is none."""
    try:
        return _field(data)[0].decode("ascii")
    except (struct.error, UnicodeDecodeError):
        return ""


def _field(data: bytes) -> tuple[bytes, bytes]:
    """Return the first field of `data`, and what follows. Raises struct.error."""
    (length,) = struct.unpack_from("!I", data)
    if len(data) < 4 + length:
        raise struct.error("cut off")
    return data[4 : 4 + length], data[4 + length :]


def _fields(data: bytes) -> list[bytes]:
    """Return all fields of `data`. Raises struct.error."""
    fields = []
    while data:
        field, data = _field(data)
        fields.append(field)
    return fields


def _check_sizes(*sizes: int | None) -> Callable[[list[bytes]], None]:
    """Return a check of the number of fields and their lengths; None stands for any length."""

    def check(fields: list[bytes]) -> None:
        fits = [size in (None, len(field)) for field, size in zip(fields, sizes, strict=False)]
        if len(fields) != len(sizes) or not all(fits):
            raise BadSshKey(_NOT_A_KEY)

    return check


def _check_rsa(fields: list[bytes]) -> None:
    if len(fields) != 2:
        raise BadSshKey(_NOT_A_KEY)
    exponent, modulus = (int.from_bytes(field).bit_length() for field in fields)
    if modulus > _MAX_RSA_BITS or exponent > _MAX_EXPONENT_BITS:
        raise BadSshKey(_NOT_A_KEY)
    if modulus < MIN_RSA_BITS:
        raise BadSshKey(_SHORT_RSA)


# What is behind the type. A point on a curve has two coordinates and a byte before; keys of a
# security token end with what they are for.
_APPLICATION: Final = None
_CHECKS: Final[dict[str, Callable[[list[bytes]], None]]] = {
    "ssh-ed25519": _check_sizes(32),
    "sk-ssh-ed25519@openssh.com": _check_sizes(32, _APPLICATION),
    "ecdsa-sha2-nistp256": _check_sizes(len("nistp256"), 65),
    "ecdsa-sha2-nistp384": _check_sizes(len("nistp384"), 97),
    "ecdsa-sha2-nistp521": _check_sizes(len("nistp521"), 133),
    "sk-ecdsa-sha2-nistp256@openssh.com": _check_sizes(len("nistp256"), 65, _APPLICATION),
    "ssh-rsa": _check_rsa,
}
KINDS: Final = tuple(_CHECKS)
