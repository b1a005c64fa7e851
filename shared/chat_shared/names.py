"""What an account or a room may be called, and when two names are the same.

RFC 8265: names are UsernameCasePreserved to show and UsernameCaseMapped to
compare, so `Ada`, `ada` and full-width `ａｄａ` are one person; passwords are
OpaqueString, so the same keys typed on two systems are the same bytes.
"""

from functools import lru_cache

from precis_i18n import get_profile

from chat_shared.errors import Code, Refused
from chat_shared.limits import MAX_NAME, MAX_PASSWORD, MIN_PASSWORD

_SHOWN = get_profile("UsernameCasePreserved")
_COMPARED = get_profile("UsernameCaseMapped")
_PASSWORD = get_profile("OpaqueString")

# Characters that a name can be spelt with: Unicode takes a letter apart into at
# most four. Longer ones come from strangers, a frame long: neither folded (a
# third of a second each) nor remembered (10,000 of them would be 600 MB).
_MAX_SPELLING = 4 * MAX_NAME


def check_name(name: str) -> str:
    """Return `name` as it will be shown, or raise `Refused` (bad_name) saying what is wrong."""
    if not 1 <= len(name) <= _MAX_SPELLING:
        raise Refused(Code.BAD_NAME, f"A name has 1 to {MAX_NAME} characters.")
    try:
        shown: str = _SHOWN.enforce(name)
    except UnicodeEncodeError:
        raise Refused(
            Code.BAD_NAME, "A name is made of letters, digits and signs, without spaces."
        ) from None
    if len(shown) > MAX_NAME:
        raise Refused(Code.BAD_NAME, f"A name has 1 to {MAX_NAME} characters.")
    if not shown[0].isalnum():
        raise Refused(Code.BAD_NAME, "A name starts with a letter or a digit.")
    return shown


def fold(name: str) -> str:
    """Return the key under which `name` is known: equal keys mean one account or room.

    A text that cannot be a name folds to itself, and so matches nothing.
    """
    return name if len(name) > _MAX_SPELLING else _fold(name)


@lru_cache(maxsize=10_000)
def _fold(name: str) -> str:
    try:
        folded: str = _COMPARED.enforce(name)
    except UnicodeEncodeError:
        return name
    return folded


def is_direct(room: str) -> bool:
    """Say whether this names a room of two: no room that people make can be called so."""
    return room.startswith("@")


def check_password(password: str) -> str:
    """Return `password` as it is hashed, or raise `Refused` (weak_password)."""
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise Refused(
            Code.WEAK_PASSWORD, f"A password has {MIN_PASSWORD} to {MAX_PASSWORD} characters."
        )
    try:
        return prepare_password(password)
    except UnicodeEncodeError:
        raise Refused(Code.WEAK_PASSWORD, "A password cannot hold control characters.") from None


def prepare_password(password: str) -> str:
    """Return the bytes-for-bytes comparable form of `password`.

    Raises UnicodeEncodeError where it has none: control characters, or longer
    than a password can be (a frame full would take a third of a second).
    """
    if len(password) > MAX_PASSWORD:
        raise UnicodeEncodeError("OpaqueString", password, MAX_PASSWORD, len(password), "too long")
    prepared: str = _PASSWORD.enforce(password)
    return prepared
