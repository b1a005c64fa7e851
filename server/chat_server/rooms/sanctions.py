"""Bans and mutes: how their end and reason are checked, and the errors they cause.

Nothing ends a sanction: its end is compared with the time whenever it matters. So one
that ended by a clock that was wrong holds again when the clock is right.
"""

from typing import Final

from chat_server.clock import parse_rfc3339, rfc3339
from chat_server.store.api import Sanction
from chat_shared.errors import Code, Refused
from chat_shared.lengths import too_long
from chat_shared.text import has_controls

_YEAR: Final = 31_557_600_000  # milliseconds
MAX_YEARS: Final = 10  # of a ban or mute; a longer one should have no end


def parse_until(until: str, now: int) -> int:
    """Return `until` in milliseconds; 0, which is no end, if it is empty.

    Raises Refused (bad_request).
    """
    if not until:
        return 0
    try:
        end = parse_rfc3339(until)
    except ValueError:
        raise Refused(
            Code.BAD_REQUEST, "`until` must be a time such as 2026-11-30T18:00:00Z."
        ) from None
    if end <= now:
        raise Refused(Code.BAD_REQUEST, "The end of a ban or mute must be in the future.")
    if end > now + MAX_YEARS * _YEAR:
        raise Refused(
            Code.BAD_REQUEST,
            f"A ban or mute can last at most {MAX_YEARS} years. Leave the duration out for no end.",
        )
    return end


def make_place(sanctions: dict[int, Sanction], most: int, now: int) -> None:
    """Remove from `most` sanctions, if there are so many, the one that ended first."""
    ended = [sanction for sanction in sanctions.values() if not sanction.holds(now)]
    if len(sanctions) >= most and ended:
        del sanctions[min(ended, key=lambda sanction: sanction.until).account]


def check_line(text: str, most: int, what: str) -> str:
    """Return `text`, a single line, without the spaces around it.

    Raises Refused: too_long beyond `most` characters, bad_request for line breaks
    and control characters. `what` is what its author calls it, such as "The topic".
    """
    if sentence := too_long(what, text, most):
        raise Refused(Code.TOO_LONG, sentence)
    line = text.strip(" ")
    if has_controls(line) or "\t" in line or line.splitlines() not in ([], [line]):
        raise Refused(Code.BAD_REQUEST, f"{what} must be one line without control characters.")
    return line


def muted_error(room: str, mute: Sanction) -> Refused:
    """Return the refusal for a muted member of `room`."""
    return Refused(Code.MUTED, f"You're muted in {room}.{_reason(mute)}", until=end_of(mute))


def banned_error(room: str, ban: Sanction) -> Refused:
    """Return the refusal for an account that is banned from `room`."""
    return Refused(Code.BANNED, f"You're banned from {room}.{_reason(ban)}", until=end_of(ban))


def end_of(sanction: Sanction) -> str:
    """Return when `sanction` ends, as the wire has it; empty if it has no end."""
    return rfc3339(sanction.until) if sanction.until else ""


def _reason(sanction: Sanction) -> str:
    return f" Reason: {sanction.reason}" if sanction.reason else ""
