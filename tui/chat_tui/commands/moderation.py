"""The commands of who owns a room. Pure but for the clock, which says when two hours are over."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from chat_shared import messages as m
from chat_shared.limits import MAX_REASON, MAX_TOPIC
from chat_tui.commands.durations import end_of, is_term
from chat_tui.commands.parsed_input import (
    HERE,
    Arguments,
    Command,
    InputError,
    ParsedInput,
    RunAction,
    SendRequest,
    ask_about,
)

_BAD_TERM: Final = (
    "That is no time: 10m, 2h, 7d or 2w, up to ten years. Without one it is for good; "
    "a reason begins with a word."
)


def _read_topic(words: Arguments) -> ParsedInput:
    topic = " ".join(words)
    if len(topic) > MAX_TOPIC:
        return InputError(f"That is {len(topic)} characters; a topic takes at most {MAX_TOPIC}.")
    return SendRequest(m.Topic(id=m.UNNUMBERED, room=HERE, topic=topic))


def _read_kick(words: Arguments) -> ParsedInput:
    if not words:
        return InputError("Whom? /kick NAME [REASON]")
    name, reason = named(words[0]), " ".join(words[1:])
    if long := _too_long(reason):
        return long
    return ask_about(name, m.Kick(id=m.UNNUMBERED, room=HERE, name=name, reason=reason))


def _read_sanction(usage: str, request: type[m.Ban] | type[m.Mute]) -> Callable[..., ParsedInput]:
    """Return a reader for what holds until some time, or for good."""

    def read(words: Arguments) -> ParsedInput:
        if not words:
            return InputError(f"Whom? {usage}")
        name, rest, end = named(words[0]), words[1:], ""
        if rest and is_term(rest[0]):
            end, rest = end_of(rest[0], datetime.now(UTC)) or "", rest[1:]
            if not end:
                return InputError(_BAD_TERM)
        reason = " ".join(rest)
        if long := _too_long(reason):
            return long
        return ask_about(
            name, request(id=m.UNNUMBERED, room=HERE, name=name, until=end, reason=reason)
        )

    return read


def _read_lift(usage: str, request: type[m.Unban] | type[m.Unmute]) -> Callable[..., ParsedInput]:
    def read(words: Arguments) -> ParsedInput:
        if len(words) != 1:
            return InputError(f"Whom? {usage}")
        name = named(words[0])
        return ask_about(name, request(id=m.UNNUMBERED, room=HERE, name=name))

    return read


def _read_hand_over(words: Arguments) -> ParsedInput:
    if len(words) != 1:
        return InputError("To whom? /hand-over NAME")
    name = named(words[0])
    wish = ask_about(name, m.HandOver(id=m.UNNUMBERED, room=HERE, name=name))
    return wish if isinstance(wish, InputError) else RunAction("room.hand_over", name)


def _alone(usage: str, meaning: ParsedInput) -> Callable[..., ParsedInput]:
    """Return a reader for a command that is about the open room and nothing else."""

    def read(words: Arguments) -> ParsedInput:
        return (
            InputError(f"{usage} is about the room that is open; it takes no word.")
            if words
            else meaning
        )

    return read


def _too_long(reason: str) -> InputError | None:
    if len(reason) <= MAX_REASON:
        return None
    return InputError(f"That is {len(reason)} characters; a reason takes at most {MAX_REASON}.")


def named(word: str) -> str:
    """Return whom `word` names, as it is or with the @ that calls people."""
    return word.removeprefix("@")


COMMANDS: Final = (
    Command("topic", "[TEXT]", "say what this room is about; alone: take that away", _read_topic),
    Command(
        "invite",
        "",
        "make a code that lets one person into this room",
        _alone("/invite", SendRequest(m.Invite(id=m.UNNUMBERED, room=HERE))),
    ),
    Command(
        "new-password",
        "",
        "give this room another password; the old one is void",
        _alone("/new-password", RunAction("room.new_password")),
    ),
    Command("kick", "NAME [REASON]", "send somebody out of this room", _read_kick, "name"),
    Command(
        "ban",
        "NAME [FOR] [REASON]",
        "send somebody out and keep them out, for 10m, 2h, 7d or for good",
        _read_sanction("/ban NAME [FOR] [REASON]", m.Ban),
        "name",
    ),
    Command("unban", "NAME", "let somebody come back", _read_lift("/unban NAME", m.Unban), "name"),
    Command(
        "mute",
        "NAME [FOR] [REASON]",
        "let somebody read and not write, for 10m, 2h, 7d or for good",
        _read_sanction("/mute NAME [FOR] [REASON]", m.Mute),
        "name",
    ),
    Command(
        "unmute", "NAME", "let somebody write again", _read_lift("/unmute NAME", m.Unmute), "name"
    ),
    Command("hand-over", "NAME", "let somebody else own this room", _read_hand_over, "name"),
    Command(
        "delete-room",
        "",
        "delete this room, for everybody and for good",
        _alone("/delete-room", RunAction("room.delete")),
    ),
    Command(
        "audit",
        "",
        "what owners did in this room",
        _alone("/audit", SendRequest(m.Audit(id=m.UNNUMBERED, room=HERE))),
    ),
)
