"""Bans and mutes: until when, why, and how whom they concern is told.

Nothing ends one: it is compared with the time when it would matter.
"""

from datetime import UTC, datetime
from typing import Final

from chat_server.clock import parse_rfc3339
from chat_server.store.api import Sanction
from chat_shared.errors import Code, Refused
from chat_shared.text import has_controls

_YEAR: Final = 31_557_600_000  # milliseconds
MOST_YEARS: Final = 10  # until which somebody may be banned; beyond, one means for good


def end_of(until: str, now: int) -> int:
    """Return when `until` is, in milliseconds; 0 for good, where it is empty. Raises Refused."""
    if not until:
        return 0
    try:
        end = parse_rfc3339(until)
    except ValueError:
        raise Refused(
            Code.BAD_REQUEST, "An end is written like this: 2026-11-30T18:00:00Z."
        ) from None
    if end <= now:
        raise Refused(Code.BAD_REQUEST, "The end must be in the future.")
    if end > now + MOST_YEARS * _YEAR:
        raise Refused(
            Code.BAD_REQUEST,
            f"The end must be within {MOST_YEARS} years. Leave it out to mean for good.",
        )
    return end


def check_line(text: str, most: int, what: str) -> str:
    """Return `text` without space around it, one line of at most so much. Raises Refused."""
    if len(text) > most:
        raise Refused(Code.TOO_LONG, f"A {what} has at most {most} characters.")
    line = text.strip(" ")
    if has_controls(line) or "\t" in line or line.splitlines() not in ([], [line]):
        raise Refused(Code.BAD_REQUEST, f"A {what} is one line without control characters.")
    return line


def muted(room: str, mute: Sanction) -> Refused:
    """Return what a muted member of `room` is answered."""
    return Refused(Code.MUTED, f"You are muted in {room} {_terms(mute)}")


def banned(room: str, ban: Sanction) -> Refused:
    """Return what somebody is answered who is banned from `room`."""
    return Refused(Code.BANNED, f"You are banned from {room} {_terms(ban)}")


def _terms(sanction: Sanction) -> str:
    reason = f" The reason given: {sanction.reason}" if sanction.reason else ""
    return f"{_duration(sanction.until)}.{reason}"


def _duration(until: int) -> str:
    if not until:
        return "for good"
    return f"until {datetime.fromtimestamp(until // 1000, UTC):%Y-%m-%d %H:%M:%S} UTC"
