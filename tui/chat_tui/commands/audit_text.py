"""Moderation log entries as sentences for the members of the room. Pure."""

import re
from datetime import datetime, tzinfo
from typing import Final

from chat_shared import messages as m
from chat_tui.commands.durations import until

_SENTENCES: Final = {
    "new_password": "{by} reset the room password",
    "invite": "{by} created an invitation",
    "invite_guests": "{by} created a link for guests",
    "register_guest": "{by} used a link for guests by {name}",
    "keep": "{by} is no longer a guest, and has an account",
    "join": "{by} used an invitation from {name}",
    "revoke_invitation": "{by} revoked an invitation by {name}",
    "create_hook": "{by} created {name}",
    "remove_hook": "{by} removed {name}",
    "kick": "{by} kicked {name}",
    "ban": "{by} banned {name}",
    "unban": "{by} unbanned {name}",
    "mute": "{by} muted {name}",
    "unmute": "{by} unmuted {name}",
    "hand_over": "{by} made {name} the owner",
    "exit": "{by} left; {name} is now the owner",
    "delete": "{by} deleted a message by {name}",
}
_PLACEHOLDER: Final = re.compile(r"\{(?:by|name)\}")
_OWN_REVOKED: Final = "{by} revoked an invitation"
_INVITATIONS: Final = ("invite", "invite_guests")
_SANCTIONS: Final = ("ban", "mute")


def sentence(entry: m.AuditEntry, now: datetime, zone: tzinfo | None = None) -> str:
    """Return what `entry` says. An action unknown to this client is named as the server does."""
    if entry.action == "topic":
        return _topic(entry)
    known = _SENTENCES.get(entry.action, f"{{by}}: {entry.action} {{name}}".replace("_", " "))
    if entry.action == "revoke_invitation" and entry.by == entry.name:
        known = _OWN_REVOKED
    # In one pass, and not by `format`: what others wrote may contain braces.
    named = {"{by}": entry.by, "{name}": entry.name}
    action = _PLACEHOLDER.sub(lambda found: named[found.group()], known).rstrip()
    return with_reason(f"{action}{_end(entry, now, zone)}", entry.reason)


def with_reason(sentence: str, reason: str) -> str:
    """Return `sentence`, which has no full stop, with the reason if one was given."""
    return f'{sentence}: "{reason}"' if reason else sentence


def _end(entry: m.AuditEntry, now: datetime, zone: tzinfo | None) -> str:
    end = until(entry.until, now, zone) if entry.until else ""
    if entry.action in _SANCTIONS:
        return f" {end}" if end else ""
    return f", valid {end}" if end and entry.action in _INVITATIONS else ""


def _topic(entry: m.AuditEntry) -> str:
    if not entry.reason:
        return f"{entry.by} cleared the topic"
    return f"{entry.by} set the topic: {entry.reason}"
