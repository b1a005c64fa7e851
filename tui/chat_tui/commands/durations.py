"""How long something is to hold: as it is typed, sent and said. Pure."""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from chat_tui.markup.times import read_time

_TYPED: Final = re.compile(r"([0-9]+)([mhdw])", re.IGNORECASE)
_NUMBER: Final = re.compile(r"[-+.]?[0-9]")
_MINUTES: Final = {"m": 1, "h": 60, "d": 24 * 60, "w": 7 * 24 * 60}
_DIGITS: Final = 7  # of a number: as many minutes are 19 years
_LONGEST: Final = timedelta(days=10 * 366)  # beyond that, it is for good


def is_term(word: str) -> bool:
    """Say whether `word` is meant as a time such as 2h, be it one or not: it begins with a number.

    What was meant as two hours must not be taken for a reason, and hold for good.
    """
    return _NUMBER.match(word) is not None


def end_of(word: str, now: datetime) -> str | None:
    """Return when a time that begins `now` ends, as requests say it; None where none is meant."""
    match = _TYPED.fullmatch(word)
    if match is None or len(match[1]) > _DIGITS:
        return None
    term = timedelta(minutes=int(match[1]) * _MINUTES[match[2].lower()])
    return rfc3339(now + term) if timedelta() < term <= _LONGEST else None


def rfc3339(moment: datetime) -> str:
    """Return `moment`, which knows its zone, as the protocol writes times."""
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def until(at: str, now: datetime, zone: tzinfo | None = None) -> str:
    """Return "until 14:00", with the day if that is not today; None is this computer's zone."""
    end, today = read_time(at).astimezone(zone), now.astimezone(zone).date()
    day = "" if end.date() == today else f"{end:%Y-%m-%d} "
    return f"until {day}{end:%H:%M}"
