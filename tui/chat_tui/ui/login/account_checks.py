"""What is wrong with a name or a password, while it is typed. Nothing is looked up."""

from chat_shared.errors import Refused
from chat_shared.limits import MIN_PASSWORD
from chat_shared.names import check_name, check_password


def problem_of_name(name: str) -> str:
    """Return why nobody can be called `name`, or nothing."""
    try:
        check_name(name)
    except Refused as refusal:
        return refusal.message
    return ""


def problem_of_password(password: str) -> str:
    """Return why this is no password, or no password yet, or nothing."""
    if len(password) < MIN_PASSWORD:
        return f"{MIN_PASSWORD} characters at least; {MIN_PASSWORD - len(password)} to go."
    try:
        check_password(password)
    except Refused as refusal:
        return refusal.message
    return ""
