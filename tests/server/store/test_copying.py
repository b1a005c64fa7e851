"""Messages are handed out in the order in which they were stored, for a copy elsewhere."""

from chat_server.store.api import (
    GENERAL_ROOM,
    AccountRecord,
    CopiedMessage,
    Draft,
    FileRecord,
    Store,
)
from support.posts import post
from support.stored_files import post_files, whole


def test_they_are_paged_by_id_with_their_authors(store: Store, ada: AccountRecord) -> None:
    for text in "one", "two", "three":
        post(store, ada, text, at=5)

    first = store.copied_messages(0, 2)
    rest = store.copied_messages(first[-1].id, 2)

    assert [each.text for each in first] == ["one", "two"]
    assert rest == [
        CopiedMessage(
            *(rest[0].id, GENERAL_ROOM, 3, ada.id, 5, "three", "", 0, None, "ada", "Ada"), files=[]
        )
    ]
    assert store.copied_messages(rest[0].id, 2) == []


def test_what_changes_are_about_is_handed_out_as_it_is_now(
    store: Store, ada: AccountRecord
) -> None:
    for text in "one", "two", "three":
        post(store, ada, text, at=5)
    last = store.copied_messages(0, 10)[-1].id
    edit = Draft(GENERAL_ROOM, ada.id, "new", "edit", change="edit", of=1)
    deletion = Draft(GENERAL_ROOM, ada.id, "", "deletion", change="delete", of=2)
    store.append([edit, deletion], 6)

    changes = store.copied_messages(last, 10)
    changed = store.changed_messages(last, changes[-1].id)

    assert [(each.change, each.of) for each in changes] == [("edit", 1), ("delete", 2)]
    assert [(each.seq, each.text, each.deleted) for each in changed] == [
        (1, "new", None),
        (2, "", 6),
    ]
    assert store.changed_messages(changes[-1].id, changes[-1].id + 1) == []


def test_files_are_handed_out_with_their_message(store: Store, ada: AccountRecord) -> None:
    upload = whole(store, ada.id, name="soup.png", size=7)
    post_files(store, ada.id, upload)
    (copied,) = store.copied_messages(0, 2)
    edit = Draft(GENERAL_ROOM, ada.id, "new", "edit", change="edit", of=1)
    store.append([edit], 6)

    assert copied.files == [FileRecord(upload, "soup.png", 7)]
    assert store.changed_messages(copied.id, copied.id + 1)[0].files == copied.files


def test_the_oldest_message_of_each_room_is_told(store: Store, ada: AccountRecord) -> None:
    store.add_room("kitchen", "kitchen", ada.id, "hash", 1)
    assert store.first_messages() == {}
    for time in 1, 2, 3:
        post(store, ada, "text", at=time)
    store.remove_old_messages(GENERAL_ROOM, 2, 500)

    assert store.first_messages() == {GENERAL_ROOM: 2}
