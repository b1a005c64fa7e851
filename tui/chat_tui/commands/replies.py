"""Confirmations of requests that the server has granted. Pure.

The full-screen and the plain client use these sentences. Replies that show something,
such as a list or a password, and errors, which the server words, are not among them.
"""

from typing import Final

from chat_shared import messages as m
from chat_shared.names import GUEST_PREFIX, fold
from chat_tui.commands.guests_text import CAN_RETURN, KEPT

NO_MORE_SENT: Final = "More messages exist, but the server doesn't send them."
CREATED_UNSEEN: Final = (
    "{} was created, but the connection was lost before its password arrived, and it is sent "
    "only once. To get another, use /reset-password in the room."
)
HISTORY_LOST: Final = (
    "The server was restored to an earlier state. The newest messages here may be gone."
)
OFFLINE: Final = "You're offline. Try again once you're reconnected."

# An event announces these to every member, including the person who asked.
ANNOUNCED: Final = (
    m.Topic,
    m.Kick,
    m.Ban,
    m.Unban,
    m.Mute,
    m.Unmute,
    m.HandOver,
    m.DeleteRoom,
    m.RevokeInvitation,
    m.RemoveHook,
)

# What is confirmed in the same words each time.
_DONE: Final[dict[type[m.Request], str]] = {
    m.RemoveHook: "Removed the hook. Programs that have its address can't post any more.",
    m.RevokeInvitation: "Revoked the invitation.",
    m.Password: "Password changed. Your other devices are logged out, and SSH keys removed.",
    m.Keep: KEPT,
    m.AddSshKey: "Added. From now on, ssh logs you in by this key.",
    m.RemoveSshKey: "Removed. It no longer logs you in.",
}


def confirmation(request: m.Request, reply: m.Reply | None) -> str:
    """Return what was done; empty if `reply` grants nothing, or if there is nothing to add."""
    match reply:
        case m.Ok():
            done = _moderated(request) or _own_settings(request)
            return f"{done} {warning(request)}".rstrip()
        case m.BlockedList(names=names):
            return _blocked(names)
    return ""


def warning(request: m.Request) -> str:
    """Return what a granted request does not prevent; empty for nothing."""
    match request:
        case m.Kick(name=name) | m.Ban(name=name) if _may_be_guest(name):
            return CAN_RETURN
    return ""


def _may_be_guest(name: str) -> bool:
    return fold(name).startswith(GUEST_PREFIX)


def _moderated(request: m.Request) -> str:
    match request:
        case m.Topic(topic=topic):
            return "Topic set." if topic else "Topic cleared."
        case m.Kick(name=name):
            # A guest's account has ended with it; what they still can do is told by `warning`.
            rejoin = "" if _may_be_guest(name) else " They can rejoin with the password."
            return f"Kicked {name}.{rejoin}"
        case m.Ban(name=name):
            return f"Banned {name}. Undo with /unban {name}."
        case m.Unban(name=name):
            return f"Unbanned {name}. They can rejoin with the password or an invitation."
        case m.Mute(name=name):
            return f"Muted {name}. Undo with /unmute {name}."
        case m.Unmute(name=name):
            return f"Unmuted {name}."
        case m.HandOver(name=name):
            return f"{name} is now the owner."
        case m.DeleteRoom(room=room):
            return f"Deleted {room} and all its messages."
    return ""


def _own_settings(request: m.Request) -> str:
    match request:
        case m.Block(name=name):
            return (
                f"Blocked {name}. You can't send each other direct messages. "
                f"Undo with /unblock {name}."
            )
        case m.Unblock(name=name):
            # No more than that: they may have blocked us too, which stays private.
            return f"Unblocked {name}."
        case m.Away(text=text):
            return f"You're away: {text}" if text else "You're no longer away."
        case m.Revoke(session=session) if session:
            return "Logged out that device."
    return _DONE.get(type(request), "")


def _blocked(names: list[str]) -> str:
    if not names:
        return "You haven't blocked anyone."
    people = "1 person" if len(names) == 1 else f"{len(names)} people"
    return f"You have blocked {people}: {', '.join(names)}."
