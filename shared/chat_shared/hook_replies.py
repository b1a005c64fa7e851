"""Replies about hooks. As all in `replies`."""

from collections.abc import Mapping
from typing import ClassVar

from msgspec import Struct

from chat_shared.frames import Field, Id, ReplyFrame, State, Time


class HookInfo(Struct, frozen=True, gc=False, omit_defaults=True):
    """A hook, without its code, which nobody can look up."""

    hook: Id
    name: Field  # as messages have it: builds (hook)
    by: Field
    created: Time
    used: Time = ""  # when a program last used it


class HookCreated(ReplyFrame, frozen=True, gc=False, tag="hook_created"):
    """A new hook. `code` is shown once; programs post to `web`, then `hook/`, then the code."""

    room: Field
    hook: Id
    name: Field
    code: Field
    web: Field = ""  # the address of the gateway's pages; empty without them


class HookList(ReplyFrame, frozen=True, gc=False, omit_defaults=False, tag="hooks"):
    room: Field
    hooks: list[HookInfo]


class HookOpened(ReplyFrame, frozen=True, gc=False, tag="hook_opened"):
    legal: ClassVar[Mapping[State, State]] = {State.GREETED: State.LOGGED_IN}

    room: Field
    name: Field
