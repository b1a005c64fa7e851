"""What a session may ask for: one table of requests, their guards and their handlers.

Whether a request is legal at this point of the conversation is decided in
`chat_shared.connection`; here only, whether it is granted.
"""

import unicodedata
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeAlias

import structlog
import trio

from chat_server.requests import (
    account,
    changes,
    login,
    messages,
    moderation,
    presence,
    rooms,
    search,
)
from chat_server.rooms.moderation import check_owner
from chat_server.services import Services, account_of, room_of
from chat_server.sessions.session import Session
from chat_server.store.api import StoreError
from chat_shared import messages as m
from chat_shared.errors import Code, Refused
from chat_shared.limits import MAX_EMOJI, MAX_TEXT
from chat_shared.names import fold
from chat_shared.text import has_controls

log = structlog.get_logger()


# The table pairs a request's type with functions of that type, which no type
# of Python's can say: hence the one `Any`, which goes no further.
Guard: TypeAlias = Callable[[Services, Session, Any], None]
Handler: TypeAlias = Callable[[Services, Session, Any], Awaitable[m.Reply | None]]


_OwnersToSomebody: TypeAlias = m.Kick | m.Ban | m.Unban | m.Mute | m.Unmute | m.HandOver
_Owners: TypeAlias = m.Topic | m.NewPassword | m.Invite | m.DeleteRoom | _OwnersToSomebody
_ToSomebody: TypeAlias = m.Block | m.Unblock | _OwnersToSomebody


@dataclass(frozen=True, slots=True)
class Command:
    """What must hold for a request, and then how it is granted.

    The handler returns the reply, or None where the reply is sent by others.
    """

    handler: Handler
    guards: tuple[Guard, ...]


async def dispatch(services: Services, session: Session, request: m.Request) -> None:
    """Grant `request` or refuse it, and answer."""
    command = COMMANDS[type(request)]
    try:
        for guard in command.guards:
            guard(services, session, request)
        reply = await command.handler(services, session, request)
    except Refused as refused:
        reply = refusal(refused, request.id)
    except StoreError as exc:
        log.error("request not stored", request=type(request).__name__, reason=str(exc))
        reply = refusal(_NOT_STORED(), request.id)
    if reply is not None:
        session.send(reply)


def refusal(refused: Refused, re: int | None) -> m.Error:
    """Return the reply that says why not."""
    return m.Error(refused.code, refused.message, re, refused.retry_after)


_NOT_STORED: Final = partial(
    Refused,
    Code.INTERNAL,
    "The server could not store this. Try again in a while.",
    retry_after=5.0,
)


