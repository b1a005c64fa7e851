"""One's own account."""

from chat_server.services import Services, account_of
from chat_server.sessions.session import Session
from chat_shared import messages as m


async def sessions(services: Services, session: Session, request: m.Sessions) -> m.SessionList:
    account = account_of(session)
    listed = await services.accounts.devices.sessions(account.id, session.digest)
    return m.SessionList(re=request.id, sessions=listed)


async def revoke(services: Services, session: Session, request: m.Revoke) -> None:
    account, devices = account_of(session), services.accounts.devices
    if request.session:
        void = [await devices.revoke(account.id, request.session)]
    else:
        void = await devices.revoke_others(account.id, session.digest)
    session.send(m.Ok(re=request.id))  # which may be one of those that end now
    services.registry.disconnect_tokens(void, "this device was logged out")


async def change_password(services: Services, session: Session, request: m.Password) -> m.Ok:
    void = await services.accounts.change_password(
        account_of(session).name,
        request.old,
        request.new,
        keep=session.digest,
        address=session.address,
    )
    services.registry.disconnect_tokens(void, "the password was changed on another device")
    return m.Ok(re=request.id)


async def delete_account(services: Services, session: Session, request: m.DeleteAccount) -> None:
    account = account_of(session)
    left = await services.accounts.delete(account.name, request.password, session.address)
    session.send(m.Ok(re=request.id))
    for room in services.rooms.of(account):
        room.remove_member(account)
    services.registry.disconnect_account(account.id, "the account was deleted")
    await services.direct_rooms.forget(account.id)
    await services.succession.follow(account.name, left)
