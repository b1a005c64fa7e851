"""Checks a name or a password while it is typed. Does not ask a server."""

from chat_shared.errors import Refused
from chat_shared.limits import MIN_PASSWORD
from chat_shared.names import check_name, check_password


def problem_of_name(name: str) -> str:
    """Return what is wrong with `name`; empty if it is valid."""
    try:
        check_name(name)
    except Refused as refusal:
        return refusal.message
    return ""


def problem_of_password(password: str) -> str:
    """Return what is wrong with the password, or still missing; empty if it is valid."""
    if len(password) < MIN_PASSWORD:
        return f"At least {MIN_PASSWORD} characters ({MIN_PASSWORD - len(password)} more)."
    try:
        check_password(password)
    except Refused as refusal:
        return refusal.message
    return ""
