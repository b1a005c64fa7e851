"""Messages are removed in steps, and only those that have expired."""

from chat_server.store.api import GENERAL_ROOM, AccountRecord, AuditDraft, Draft, Expiry, Store
from support.engines import Database
from support.posts import change, post


def post_at(store: Store, author: AccountRecord, *times: int, room: int = GENERAL_ROOM) -> None:
    for time in times:
        post(store, author, "text", room=room, at=time)


def kept(store: Store) -> list[int]:
    return [message.seq for message in store.messages_after(GENERAL_ROOM, 0, 1_000)]


def test_only_old_messages_are_removed(store: Store, ada: AccountRecord) -> None:
    post_at(store, ada, 10, 20, 30)

    assert store.remove_old_messages(GENERAL_ROOM, 20, 500) == 1
    assert store.remove_old_messages(GENERAL_ROOM, 20, 500) == 0
    assert kept(store) == [2, 3]


def test_a_step_removes_no_more_than_its_limit(store: Store, ada: AccountRecord) -> None:
    post_at(store, ada, *range(10))

    assert store.remove_old_messages(GENERAL_ROOM, 1_000, 4) == 4
    assert kept(store) == [5, 6, 7, 8, 9, 10]


def set_times(database: Database, *times: int) -> None:
    """Give the messages these times, as if written when times went back with the clock."""
    for seq, at in enumerate(times, start=1):
        database.execute("UPDATE message SET at = ?, clock = NULL WHERE seq = ?", at, seq)


def test_a_clock_that_was_set_back_leaves_no_gap(
    store: Store, database: Database, ada: AccountRecord
) -> None:
    post_at(store, ada, 10, 99, 20, 30)
    set_times(database, 10, 99, 20, 30)

    store.remove_old_messages(GENERAL_ROOM, 50, 500, now=100)

    assert kept(store) == [2, 3, 4]


def test_times_never_go_back_and_what_the_clock_said_counts_for_those_of_the_future(
    store: Store, ada: AccountRecord
) -> None:
    post_at(store, ada, 10, 1_000, 20, 60)

    messages = store.messages_after(GENERAL_ROOM, 0, 9)
    assert [message.at for message in messages] == [10, 1_000, 1_000, 1_000]
    assert store.remove_old_messages(GENERAL_ROOM, 50, 500, now=100) == 3
    assert kept(store) == [4]


def test_what_the_clock_said_counts_for_changes_as_well(store: Store, ada: AccountRecord) -> None:
    post_at(store, ada, 10, 1_000)
    change(store, ada, "edit", 1, "stored at 6, with the time of the one before")

    assert store.remove_old_messages(GENERAL_ROOM, 50, 500, now=100) == 3


def test_a_message_of_the_future_expires_with_those_around_it(
    store: Store, database: Database, ada: AccountRecord
) -> None:
    post_at(store, ada, 1, 2, 3, 4)
    set_times(database, 1_000, 20, 1_000, 60)

    assert store.remove_old_messages(GENERAL_ROOM, 50, 500, now=100) == 2
    assert kept(store) == [3, 4]
    assert store.remove_old_messages(GENERAL_ROOM, 50, 500, now=100) == 0


def test_messages_written_while_the_clock_was_far_behind_are_not_old(
    store: Store, ada: AccountRecord
) -> None:
    post_at(store, ada, 1_000, 3)

    assert store.remove_old_messages(GENERAL_ROOM, 900, 500, now=1_001) == 0
    assert kept(store) == [1, 2]


def test_a_removed_room_is_purged_in_steps_and_no_other_is_touched(
    store: Store, ada: AccountRecord
) -> None:
    room = store.add_room("kitchen", "kitchen", ada.id, "hash", 1)
    post_at(store, ada, 1, 2, 3, 4, 5, room=room.id)
    post_at(store, ada, 1)
    store.remove_room(room.id, 10)

    too_early = store.purge_removed_rooms(10, 2)
    steps = [store.purge_removed_rooms(11, 2) for _ in range(6)]

    assert too_early == 0
    assert steps == [2, 2, 1, 1, 1, 0]  # messages, the member, the room, nothing
    assert [record.name for record in store.rooms()] == ["general"]
    assert kept(store) == [1]


def test_rooms_that_were_removed_together_are_purged_one_after_the_other(
    store: Store, ada: AccountRecord
) -> None:
    for name in "kitchen", "cellar":
        store.remove_room(store.add_room(name, name, ada.id, "hash", 1).id, 2)

    assert [store.purge_removed_rooms(9, 5) for _ in range(5)] == [1, 1, 1, 1, 0]
    assert [record.name for record in store.rooms()] == ["general"]


def test_a_message_of_this_moment_is_not_of_the_future(store: Store, ada: AccountRecord) -> None:
    post_at(store, ada, 10, 30)

    assert store.remove_old_messages(GENERAL_ROOM, 50, 500, now=30) == 2


def fill_every_table(store: Store, room: int, owner: int, *others: int) -> None:
    for number in range(3):
        nonce = f"{room}-{number}"
        store.append([Draft(room, owner, "text", nonce)], 1)
        reaction = Draft(room, owner, f"e{number}", f"react {nonce}", change="react", of=1)
        store.append([reaction], 1)
        store.add_room_invite(AuditDraft(room, owner, "invite", 1), nonce.encode(), 9)
    for other in others:
        store.add_member(room, other, 1)
        store.impose(AuditDraft(room, owner, "mute", 1, other), "mute", 9)


