"""Requests about hooks, by which programs post to a room. As all in `requests`.

A program has no client: the gateway takes its HTTP request, opens the hook, and posts.
"""

from collections.abc import Mapping
from typing import ClassVar

from chat_shared.frames import Field, Id, ReplyFrame, RequestFrame, State, Token
from chat_shared.hook_replies import HookCreated, HookList, HookOpened
from chat_shared.moderation_requests import OwnerRequest


class CreateHook(OwnerRequest, frozen=True, gc=False, tag="create_hook"):
    """Let programs that have the code post to the room, as `NAME (hook)`."""

    granted: ClassVar[type[ReplyFrame]] = HookCreated

    name: Field


class Hooks(OwnerRequest, frozen=True, gc=False):
    """List the hooks of the room."""

    granted: ClassVar[type[ReplyFrame]] = HookList


class RemoveHook(OwnerRequest, frozen=True, gc=False, tag="remove_hook"):
    """Make one of these useless. Its messages stay."""

    hook: Id


class OpenHook(RequestFrame, frozen=True, gc=False, tag="open_hook"):
    """Log in as a hook: only to post to its room, and to upload files for that."""

    legal: ClassVar[Mapping[State, State]] = {State.GREETED: State.GREETED}
    granted: ClassVar[type[ReplyFrame]] = HookOpened

    code: Token
