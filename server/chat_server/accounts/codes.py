"""Codes that people pass on: room passwords, first passwords, invitations."""

import hashlib
import secrets
from typing import Final

# Crockford's base 32: no i, l, o or u, so nothing is misread or spells a word.
_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_GROUPS: Final = 3  # of four characters of five bits: 60 bits, beyond guessing
_GROUP: Final = 4


def make_code() -> str:
    """Return a new code such as `k7qm-2vxh-9rtd`."""
    return "-".join(
        "".join(secrets.choice(_ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS)
    )


def normalize_code(code: str) -> str:
    """Return a typed code as `make_code` writes it, whatever its case."""
    return code.strip().lower()


def code_digest(code: str) -> bytes:
    """Return the digest under which an invitation is stored, however its code was typed."""
    return hashlib.sha256(normalize_code(code).encode()).digest()
