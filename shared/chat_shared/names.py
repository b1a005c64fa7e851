"""Which names accounts and rooms can have, and when two names are the same.

RFC 8265: names are UsernameCasePreserved to show and UsernameCaseMapped to
compare, so `Ada`, `ada` and full-width `ａｄａ` are one person; passwords are
OpaqueString, so the same keys typed on two systems are the same bytes.
"""

import re
from functools import lru_cache, partial
from unicodedata import category, normalize

from chat_shared.errors import Code, Refused
from chat_shared.lengths import too_long
from chat_shared.limits import GENERAL, MAX_NAME, MAX_PASSWORD, MIN_PASSWORD
from chat_shared.precis import COMPARED_NAME, PASSWORD, SHOWN_NAME

# Characters in which a name can be spelt: Unicode decomposes a letter into at most
# four. Longer texts come from strangers, up to a frame long: they are neither folded
# (a third of a second each) nor cached (10,000 of them would be 600 MB).
_MAX_SPELLING = 4 * MAX_NAME
_MAX_TYPED = 4 * MAX_PASSWORD  # characters in which a password can be spelt, likewise
_TOO_LONG = "too long"
_NAME = "The name"
_WRONG_LENGTH = partial(
    Refused,
    Code.WEAK_PASSWORD,
    f"A password must have {MIN_PASSWORD} to {MAX_PASSWORD} characters.",
)

_PLAIN = re.compile("[!-~]+")  # all of ASCII that names may have
_JOINERS = "\u200c\u200d"
_MAX_MARKS = 4  # on one letter, after UTS #39: no writing system needs more in a name
# Names that would make a person look like a part of the server, as keys.
_RESERVED = frozenset(
    [
        *("admin", "administrator", "everyone", GENERAL, "guest", "moderator", "operator"),
        *("owner", "root", "server", "system", "trialogue"),
    ]
)

# What the names of guests begin with, and stay with if they keep their account.
GUEST_PREFIX = "guest-"
_CODE = re.compile(r"[0-9a-z]{4}(-[0-9a-z]{4}){2}")


def check_name(name: str, limit: int = MAX_NAME) -> str:
    """Return `name`, of at most `limit` characters, as it will be shown.

    Raises Refused (bad_name).
    """
    if not name:
        raise Refused(Code.BAD_NAME, "A name can't be empty.")
    if len(name) > _MAX_SPELLING:
        raise Refused(Code.BAD_NAME, too_long(_NAME, name, limit))
    try:
        shown = SHOWN_NAME.enforce(name)
    except UnicodeEncodeError:
        raise Refused(
            Code.BAD_NAME,
            "A name can contain letters, digits and punctuation such as . _ -, but no spaces.",
        ) from None
    if sentence := too_long(_NAME, shown, limit):
        raise Refused(Code.BAD_NAME, sentence)
    if not shown[0].isalnum():
        raise Refused(Code.BAD_NAME, "A name must start with a letter or a digit.")
    return shown


def check_new_name(name: str, limit: int = MAX_NAME) -> str:
    """Return `name` as `check_name`, if it can be given to a new account or room.

    Older ones may have such names. Raises Refused (bad_name).
    """
    shown = check_name(name, limit)
    if any(joiner in shown for joiner in _JOINERS):  # the same name with and without looks alike
        raise Refused(Code.BAD_NAME, "A name can't contain invisible characters.")
    if _has_tower(shown):
        raise Refused(
            Code.BAD_NAME,
            f"A letter of a name can have at most {_MAX_MARKS} accents or other marks.",
        )
    return shown


def check_account_name(name: str, limit: int = MAX_NAME) -> str:
    """Return `name` as `check_new_name`, if a person may have it. Raises Refused (bad_name)."""
    shown = check_new_name(name, limit)
    if fold(shown) in _RESERVED:
        raise Refused(Code.BAD_NAME, f"The name {shown} is reserved. Choose another.")
    if fold(shown).startswith(GUEST_PREFIX):
        raise Refused(
            Code.BAD_NAME, f"Names that begin with {GUEST_PREFIX} are for guests. Choose another."
        )
    if "(" in shown or ")" in shown:  # as in `ada (owner)`, which the member list writes
        raise Refused(Code.BAD_NAME, "A name can't contain parentheses.")
    return shown


def check_guest_name(name: str) -> str:
    """Return `name` with the prefix of guests, typed with it or not, if a guest may have it.

    Raises Refused (bad_name).
    """
    prefix = len(GUEST_PREFIX)
    own = name[prefix:] if fold(name[:prefix]) == GUEST_PREFIX else name
    shown = check_new_name(GUEST_PREFIX + check_account_name(own, MAX_NAME - prefix))
    if _CODE.fullmatch(fold(shown)[prefix:]):  # over ssh it would be taken for a code
        raise Refused(Code.BAD_NAME, "This looks like an invitation code. Choose another name.")
    return shown


def _has_tower(name: str) -> bool:
    decomposed = normalize("NFD", name)
    marks = "".join("m" if category(char).startswith("M") else " " for char in decomposed)
    return "m" * (_MAX_MARKS + 1) in marks


def fold(name: str) -> str:
    """Return the key of `name`: names with equal keys are one account or room.

    A text that cannot be a name folds to itself, and so matches nothing.
    """
    return name if len(name) > _MAX_SPELLING else _fold(name)


@lru_cache(maxsize=10_000)
def _fold(name: str) -> str:
    if _PLAIN.fullmatch(name):
        return name.lower()  # as COMPARED_NAME does, which takes a hundred times as long
    try:
        return COMPARED_NAME.enforce(name)
    except UnicodeEncodeError:
        return name


def is_direct(room: str) -> bool:
    """Return whether `room` names direct messages: no other room can have such a name."""
    return room.startswith("@")


def check_password(password: str) -> str:
    """Return `password` as it is hashed. Raises Refused (weak_password)."""
    try:
        prepared = prepare_password(password) if password else ""
    except UnicodeEncodeError as exc:
        if exc.reason == _TOO_LONG:
            raise _WRONG_LENGTH() from None
        raise Refused(
            Code.WEAK_PASSWORD,
            "A password can't contain control characters, nor invisible ones (as some emoji have).",
        ) from None
    if len(prepared) < MIN_PASSWORD:
        raise _WRONG_LENGTH()
    return prepared


def prepare_password(password: str) -> str:
    """Return the form of `password` that can be compared byte by byte.

    Raises UnicodeEncodeError where there is none: for control and invisible characters, or
    for more than MAX_PASSWORD characters in this form (a whole frame would take too long).
    """
    prepared = PASSWORD.enforce(password) if len(password) <= _MAX_TYPED else password
    if len(prepared) > MAX_PASSWORD:
        raise UnicodeEncodeError("OpaqueString", password, 0, len(password), _TOO_LONG)
    return prepared
