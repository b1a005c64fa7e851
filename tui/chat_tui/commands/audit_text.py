"""What owners do in their rooms, in sentences for those who see it and those who did it. Pure."""

from datetime import datetime, tzinfo
from typing import Final

from chat_shared import messages as m
from chat_tui.commands.durations import until

# With an end and a reason behind them, where there are any.
_SENTENCES: Final = {
    "new_password": "{by} gave this room a new password",
    "invite": "{by} made an invitation",
    "kick": "{by} sent {name} away",
    "ban": "{by} banned {name}",
    "unban": "{by} lets {name} come back",
    "mute": "{by} muted {name}",
    "unmute": "{by} lets {name} speak again",
    "hand_over": "{by} handed this room over to {name}",
    "exit": "{by} left, and {name} owns this room now",
    "delete": "{by} deleted a message of {name}",
}
_HOLD: Final = ("ban", "mute")  # until then, or for good
_END: Final = ("invite", *_HOLD)


def sentence(entry: m.AuditEntry, now: datetime, zone: tzinfo | None = None) -> str:
    """Return what `entry` says, as one of its readers would. What is new to us is said as it is."""
    if entry.action == "topic":
        return _topic(entry)
    known = _SENTENCES.get(entry.action, f"{{by}}: {entry.action} {{name}}".replace("_", " "))
    # Not `format`: what others wrote may hold braces.
    deed = known.replace("{by}", entry.by, 1).replace("{name}", entry.name, 1).rstrip()
    end = until(entry.until, now, zone) if entry.until else ""
    if entry.action in _HOLD:
        end = end or "for good"
    said = f"{deed} {end}".rstrip() if entry.action in _END else deed
    return f"{said}: {entry.reason}" if entry.reason else f"{said}."


def _topic(entry: m.AuditEntry) -> str:
    if not entry.reason:
        return f"{entry.by} took the topic away."
    return f"{entry.by} set the topic: {entry.reason}"


def done(request: m.Request) -> str:
    """Return what to say to who asked for this and was granted it; nothing for anything else."""
    match request:
        case m.Topic(topic=topic):
            return "The topic is set." if topic else "There is no topic any more."
        case m.Kick(name=name):
            return f"{name} is out. Who knows the password can come back; /ban keeps them out."
        case m.Ban(name=name):
            return f"{name} is banned. /unban {name} takes it back."
        case m.Unban(name=name):
            return f"{name} may come back, with the password or an invitation."
        case m.Mute(name=name):
            return f"{name} is muted. /unmute {name} takes it back."
        case m.Unmute(name=name):
            return f"{name} may speak again."
        case m.HandOver(name=name):
            return f"{name} owns this room now."
        case m.DeleteRoom(room=room):
            return f"{room} is deleted."
    return ""
