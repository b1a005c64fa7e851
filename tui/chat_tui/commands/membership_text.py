"""Who joined and who left, as sentences. Pure."""

from chat_tui.commands.audit_text import with_reason


def joined(name: str) -> str:
    return f"{name} joined"


def left(name: str) -> str:
    return f"{name} left"


def removed(title: str, by: str, reason: str) -> str:
    """Return that our membership ended: `by` someone else, or by ourselves if that is empty.

    The event is the same for a kick, a ban and a deleted room. Without `by`, the reason is
    a sentence of the server's.
    """
    if by:
        end = "" if reason.endswith((".", "!", "?")) else "."
        return with_reason(f"{by} removed you from {title}", reason) + end
    return f"You're no longer in {title}" + (f": {reason}." if reason else ".")
