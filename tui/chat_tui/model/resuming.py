"""The request that resumes a session, with what we have of each room. Pure."""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple, TypeAlias

from msgspec.structs import replace

from chat_shared import messages as m
from chat_shared.limits import MAX_FRAME


class Known(NamedTuple):
    """The newest message that we have of a room: its number, and its time in case we know it.

    By both the server sees whether it has lost that message since.
    """

    seq: int
    at: str


NOTHING: Final = Known(0, "")

Seen: TypeAlias = Callable[[], Mapping[str, Known]]  # by room


def resume_request(token: str, seen: Mapping[str, Known]) -> m.Resume:
    """Return the request for the session of `token`, by what is `seen` of each room.

    Without times where these would not fit, of more rooms than any server of ours lists.
    """
    seqs = {room: known.seq for room, known in seen.items()}
    times = {room: known.at for room, known in seen.items() if known.at}
    request = m.Resume(id=m.UNNUMBERED, token=token, seen=seqs, at=times)
    return request if len(m.encode(request)) <= MAX_FRAME else replace(request, at={})
