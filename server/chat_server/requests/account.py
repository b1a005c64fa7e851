"""Logging in and out, and requests about the account."""

from chat_server.accounts.identity import Identity, token_digest
from chat_server.requests.handlers import handles
from chat_server.rooms.leaving import leaving
from chat_server.rooms.sanctions import check_line
from chat_server.services import Services
from chat_server.sessions.blocks import Block
from chat_server.sessions.session import Session, account_of
from chat_shared import messages as m
from chat_shared.limits import MAX_REASON


@handles(m.Register)
async def register(services: Services, session: Session, request: m.Register) -> None:
    identity = await services.accounts.register(
        request.name, request.password, request.invite, session.address
    )
    await claim(services, session, identity, request.client)
    await services.catch_up.welcome(session, identity, request.id)
    general = services.rooms.general
    general.broadcast(Block([m.Entered(general.name, identity.account.name)]))


@handles(m.RegisterGuest)
async def register_guest(services: Services, session: Session, request: m.RegisterGuest) -> None:
    identity = await services.guests.add(request.name, request.invite, session.address)
    await claim(services, session, identity, request.client)
    await services.catch_up.welcome(session, identity, request.id)


@handles(m.Keep)
async def keep(services: Services, session: Session, request: m.Keep) -> m.Ok:
    account = account_of(session)
    await services.guests.keep(account, request.password, request.invite, session.address)
    return m.Ok(re=request.id)


@handles(m.Login)
async def log_in(services: Services, session: Session, request: m.Login) -> None:
    identity = await services.accounts.log_in(request.name, request.password, session.address)
    await claim(services, session, identity, request.client)
    await services.catch_up.welcome(session, identity, request.id)


async def claim(services: Services, session: Session, identity: Identity, client: str) -> None:
    """Record the token in the session, so that revoking it ends the session, then confirm it.

    In this order: confirmed first, it could be revoked before the session has it.
    """
    session.digest = identity.digest
    await services.accounts.check_token(identity.digest)
    _record_use(services, session, client)


def _record_use(services: Services, session: Session, client: str) -> None:
    session.client = client
    services.accounts.sessions.record_use(session.digest, client, session.address)


@handles(m.Resume)
async def resume(services: Services, session: Session, request: m.Resume) -> None:
    session.digest = token_digest(request.token)  # before it is looked up, as in `claim`
    identity = await services.accounts.resume(request.token)
    _record_use(services, session, request.client)
    await services.catch_up.resume(session, identity, request.id, request.seen, request.at)


@handles(m.Ping)
def ping(_: Services, __: Session, request: m.Ping) -> m.Pong:
    return m.Pong(re=request.id)


@handles(m.Logout)
async def log_out(services: Services, session: Session, request: m.Logout) -> None:
    if account_of(session).guest_until:  # nobody could log in to the account again
        await services.guests.leave(account_of(session))
    await services.accounts.revoke_token(session.digest)
    session.send(m.Ok(re=request.id))
    services.registry.disconnect_tokens([session.digest], "you logged out")


@handles(m.Sessions)
async def sessions(services: Services, session: Session, request: m.Sessions) -> m.SessionList:
    account = account_of(session)
    listed = await services.accounts.sessions.list_sessions(account.id, session.digest)
    return m.SessionList(re=request.id, sessions=listed)


@handles(m.Revoke)
async def revoke(services: Services, session: Session, request: m.Revoke) -> None:
    account, sessions = account_of(session), services.accounts.sessions
    if request.session:
        revoked = [await sessions.revoke(account.id, request.session)]
    else:
        revoked = await sessions.revoke_others(account.id, session.digest)
    session.send(m.Ok(re=request.id))  # before this session may itself be disconnected
    services.registry.disconnect_tokens(revoked, "this device was logged out")


@handles(m.Password)
async def change_password(services: Services, session: Session, request: m.Password) -> m.Ok:
    identity = await services.accounts.change_password(
        account_of(session).name,
        request.old,
        request.new,
        current=session.digest,
        token=request.token,
        address=session.address,
    )
    session.digest = identity.digest  # first: its former token is among the revoked ones
    _record_use(services, session, session.client)
    reason = "the password was changed on another device"
    services.registry.disconnect_tokens(identity.revoked, reason)
    return m.Ok(re=request.id, token=identity.token)


@handles(m.DeleteAccount)
async def delete_account(services: Services, session: Session, request: m.DeleteAccount) -> None:
    account = account_of(session)
    rooms = services.rooms.of(account)
    async with leaving(services.journal.wait_published, rooms, account.id):
        left = await services.accounts.delete(account.name, request.password, session.address)
        session.send(m.Ok(re=request.id))
        rooms = services.rooms.of(account)  # another device may have joined one meanwhile
        for room in rooms:
            room.remove_member(account)
    services.registry.disconnect_account(account.id, "the account was deleted")
    await services.direct_messages.mark_deleted(account.id)
    await services.ownership.apply_transfers(account.name, left)
    await services.membership.remove_unused(rooms)


@handles(m.Away)
async def away(services: Services, session: Session, request: m.Away) -> m.Ok:
    text = check_line(request.text, MAX_REASON, "The away message")
    await services.presence.set_away(account_of(session), text)
    return m.Ok(re=request.id)
