"""Requests of members about invitations to their rooms."""

from chat_server.clock import rfc3339
from chat_server.requests.handlers import handles
from chat_server.rooms.guests import MAX_BY_LINK
from chat_server.services import Services
from chat_server.sessions.session import Session, account_of
from chat_server.store.api import InviteRecord
from chat_shared import messages as m


@handles(m.Invite)
async def invite(services: Services, session: Session, request: m.Invite) -> m.RoomInvite:
    return await _invite(services, session, request, guests=0)


@handles(m.InviteGuests)
async def invite_guests(
    services: Services, session: Session, request: m.InviteGuests
) -> m.RoomInvite:
    services.guests.check_allowed()
    return await _invite(services, session, request, guests=MAX_BY_LINK)


async def _invite(
    services: Services, session: Session, request: m.Invite | m.InviteGuests, *, guests: int
) -> m.RoomInvite:
    room = services.rooms.joined(account_of(session), request.room)
    code, expires = await services.invitations.invite(account_of(session), room, guests)
    public = services.public
    return m.RoomInvite(
        re=request.id,
        room=room.name,
        code=code,
        expires=rfc3339(expires),
        registers=not guests and services.invitations.register,
        guests=guests,
        host=public.host,
        port=public.port,
        fingerprint=public.fingerprint,
        ssh_port=public.ssh_port,
        ssh_key=public.ssh_key,
        web=public.web,
    )


@handles(m.Invitations)
async def invitations(
    services: Services, session: Session, request: m.Invitations
) -> m.InvitationList:
    room = services.rooms.joined(account_of(session), request.room)
    unused = await services.invitations.unused(account_of(session), room)
    return m.InvitationList(re=request.id, room=room.name, invitations=[*map(_info, unused)])


@handles(m.RevokeInvitation)
async def revoke(services: Services, session: Session, request: m.RevokeInvitation) -> m.Ok:
    room = services.rooms.joined(account_of(session), request.room)
    await services.invitations.revoke(account_of(session), room, request.invitation)
    return m.Ok(re=request.id)


def _info(record: InviteRecord) -> m.InvitationInfo:
    created, expires = rfc3339(record.created), rfc3339(record.expires)
    return m.InvitationInfo(record.id, record.by, created, expires, record.guests)
