"""Requests of a room's owner, and for what owners did. As all in `requests`."""

from typing import ClassVar

from chat_shared.frames import ReplyFrame, RequestFrame, Seq, Time
from chat_shared.replies import AuditPage, MuteInfo, RoomPassword


class OwnerRequest(RequestFrame, frozen=True, gc=False):
    """Granted to the owner of the room only."""

    owner_only: ClassVar[bool] = True

    room: str


class ModerationRequest(OwnerRequest, frozen=True, gc=False):
    """An owner's action on another person in the room."""

    others_only: ClassVar[bool] = True

    name: str


class Topic(OwnerRequest, frozen=True, gc=False):
    topic: str


class NewPassword(OwnerRequest, frozen=True, gc=False, tag="new_password"):
    """Reset the room password; the old one no longer works, members stay."""

    granted: ClassVar[type[ReplyFrame]] = RoomPassword


class Kick(ModerationRequest, frozen=True, gc=False):
    reason: str = ""


class Ban(ModerationRequest, frozen=True, gc=False):
    """Remove a member and refuse them until `until`; without it, until `unban`."""

    until: Time = ""
    reason: str = ""


class Unban(ModerationRequest, frozen=True, gc=False):
    pass


class Mute(ModerationRequest, frozen=True, gc=False):
    """Refuse a member's messages until `until`; without it, until `unmute`."""

    until: Time = ""
    reason: str = ""


class Unmute(ModerationRequest, frozen=True, gc=False):
    pass


class MuteOf(ModerationRequest, frozen=True, gc=False, tag="mute_of"):
    """Tell whether someone is muted, and until when."""

    granted: ClassVar[type[ReplyFrame]] = MuteInfo


class HandOver(ModerationRequest, frozen=True, gc=False, tag="hand_over"):
    pass


class DeleteRoom(OwnerRequest, frozen=True, gc=False, tag="delete_room"):
    pass


class Audit(RequestFrame, frozen=True, gc=False):
    """The moderation log of a room, newest first."""

    granted: ClassVar[type[ReplyFrame]] = AuditPage
    by_guests: ClassVar[bool] = True

    room: str
    before: Seq = 0  # the `id` of the last entry received, for the next page
