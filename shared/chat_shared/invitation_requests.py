"""Requests of members about invitations to their room. As all in `requests`."""

from typing import ClassVar

from chat_shared.frames import Id, ReplyFrame, RequestFrame
from chat_shared.replies import InvitationList, RoomInvite


class Invite(RequestFrame, frozen=True, gc=False):
    """A code with which one person can create an account and join, or just join."""

    granted: ClassVar[type[ReplyFrame]] = RoomInvite

    room: str


class InviteGuests(RequestFrame, frozen=True, gc=False, tag="invite_guests"):
    """A code with which several people can come as guests, for a day each."""

    granted: ClassVar[type[ReplyFrame]] = RoomInvite

    room: str


class Invitations(RequestFrame, frozen=True, gc=False):
    """List our unused invitations to a room; as its owner, those of all members."""

    granted: ClassVar[type[ReplyFrame]] = InvitationList

    room: str


class RevokeInvitation(RequestFrame, frozen=True, gc=False, tag="revoke_invitation"):
    """Make one of these useless."""

    room: str
    invitation: Id
