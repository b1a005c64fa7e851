"""How long a sanction lasts: as it is typed, sent and displayed. Pure."""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from msgspec.structs import replace

from chat_shared import messages as m
from chat_tui.markup.times import read_time

_TYPED: Final = re.compile(r"([0-9]+)([mhdw])", re.IGNORECASE)
_NUMBER: Final = re.compile(r"[-+.]?[0-9]")
_MINUTES: Final = {"m": 1, "h": 60, "d": 24 * 60, "w": 7 * 24 * 60}
_DIGITS: Final = 7  # of the number: as many minutes are 19 years
_LONGEST: Final = timedelta(days=10 * 366)  # beyond that, leaving it out says the same


def is_duration(word: str) -> bool:
    """Return whether `word` is meant as a duration, valid or not: it begins with a number.

    "2 hours" must not be taken for a reason, which would make the sanction permanent.
    """
    return _NUMBER.match(word) is not None


def end_of(word: str, now: datetime) -> str | None:
    """Return when the duration `word` ends, counted from `now`, in the protocol's format.

    None if `word` is no duration, or one of more than ten years.
    """
    match = _TYPED.fullmatch(word)
    if match is None or len(match[1]) > _DIGITS:
        return None
    duration = timedelta(minutes=int(match[1]) * _MINUTES[match[2].lower()])
    return rfc3339(now + duration) if timedelta() < duration <= _LONGEST else None


def rfc3339(moment: datetime) -> str:
    """Return `moment`, which is aware of its zone, in the protocol's format."""
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def lasting(error: m.Error, now: datetime, zone: tzinfo | None = None) -> m.Error:
    """Return `error` with the end of a ban or mute in its sentence, in the time of `zone`."""
    if not error.until:
        return error
    sentence = f"{error.message} This lasts {until(error.until, now, zone)}."
    return replace(error, message=sentence)


def until(at: str, now: datetime, zone: tzinfo | None = None) -> str:
    """Return "until 14:00", with the date if that is not today. None is this computer's zone."""
    end, today = read_time(at).astimezone(zone), now.astimezone(zone).date()
    day = "" if end.date() == today else f"{end:%Y-%m-%d} "
    return f"until {day}{end:%H:%M}"
