"""A method that refuses has written nothing: the transaction that it is a part of can go on."""

from collections.abc import Callable

import pytest

from chat_server.store.api import (
    AuditDraft,
    BlockedError,
    FullError,
    GoneError,
    GuestCounts,
    InvalidInviteError,
    InvitesFullError,
    SshKeyRecord,
    Store,
    TakenError,
)
from chat_shared.limits import MAX_PREFERENCES
from support.engines import Database
from support.stored_room import ADA, BEN, CLEO, ROOM, draft_of, fill_room

GONE, GUEST = 4, 5
ONE, TWO = GuestCounts(1, 1), GuestCounts(2, 2)
KEY = SshKeyRecord(b"key", "ssh-ed25519", "", 1)

REFUSALS: list[tuple[type[Exception], Callable[[Store], object]]] = [
    (TakenError, lambda store: store.add_account("ada", "Ada", "", 5)),
    (TakenError, lambda store: store.add_invited_account("ada", "Ada", "", 5, b"server")),
    (TakenError, lambda store: store.add_invited_account("ada", "Ada", "", 5, b"room")),
    (InvalidInviteError, lambda store: store.add_invited_account("di", "Di", "", 5, b"none")),
    (TakenError, lambda store: store.add_room("kitchen", "Kitchen", BEN, "", 5)),
    (GoneError, lambda store: store.add_room("attic", "Attic", GONE, "", 5)),
    (TakenError, lambda store: store.add_unowned_room("kitchen", "Kitchen", "", 5)),
    (GoneError, lambda store: store.add_member(ROOM, GONE, 5, b"room")),
    (InvalidInviteError, lambda store: store.add_member(ROOM, CLEO, 5, b"none")),
    (GoneError, lambda store: store.set_owner(ROOM, GONE, 5)),
    (BlockedError, lambda store: store.open_direct(ADA, BEN, 5)),
    (InvitesFullError, lambda store: store.add_room_invite(_invite(), b"new", 1)),
    (InvitesFullError, lambda store: store.add_room_invite(_invite(), b"new", 9, 1)),
    (InvalidInviteError, lambda store: store.remove_room_invite(_invite(), 99, ADA)),
    (TakenError, lambda store: store.add_ssh_key(ADA, KEY, 9)),
    (FullError, lambda store: store.add_ssh_key(BEN, KEY, 0)),
    (GoneError, lambda store: store.add_token_by_ssh_key(b"new", BEN, b"key", 5, 9)),
    (GoneError, lambda store: store.change_password(ADA, "other", b"none", b"new")),
    (TakenError, lambda store: store.change_password(ADA, "other", b"token", b"token")),
    (InvalidInviteError, lambda store: store.add_guest("di", "Di", 5, 9, b"room", ONE)),
    (FullError, lambda store: store.add_guest("di", "Di", 5, 9, b"guests", ONE)),
    (TakenError, lambda store: store.add_guest("ada", "Ada", 5, 9, b"guests", TWO)),
    (GoneError, lambda store: store.keep_guest(ADA, "other", 5)),
    (InvalidInviteError, lambda store: store.keep_guest(GUEST, "other", 5, b"none")),
    (GoneError, lambda store: store.set_preferences(GONE, {"theme": "dark"})),
    (FullError, lambda store: store.set_preferences(ADA, {"draft": "x" * MAX_PREFERENCES})),
]


def _invite() -> AuditDraft:
    return draft_of("invite", at=5, until=1_000)


@pytest.mark.parametrize(("error", "method"), REFUSALS)
def test_who_refuses_has_written_nothing(
    database: Database,
    store: Store,
    error: type[Exception],
    method: Callable[[Store], object],
) -> None:
    fill_room(store)
    store.remove_account(store.add_account("gone", "Gone", "", at=1).id, at=2)
    store.add_invite(b"server", 1, expires=1_000)
    store.add_room_invite(_invite(), b"room", 9)
    store.add_room_invite(_invite(), b"guests", 9, guests=2)
    assert store.add_guest("guest", "Guest", 4, 9, b"guests", ONE)[0].id == GUEST
    store.block(BEN, ADA, 9)
    store.add_ssh_key(ADA, KEY, 9)
    store.add_token(b"token", ADA, 1, 9)
    before = database.rows()

    def act(store: Store) -> None:
        with pytest.raises(error):
            method(store)

    database.connection.write(act)

    assert database.rows() == before
