"""Lists that come in pages: what asks for the rest, and what is said at the end of a page. Pure.

Rooms and sessions come whole; the log of a room is the business of `open_room`.
"""

from typing import Final

from msgspec.structs import replace

from chat_shared import messages as m

MORE: Final = "/older for more."
ALL: Final = "That is all."

_LISTS: Final = (m.Found, m.AuditPage, m.MemberPage, m.SessionList, m.BlockedList)


def is_list(reply: m.Reply | None) -> bool:
    """Say whether `reply` is a list, or a page of one."""
    return isinstance(reply, _LISTS)


def rest(request: m.Request, reply: m.Reply | None) -> m.Request | None:
    """Return what asks for the page behind `reply`; nothing where that was the last.

    A page of nothing that promises more is the last: it would be asked for without end.
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
    """Return what is said below a page: whether there is more, and how to get it."""
    return MORE if rest(request, reply) is not None else ALL


def found(request: m.Request, reply: m.Found) -> str:
    """Return the same below hits, with their number."""
    count, more = len(reply.hits), rest(request, reply) is not None
    if isinstance(request, m.Search | m.Mentions) and request.before:
        return f"{count:,} more found. {MORE if more else ALL}"
    return f"{count:,} found, and there are more. {MORE}" if more else f"{count:,} found."
