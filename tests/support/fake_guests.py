"""Guests, as the server in memory handles them."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from chat_shared import messages as m
from chat_shared.errors import Code, Refused
from chat_shared.limits import GENERAL
from chat_shared.names import check_guest_name, check_password, fold

if TYPE_CHECKING:
    from support.fake_server import FakeSession

UNTIL: Final = "2026-11-23T09:30:00.000Z"


def register(session: "FakeSession", request: m.RegisterGuest) -> str:
    """Add a guest; return the account's name."""
    fake = session.fake
    room = fake.extras.guest_links.get(request.invite)
    if room is None:
        raise Refused(Code.REGISTRATION_CLOSED, "This guest link is not valid.")
    name = check_guest_name(request.name)
    if fold(name) in fake.accounts:
        raise Refused(Code.NAME_TAKEN, "This name is taken already.")
    fake.accounts[fold(name)] = name, ""
    fake.extras.guests.add(fold(name))
    fake.rooms[room].members[fold(name)] = name
    fake.broadcast(room, m.Entered(room, name, guest=True))
    return name


def until(session: "FakeSession") -> str:
    """Return until when the account is a guest's."""
    return UNTIL if fold(session.account) in session.fake.extras.guests else ""


def _invite_guests(session: "FakeSession", request: m.InviteGuests) -> None:
    room = session.room(request.room)
    session.fake.extras.guest_links["m4tz-8q0e-27xh"] = room.name
    session.send(
        m.RoomInvite(
            re=request.id,
            room=room.name,
            code="m4tz-8q0e-27xh",
            expires="2026-11-29T09:30:00.000Z",
            guests=20,
            host="chat.example.org",
            ssh_port=2222,
        )
    )


def _keep(session: "FakeSession", request: m.Keep) -> None:
    fake = session.fake
    check_password(request.password)
    if fake.registration == "invite" and request.invite not in fake.invitations:
        raise Refused(Code.REGISTRATION_CLOSED, "This server needs an invitation code.")
    fake.extras.guests.discard(fold(session.account))
    fake.accounts[fold(session.account)] = session.account, request.password
    fake.rooms[GENERAL].members[fold(session.account)] = session.account
    fake.broadcast(GENERAL, m.Entered(GENERAL, session.account))
    session.send(m.Ok(re=request.id))


HANDLERS: Final[dict[type[m.Request], Callable[..., None]]] = {
    m.InviteGuests: _invite_guests,
    m.Keep: _keep,
}
