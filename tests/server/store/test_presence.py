"""Away messages and times last seen."""

from chat_server.store.api import GENERAL_ROOM, AccountRecord, MemberRecord, Store


def test_away_messages_and_times_last_seen_are_kept(
    store: Store, ada: AccountRecord, ben: AccountRecord
) -> None:
    store.set_away(ada.id, "Cooking.")
    store.set_last_seen({ada.id: 7, 99: 8})

    assert store.account_state(ada.id).away == "Cooking."
    assert store.members(GENERAL_ROOM, "", 9) == [
        MemberRecord(ada.id, "Ada", "Cooking.", 7),
        MemberRecord(ben.id, "Ben", "", 0),
    ]
