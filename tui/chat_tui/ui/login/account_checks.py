"""Checks a name and a password while they are typed, without a server."""

from chat_shared.errors import Refused
from chat_shared.limits import MIN_PASSWORD
from chat_shared.names import check_name, check_password


def problem_of_name(name: str) -> str:
    """Return why `name` is not valid, or an empty string."""
    try:
        check_name(name)
    except Refused as refusal:
        return refusal.message
    return ""


def problem_of_password(password: str) -> str:
    """Return why this password is not valid yet, or an empty string."""
    if len(password) < MIN_PASSWORD:
        return f"At least {MIN_PASSWORD} characters: {MIN_PASSWORD - len(password)} more."
    try:
        check_password(password)
    except Refused as refusal:
        return refusal.message
    return ""
