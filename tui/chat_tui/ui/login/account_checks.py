"""Checks a name or a password while it is typed. Does not ask a server."""

from collections.abc import Callable

from chat_shared.errors import Refused
from chat_shared.limits import MIN_PASSWORD
from chat_shared.names import check_guest_name, check_name, check_password


def problem_of_name(name: str) -> str:
    """Return what is wrong with `name`; empty if it is valid."""
    return _problem(check_name, name)


def problem_of_guest(name: str) -> str:
    """Return why a guest cannot be called `name`; empty if that is valid."""
    return _problem(check_guest_name, name)


def problem_of_password(password: str) -> str:
    """Return what is wrong with the password, or still missing; empty if it is valid."""
    if len(password) < MIN_PASSWORD:
        return f"At least {MIN_PASSWORD} characters ({MIN_PASSWORD - len(password)} more)."
    return _problem(check_password, password)


def _problem(check: Callable[[str], object], value: str) -> str:
    try:
        check(value)
    except Refused as refusal:
        return refusal.message
    return ""
