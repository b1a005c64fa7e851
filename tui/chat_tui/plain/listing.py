"""Lists in pages: the request for the next page, and the line below a page. Pure.

Rooms and sessions come whole; the messages of a room are `open_room`'s.
"""

from typing import Final

from msgspec.structs import replace

from chat_shared import messages as m

MORE: Final = "Type /older for more."
ALL: Final = "End of list."

_LISTS: Final = (m.Found, m.AuditPage, m.MemberPage, m.SessionList, m.BlockedList)


def is_list(reply: m.Reply | None) -> bool:
    """Return whether `reply` is a list, or a page of one."""
    return isinstance(reply, _LISTS)


def rest(request: m.Request, reply: m.Reply | None) -> m.Request | None:
    """Return the request for the page after `reply`, or None if that was the last.

    An empty page that promises more is the last: it would be asked for without end.
    """
    match request, reply:
        case ((m.Search() | m.Mentions()), m.Found(hits=[*_, hit], more=True)):
            return replace(request, before=hit.id)
        case m.Audit(), m.AuditPage(entries=[*_, entry], more=True):
            return replace(request, before=entry.id)
        case m.Members(), m.MemberPage(members=[*_, member], more=True):
            return replace(request, after=member.name)
    return None


def end(request: m.Request, reply: m.Reply) -> str:
    """Return the line below a page: how to get the next one, or that there is none."""
    return MORE if rest(request, reply) is not None else ALL


def found(request: m.Request, reply: m.Found) -> str:
    """Return the line below search results, with their number."""
    more = rest(request, reply) is not None
    again = isinstance(request, m.Search | m.Mentions) and request.before
    number = len(reply.hits)
    what = "message" if number == 1 else "messages"
    count = f"{number or 'No'} {'more ' if again else ''}{what} found."
    if more:
        return f"{count} {MORE}"
    return f"{count} {ALL}" if again else count
