"""Coming in, and going for good."""

from chat_server.accounts.accounts import Identity, digest_of_token
from chat_server.services import Services
from chat_server.sessions.blocks import Block
from chat_server.sessions.session import Session
from chat_shared import messages as m


async def register(services: Services, session: Session, request: m.Register) -> None:
    identity = await services.accounts.register(request.name, request.password, request.invite)
    await _claim(services, session, identity)
    await services.catch_up.enter(session, identity, request.id)
    general = services.rooms.general
    general.broadcast(Block([m.Entered(general.name, identity.account.name)]))


async def log_in(services: Services, session: Session, request: m.Login) -> None:
    identity = await services.accounts.log_in(request.name, request.password, session.address)
    await _claim(services, session, identity)
    await services.catch_up.enter(session, identity, request.id)


async def _claim(services: Services, session: Session, identity: Identity) -> None:
    """Let whoever voids the token end this session too; and see that nobody has yet.

    In this order: looked at first, it could be voided before it was ours.
    """
    session.digest = identity.digest
    await services.accounts.confirm(identity.digest)


async def resume(services: Services, session: Session, request: m.Resume) -> None:
    session.digest = digest_of_token(request.token)  # before it is looked up, as in `_claim`
    identity = await services.accounts.resume(request.token)
    await services.accounts.devices.note(identity.digest)
    await services.catch_up.resume(session, identity, request.id, request.seen)


async def log_out(services: Services, session: Session, request: m.Logout) -> None:
    await services.accounts.forget(session.digest)
    session.send(m.Ok(re=request.id))
    services.registry.disconnect_tokens([session.digest], "you logged out")