def rows(database: Database, room: int) -> dict[str, int]:
    """Return how many rows of each table belong to `room`."""
    tables = ("message", "reaction", "member", "audit", "sanction", "room_invite")
    count = "SELECT count(*) FROM {} WHERE room = ?"
    return {table: database.select(count.format(table), room)[0][0] for table in tables}


def test_purging_a_room_removes_all_that_was_in_it_step_by_step_and_nothing_of_another(
    store: Store, database: Database, ada: AccountRecord, ben: AccountRecord
) -> None:
    cleo = store.add_account("cleo", "Cleo", "", 3)
    doomed, other = (store.add_room(name, name, ada.id, "", 1).id for name in ("old", "new"))
    for room in (doomed, other):
        fill_every_table(store, room, ada.id, ben.id, cleo.id)
    before = [rows(database, room) for room in (doomed, other)]
    store.remove_room(doomed, 2)
    steps = 0
    while any(left := rows(database, doomed).values()):
        store.purge_removed_rooms(9, 1)
        assert sum(left) - sum(rows(database, doomed).values()) == 1
        steps += 1

    assert before[0] == before[1]
    assert all(before[0].values())
    assert steps == sum(before[0].values())
    assert rows(database, other) == before[1]


def test_each_room_is_expired_by_its_own_messages(store: Store, ada: AccountRecord) -> None:
    kitchen = store.add_room("kitchen", "kitchen", ada.id, "", 1).id
    post_at(store, ada, 10, 20, room=kitchen)
    change(store, ada, "react", 1, "a", room=kitchen)
    post_at(store, ada, 60, 70)

    assert store.remove_old_messages(GENERAL_ROOM, 50, 500) == 0
    assert store.remove_orphan_reactions(kitchen, 9) == 0
    assert store.remove_old_messages(kitchen, 15, 500) == 1
    assert store.remove_orphan_reactions(kitchen, 9) == 1
    assert kept(store) == [1, 2]


def test_the_oldest_go_first_also_where_a_step_may_take_fewer_than_are_old(
    store: Store, database: Database, ada: AccountRecord
) -> None:
    post_at(store, ada, 10, 10, 10, 10)
    set_times(database, 10, 1_000, 10, 10)  # the second is of the future, and counts with the third

    assert store.remove_old_messages(GENERAL_ROOM, 50, 2, now=100) == 2
    assert kept(store) == [3, 4]


def test_times_to_keep_are_those_of_rooms_that_exist(store: Store, ada: AccountRecord) -> None:
    kitchen, old = (store.add_room(name, name, ada.id, "", 1).id for name in ("kitchen", "old"))
    store.set_keep(kitchen, 7)
    store.remove_room(old, 1)

    assert sorted(store.keep_times()) == [(GENERAL_ROOM, None), (kitchen, 7)]


def test_a_room_removed_in_the_future_counts_as_removed_now(
    store: Store, ada: AccountRecord
) -> None:
    store.remove_room(store.add_room("kitchen", "kitchen", ada.id, "hash", 1).id, 1_000)

    assert store.purge_removed_rooms(10, 2, now=20) == 0
    assert store.purge_removed_rooms(20, 2, now=30) == 0
    assert store.purge_removed_rooms(21, 2, now=31) == 1


def test_how_far_expiry_has_come_is_kept(store: Store) -> None:
    assert store.expiry() == Expiry(0, 0)
    store.set_expiry(Expiry(5, 7))
    assert store.expiry() == Expiry(5, 7)


def test_reactions_are_removed_in_steps_after_their_messages(
    store: Store, ada: AccountRecord
) -> None:
    post_at(store, ada, 1, 2)
    for emoji in "abc":
        change(store, ada, "react", 1, emoji)
    change(store, ada, "react", 2, "a")

    nothing_yet = store.remove_orphan_reactions(GENERAL_ROOM, 2)
    store.remove_old_messages(GENERAL_ROOM, 2, 500)
    steps = [store.remove_orphan_reactions(GENERAL_ROOM, 2) for _ in range(3)]
    left = store.reactions(GENERAL_ROOM, [1, 2], ada.id, 1)
    store.remove_old_messages(GENERAL_ROOM, 100, 500)

    assert nothing_yet == 0
    assert steps == [2, 1, 0]
    assert list(left) == [2]
    assert store.remove_orphan_reactions(GENERAL_ROOM, 2) == 1


def test_a_removed_room_is_purged_with_its_reactions(store: Store, ada: AccountRecord) -> None:
    room = store.add_room("kitchen", "kitchen", ada.id, "", 1)
    post(store, ada, "soup", room=room.id)
    for emoji in "abc":
        change(store, ada, "react", 1, emoji, room=room.id)
    store.remove_room(room.id, 2)

    steps = [store.purge_removed_rooms(9, 2) for _ in range(7)]
    assert steps == [2, 2, 2, 1, 1, 1, 0]  # messages, reactions, the member, the room
