"""Coming in, and going for good."""

from chat_server.accounts.accounts import Identity, digest_of_token
from chat_server.services import House
from chat_server.sessions.blocks import Block
from chat_server.sessions.session import Session
from chat_shared import messages as m


async def register(house: House, session: Session, request: m.Register) -> None:
    identity = await house.accounts.register(request.name, request.password, request.invite)
    await _claim(house, session, identity)
    await house.arrivals.enter(session, identity, request.id)
    general = house.rooms.general
    general.broadcast(Block([m.Entered(general.name, identity.account.name)]))


async def log_in(house: House, session: Session, request: m.Login) -> None:
    identity = await house.accounts.log_in(request.name, request.password, session.address)
    await _claim(house, session, identity)
    await house.arrivals.enter(session, identity, request.id)


async def _claim(house: House, session: Session, identity: Identity) -> None:
    """Let whoever voids the token end this session too; and see that nobody has yet.

    In this order: looked at first, it could be voided before it was ours.
    """
    session.digest = identity.digest
    await house.accounts.confirm(identity.digest)


async def resume(house: House, session: Session, request: m.Resume) -> None:
    session.digest = digest_of_token(request.token)  # before it is looked up, as in `_claim`
    identity = await house.accounts.resume(request.token)
    await house.accounts.devices.note(identity.digest)
    await house.arrivals.re_enter(session, identity, request.id, request.seen)


async def log_out(house: House, session: Session, request: m.Logout) -> None:
    await house.accounts.forget(session.digest)
    session.send(m.Ok(re=request.id))
    house.hub.drop_tokens([session.digest], "you logged out")
