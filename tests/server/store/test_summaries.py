"""Summaries for the operator."""

from chat_server.store.api import GENERAL_ROOM, AccountRecord, Store
from support.posts import post

_DAY = 86_400_000  # milliseconds


def test_accounts_are_paged_by_name(store: Store) -> None:
    for name in "Cleo", "ada", "Ben":
        store.add_account(name.lower(), name, "hash", 7)

    low, high = (account.id for name in ("ada", "ben") if (account := store.account(name)))
    store.open_direct(low, high, 7)
    first = store.account_summaries("", 2)
    rest = store.account_summaries("ben", 2)

    assert [account.name for account in first] == ["ada", "Ben"]
    assert [account.name for account in rest] == ["Cleo"]
    assert rest[0].created == 7
    assert first[0].rooms == rest[0].rooms == 1  # the general one


def test_room_summaries_count_the_messages_that_are_kept(store: Store, ada: AccountRecord) -> None:
    store.add_room("kitchen", "kitchen", ada.id, "hash", 1)
    for time in 1, 2, 3:
        post(store, ada, "text", at=time)
    store.set_keep(GENERAL_ROOM, 90 * _DAY)
    store.remove_old_messages(GENERAL_ROOM, 2, 500)

    general, kitchen = store.room_summaries()

    assert (general.name, general.members, general.messages, general.keep) == (
        "general", 1, 2, 90 * _DAY,
    )  # fmt: skip
    assert (kitchen.name, kitchen.owner, kitchen.messages, kitchen.keep) == (
        "kitchen", "Ada", 0, None,
    )  # fmt: skip


def test_a_direct_room_has_participants_and_is_not_counted(
    store: Store, ada: AccountRecord
) -> None:
    ben = store.add_account("ben", "Ben", "hash", 1)
    store.open_direct(ada.id, ben.id, 2)

    general, direct = store.room_summaries()

    assert general.participants == ()
    assert (direct.owner, direct.participants) == ("", ("Ada", "Ben"))
    assert store.figures().rooms == 1


def test_figures_count_what_has_not_been_removed(store: Store, ada: AccountRecord) -> None:
    store.add_account("ben", "Ben", "hash", 1)
    store.remove_account(ada.id, 2)

    figures = store.figures()

    assert (figures.accounts, figures.rooms) == (1, 1)
    assert figures.size > 0