# Marks, blanks, joiners and the like: by themselves they leave nothing to be seen.
_UNSEEN: Final = frozenset(("Mn", "Mc", "Me", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co"))
# Nor do these, which Unicode has among letters and symbols: four fillers of Hangul, Braille
# without a dot, a place for an object, and a note without a head.
_EMPTY: Final = frozenset("\u115f\u1160\u3164\uffa0\u2800\ufffc\U0001d159")
# What has no category yet may be an emoji that is newer than this Python, if it stands here.
_EMOJIS: Final = range(0x1F000, 0x1FFFE)


# --- guards --------------------------------------------------------------------------


def post_rate(_: Services, session: Session, __: m.Request) -> None:
    _spend(session.posts.take(trio.current_time()))


def request_rate(_: Services, session: Session, __: m.Request) -> None:
    _spend(session.requests.take(trio.current_time()))


def fitting_text(_: Services, __: Session, request: m.Post | m.Edit) -> None:
    if len(request.text) > MAX_TEXT:
        raise Refused(Code.TOO_LONG, f"A message has at most {MAX_TEXT:,} characters.")
    if not request.text:
        raise Refused(Code.BAD_REQUEST, "A message has at least one character.")
    if has_controls(request.text):
        raise Refused(Code.BAD_REQUEST, "A message holds no control characters but \\n and \\t.")


def owned(services: Services, session: Session, request: _Owners) -> None:
    check_owner(account_of(session), room_of(services, session, request.room))


def not_oneself(_: Services, session: Session, request: _ToSomebody) -> None:
    if fold(request.name) == fold(account_of(session).name):
        raise Refused(Code.FORBIDDEN, "You cannot do that to yourself.")


def fitting_emoji(_: Services, __: Session, request: m.React) -> None:
    emoji = request.emoji
    if not 1 <= len(emoji) <= MAX_EMOJI:
        raise Refused(Code.BAD_REQUEST, f"A reaction has 1 to {MAX_EMOJI} characters.")
    if has_controls(emoji) or any(map(str.isspace, emoji)):
        raise Refused(Code.BAD_REQUEST, "A reaction holds no spaces and no control characters.")
    if not any(map(_is_seen, emoji)):
        raise Refused(Code.BAD_REQUEST, "A reaction holds something that can be seen.")


def _is_seen(char: str) -> bool:
    category = unicodedata.category(char)
    if category == "Cn":
        return ord(char) in _EMOJIS
    return category not in _UNSEEN and char not in _EMPTY


def _spend(wait: float) -> None:
    if wait:
        # Rounded up: whoever waits so long must not come a millisecond early.
        seconds = int(wait * 1000 + 1) / 1000
        raise Refused(Code.TOO_FAST, "That was too fast. Wait a moment.", retry_after=seconds)


_OWNERS: Final = (request_rate, owned)
_TO_SOMEBODY: Final = (*_OWNERS, not_oneself)

COMMANDS: Final[dict[type[m.Request], Command]] = {
    m.Register: Command(login.register, (request_rate,)),
    m.Login: Command(login.log_in, (request_rate,)),
    m.Resume: Command(login.resume, (request_rate,)),
    m.Logout: Command(login.log_out, ()),
    m.Sessions: Command(account.sessions, (request_rate,)),
    m.Revoke: Command(account.revoke, (request_rate,)),
    m.Password: Command(account.change_password, (request_rate,)),
    m.DeleteAccount: Command(account.delete_account, (request_rate,)),
    m.Post: Command(messages.post, (fitting_text, post_rate)),
    m.Edit: Command(changes.edit, (fitting_text, post_rate)),
    m.Delete: Command(changes.delete, (post_rate,)),
    m.React: Command(changes.react, (fitting_emoji, post_rate)),
    m.Create: Command(rooms.create, (request_rate,)),
    m.Join: Command(rooms.join, (request_rate,)),
    m.Exit: Command(rooms.exit_room, (request_rate,)),
    m.History: Command(messages.history, (request_rate,)),
    m.LookUp: Command(messages.look_up, (request_rate,)),
    m.Search: Command(search.search, (request_rate,)),
    m.Members: Command(rooms.members, (request_rate,)),
    m.Topic: Command(moderation.topic, _OWNERS),
    m.NewPassword: Command(moderation.new_password, _OWNERS),
    m.Invite: Command(moderation.invite, _OWNERS),
    m.Kick: Command(moderation.kick, _TO_SOMEBODY),
    m.Ban: Command(moderation.ban, _TO_SOMEBODY),
    m.Unban: Command(moderation.unban, _TO_SOMEBODY),
    m.Mute: Command(moderation.mute, _TO_SOMEBODY),
    m.Unmute: Command(moderation.unmute, _TO_SOMEBODY),
    m.HandOver: Command(moderation.hand_over, _TO_SOMEBODY),
    m.DeleteRoom: Command(moderation.delete_room, _OWNERS),
    m.Audit: Command(moderation.audit, (request_rate,)),
    m.Direct: Command(rooms.direct, (request_rate,)),
    m.Block: Command(rooms.block, (request_rate, not_oneself)),
    m.Unblock: Command(rooms.unblock, (request_rate, not_oneself)),
    m.Blocked: Command(rooms.blocked, (request_rate,)),
    m.Read: Command(presence.read, (request_rate,)),
    m.Mentions: Command(presence.mentions, (request_rate,)),
    m.Watch: Command(presence.watch, (request_rate,)),
    m.Typing: Command(presence.typing, (request_rate,)),
    m.Away: Command(presence.away, (request_rate,)),
    m.Ping: Command(messages.ping, (request_rate,)),
}
