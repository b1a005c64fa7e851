"""The commands of a room's owner. Pure but for the clock, from which a duration is counted."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Final, TypeAlias

from chat_shared import messages as m
from chat_shared.limits import MAX_REASON, MAX_TOPIC
from chat_tui.commands.audience import Audience
from chat_tui.commands.durations import end_of, is_duration
from chat_tui.commands.parsed_input import (
    HERE,
    Arguments,
    Command,
    InputError,
    ParsedInput,
    RunAction,
    SendRequest,
    ask_about,
    too_long,
    without_arguments,
    without_at,
)

_Read: TypeAlias = Callable[[Arguments], ParsedInput | None]

_REASON: Final = "The reason"


def _read_topic(words: Arguments) -> ParsedInput:
    topic = " ".join(words)
    asked = SendRequest(m.Topic(id=m.UNNUMBERED, room=HERE, topic=topic))
    return too_long("The topic", topic, MAX_TOPIC) or asked


def _read_kick(words: Arguments) -> ParsedInput | None:
    if not words:
        return None
    name, reason = without_at(words[0]), " ".join(words[1:])
    asked = ask_about(name, m.Kick(id=m.UNNUMBERED, room=HERE, name=name, reason=reason))
    return too_long(_REASON, reason, MAX_REASON) or asked


def _read_sanction(request: type[m.Ban] | type[m.Mute]) -> _Read:
    """Return a reader for a sanction that ends after a duration, or when it is lifted."""

    def read(words: Arguments) -> ParsedInput | None:
        if not words:
            return None
        name, rest, end = without_at(words[0]), words[1:], ""
        if rest and is_duration(rest[0]):
            end = end_of(rest[0], datetime.now(UTC)) or ""
            if not end:
                return _not_a_duration(rest)
            rest = rest[1:]
        reason = " ".join(rest)
        asked = request(id=m.UNNUMBERED, room=HERE, name=name, until=end, reason=reason)
        return too_long(_REASON, reason, MAX_REASON) or ask_about(name, asked)

    return read


def _not_a_duration(words: list[str]) -> InputError:
    typed = " ".join(words[:2]) if words[0].isdecimal() else words[0]
    return InputError(
        f'"{typed}" isn\'t a duration. Use 10m, 2h, 7d or 2w, or leave it out for no end.'
    )


def _read_lift(request: type[m.Unban] | type[m.Unmute]) -> _Read:
    def read(words: Arguments) -> ParsedInput | None:
        if len(words) != 1:
            return None
        name = without_at(words[0])
        return ask_about(name, request(id=m.UNNUMBERED, room=HERE, name=name))

    return read


def _read_hand_over(words: Arguments) -> ParsedInput | None:
    if len(words) != 1:
        return None
    name = without_at(words[0])
    asked = ask_about(name, m.HandOver(id=m.UNNUMBERED, room=HERE, name=name))
    return asked if isinstance(asked, InputError) else RunAction("room.hand_over", name)


_owners: Final = partial(Command, audience=Audience.NO_GUESTS)  # a guest owns no room

COMMANDS: Final = (
    _owners("topic", "[TEXT]", "Set or clear the topic", _read_topic),
    _owners(
        "reset-password",
        "",
        "Reset the room password",
        without_arguments(RunAction("room.new_password")),
        alias="new-password",
    ),
    _owners("kick", "NAME [REASON]", "Kick someone out of this room", _read_kick, "name"),
    _owners(
        "ban",
        "NAME [DURATION] [REASON]",
        "Ban someone for 10m, 2h, 7d … or until unbanned",
        _read_sanction(m.Ban),
        "name",
    ),
    _owners("unban", "NAME", "Unban someone", _read_lift(m.Unban), "name"),
    _owners(
        "mute",
        "NAME [DURATION] [REASON]",
        "Mute someone for 10m, 2h, 7d … or until unmuted",
        _read_sanction(m.Mute),
        "name",
    ),
    _owners("unmute", "NAME", "Unmute someone", _read_lift(m.Unmute), "name"),
    _owners("hand-over", "NAME", "Make someone else the owner", _read_hand_over, "name"),
    _owners(
        "delete-room",
        "",
        "Delete the room and all its messages",
        without_arguments(RunAction("room.delete")),
    ),
    Command(
        "audit",
        "",
        "Show the moderation log",
        without_arguments(SendRequest(m.Audit(id=m.UNNUMBERED, room=HERE))),
    ),
)
