"""What is kept of what owners do: each act as a whole, with its line in the list, or not at all."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from chat_server.store.api import AuditDraft, InvalidInviteError, StoreError, Transfer
from chat_server.store.sqlite.store import SqliteStore, configure, migrate

ROOM, ADA, BEN, CLEO, NOBODY = 2, 1, 2, 3, 99


@pytest.fixture
def db(tmp_path: Path) -> Iterator[apsw.Connection]:
    with closing(apsw.Connection(str(tmp_path / "chat.db"))) as db:
        configure(db, "process")
        migrate(db)
        yield db


@pytest.fixture
def store(db: apsw.Connection) -> SqliteStore:
    """Ada's room, in which Cleo has been for longer than Ben."""
    store = SqliteStore(db)
    for name in "Ada", "Ben", "Cleo":
        store.add_account(name.lower(), name, "hash", at=1)
    store.add_room("kitchen", "Kitchen", ADA, "hash", at=1)
    store.add_member(ROOM, CLEO, at=2)
    store.add_member(ROOM, BEN, at=3)
    return store


def act(action: str, whom: int | None = None, *, at: int = 10, until: int = 0) -> AuditDraft:
    return AuditDraft(ROOM, ADA, action, at, whom, until, "why")


def actions(store: SqliteStore) -> list[str]:
    return [record.action for record in store.audit_entries(ROOM, 2**50, 100)]


def owner(store: SqliteStore) -> str:
    return store.rooms()[1].owner


_REFUSED: list[Callable[[SqliteStore], object]] = [
    lambda store: store.kick(act("kick", NOBODY)),
    lambda store: store.hand_over(act("hand_over", NOBODY)),
    lambda store: store.hand_over(act("hand_over")),
    lambda store: store.lift(act("unban", BEN), "ban"),
    lambda store: store.impose(act("ban", BEN), "ban", 0),
    lambda store: store.add_room_invite(act("invite", until=20), b"digest", 0),
]


@pytest.mark.parametrize("ask", _REFUSED, ids=range(len(_REFUSED)))
def test_what_is_not_done_is_not_noted(
    store: SqliteStore, ask: Callable[[SqliteStore], object]
) -> None:
    assert ask(store) is None
    assert actions(store) == []
    assert len(store.members(ROOM, "", 9)) == 3
    assert owner(store) == "Ada"


def test_an_act_that_cannot_be_noted_is_not_done(store: SqliteStore) -> None:
    stranger = AuditDraft(ROOM, NOBODY, "kick", 10, BEN)  # whom the list could not name

    with pytest.raises(StoreError):
        store.kick(stranger)

    assert store.is_member(ROOM, BEN)


def test_a_ban_ends_the_membership_and_a_mute_does_not(store: SqliteStore) -> None:
    store.impose(act("mute", BEN), "mute", 9)
    store.impose(act("ban", CLEO), "ban", 9)

    assert store.is_member(ROOM, BEN)
    assert not store.is_member(ROOM, CLEO)
    assert [mute.account for mute in store.mutes(10)] == [BEN]
    assert store.ban(ROOM, BEN, 10) is None
    assert store.ban(ROOM, CLEO, 10) is not None


def test_what_has_ended_holds_no_more_and_cannot_be_lifted(store: SqliteStore) -> None:
    store.impose(act("ban", BEN, until=20), "ban", 9)

    assert store.ban(ROOM, BEN, 19) is not None
    assert store.ban(ROOM, BEN, 20) is None
    assert store.lift(act("unban", BEN, at=20), "ban") is None


def test_an_invitation_is_used_once_and_only_where_it_leads(store: SqliteStore) -> None:
    dag = store.add_account("dag", "Dag", "hash", 1).id
    cellar = store.add_room("cellar", "Cellar", ADA, "hash", at=1).id
    store.add_room_invite(act("invite", until=20), b"digest", 9)

    for room, at in (cellar, 10), (ROOM, 20):
        with pytest.raises(InvalidInviteError):
            store.add_member(room, dag, at, b"digest")
        assert not store.is_member(room, dag)
    store.add_member(ROOM, dag, 19, b"digest")
    with pytest.raises(InvalidInviteError):
        store.add_member(ROOM, dag, 19, b"digest")


def test_who_leaves_is_followed_by_whom_they_name(store: SqliteStore) -> None:
    assert store.leave(act("exit"), BEN) == Transfer(ROOM, BEN, "Ben", 1)
    assert owner(store) == "Ben"


@pytest.mark.parametrize("heir", [None, NOBODY])
def test_or_by_the_oldest_member_where_that_is_nobody(store: SqliteStore, heir: int | None) -> None:
    assert store.leave(act("exit"), heir) == Transfer(ROOM, CLEO, "Cleo", 1)


def test_or_by_nobody(store: SqliteStore) -> None:
    for account in BEN, CLEO:
        assert store.leave(AuditDraft(ROOM, account, "exit", 10), None) is None

    assert store.leave(act("exit"), None) == Transfer(ROOM, None, "")
    assert owner(store) == ""
    assert actions(store) == []


def test_a_removed_account_leaves_each_room_to_its_oldest_member(store: SqliteStore) -> None:
    closet = store.add_room("closet", "Closet", ADA, "hash", at=1).id
    gone = store.add_room("gone", "Gone", ADA, "hash", at=1).id
    store.remove_room(gone, 2)

    assert store.remove_account(ADA, 3) == [
        Transfer(ROOM, CLEO, "Cleo"),
        Transfer(closet, None, ""),
    ]


def test_whoever_is_given_a_room_is_in_it_and_free(store: SqliteStore) -> None:
    for kind in "ban", "mute":
        store.impose(act(kind, BEN), kind, 9)

    store.set_owner(ROOM, BEN, 11)

    assert owner(store) == "Ben"
    assert store.is_member(ROOM, BEN)
    assert store.ban(ROOM, BEN, 11) is None
    assert store.mutes(11) == []
