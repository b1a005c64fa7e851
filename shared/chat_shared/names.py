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


def check_name(name: str) -> str:
    """Return `name` as it will be shown, or raise `Refused` (bad_name) saying what is wrong."""
    if not 1 <= len(name) <= MAX_NAME:
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


@lru_cache(maxsize=10_000)
def fold(name: str) -> str:
    """Return the key under which `name` is known: equal keys mean one account or room.

    A text that cannot be a name folds to itself, and so matches nothing.
    """
    try:
        folded: str = _COMPARED.enforce(name)
    except UnicodeEncodeError:
        return name
    return folded


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

    Raises UnicodeEncodeError where it has none (control characters).
    """
    prepared: str = _PASSWORD.enforce(password)
    return prepared
