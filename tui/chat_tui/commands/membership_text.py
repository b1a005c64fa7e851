"""Who joined and who left, as sentences. Pure."""

from collections.abc import Iterable
from datetime import datetime, tzinfo
from typing import Final

from chat_shared import messages as m
from chat_shared.names import fold
from chat_tui.commands.audit_text import with_reason
from chat_tui.commands.durations import until

_BY_ACTION: Final = {"kick": "{by} kicked you from {title}", "ban": "{by} banned you from {title}"}
_OPERATOR: Final = "The server's operator"


def joined(name: str, *, guest: bool = False) -> str:
    return f"{name} joined as a guest" if guest else f"{name} joined"


def left(name: str) -> str:
    return f"{name} left"


def muted(title: str, end: str, now: datetime, zone: tzinfo | None = None) -> str:
    """Return that we may not write in `title`; `end` is when that ends, empty for no end."""
    return f"You're muted in {title}{f' {until(end, now, zone)}' if end else ''}."


def unmuted(title: str) -> str:
    return f"You can write in {title} again."


def is_own_doing(left: m.Left | None, account: str) -> bool:
    """Return whether `account` left a room itself, perhaps on another device."""
    return left is None or left.by == account or not (left.by or left.reason or left.action)


def removed(title: str, left: m.Left | None, now: datetime, zone: tzinfo | None = None) -> str:
    """Return that our membership of `title` ended, and how; None for `zone` is this computer's.

    Without `by`, the reason is a sentence of the server's.
    """
    if left is None or not (left.by or left.action):
        reason = f": {left.reason}" if left is not None and left.reason else ""
        return f"You're no longer in {title}{reason}."
    by = left.by or _OPERATOR
    if left.action == "delete_room":
        return f"{by} deleted {title} and all its messages."
    # Not `format`: what others wrote may contain braces. A server of an older version
    # names no action.
    action = _BY_ACTION.get(left.action, "{by} removed you from {title}")
    sentence = action.replace("{title}", title, 1).replace("{by}", by, 1)
    end = f" {until(left.until, now, zone)}" if left.until else ""
    stop = "" if left.reason.endswith((".", "!", "?")) else "."
    return with_reason(f"{sentence}{end}", left.reason) + stop


def not_joined(name: str, people: Iterable[str], join: str) -> str:
    """Return that we are in no room of this name, and what to type: `join` if any, or /msg."""
    person = fold(name.removeprefix("@"))
    known = next((one for one in people if fold(one) == person), "")
    if known:
        return f"You have no conversation with {known} yet. To begin one: /msg {known}"
    how = f" To join: {join}" if join else ""
    return f"You're not in {name}.{how}"
