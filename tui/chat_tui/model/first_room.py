"""Which room a log-in leads to: that of a link or an invitation. Pure."""

from collections.abc import Iterable

from chat_shared import messages as m
from chat_shared.limits import GENERAL
from chat_tui.model.address import Invitation


def join_request(to: Invitation, rooms: Iterable[str], *, registered: bool) -> m.Join | None:
    """Return the request for the room of `to`; None if that is general.

    Someone who has just `registered` with an invitation is in its room already, which is the
    only one of their `rooms` besides general, whatever its name.
    """
    if to.code and registered:
        joined = to.room or next((name for name in rooms if name != GENERAL), "")
        return m.Join(id=m.UNNUMBERED, room=joined) if joined else None
    if to.room or to.code:
        return m.Join(id=m.UNNUMBERED, room=to.room, password=to.password or to.code)
    return None
