"""Uploads become files of messages, and no blob is forgotten when they go."""

from hashlib import sha256

import pytest

from chat_server.store.api import (
    GENERAL_ROOM,
    AccountRecord,
    Draft,
    FileBounds,
    FileRecord,
    FullError,
    GoneError,
    Store,
    StoredFile,
)
from chat_server.store.api.files import LEAST_COUNTED, FilePlace, blob_key, blob_of
from support.engines import Database
from support.posts import change, post
from support.stored_files import AMPLE, begin, post_files, whole

SOUP = sha256(b"soup").digest()
LATE = 10**9


def files(store: Store, seq: int = 1) -> list[str]:
    (message,) = store.messages_at(GENERAL_ROOM, [seq])
    return [file.name for file in message.files]


def test_an_upload_goes_on_until_it_is_whole(store: Store, ada: AccountRecord) -> None:
    upload = begin(store, ada.id, name="a\u0301 🍲.png", at=3)
    again = begin(store, ada.id, name="a\u0301 🍲.png", at=9)

    assert again == upload
    assert store.uploads([upload.id, 99]) == [upload]
    assert not upload.whole
    assert store.complete_upload(upload.id, "image/png") == blob_key(SOUP, upload.id)
    (complete,) = store.uploads([upload.id])
    assert (complete.whole, complete.type) == (True, "image/png")
    assert begin(store, ada.id, name="a\u0301 🍲.png") == complete
    assert store.complete_upload(upload.id, "image/png") == blob_key(SOUP, upload.id)
    assert store.unneeded_blobs(9) == []


def test_another_account_room_name_size_or_content_is_another_upload(
    store: Store, ada: AccountRecord, ben: AccountRecord
) -> None:
    kitchen = store.add_room("kitchen", "kitchen", ada.id, "", 1).id
    ids = {
        begin(store, ada.id).id,
        begin(store, ben.id).id,
        begin(store, ada.id, room=kitchen).id,
        begin(store, ada.id, name="other.pdf").id,
        begin(store, ada.id, size=5_001).id,
        begin(store, ada.id, "stew").id,
    }

    assert len(ids) == 6


def test_an_upload_needs_a_room_that_is_there(store: Store, ada: AccountRecord) -> None:
    kitchen = store.add_room("kitchen", "kitchen", ada.id, "", 1).id
    begin(store, ada.id, room=kitchen)
    store.remove_room(kitchen, 2)

    for room in kitchen, 99:
        with pytest.raises(GoneError):
            begin(store, ada.id, room=room)


def test_files_are_those_of_their_message_in_the_order_of_the_draft(
    store: Store, ada: AccountRecord
) -> None:
    names = {name: whole(store, ada.id, name, name=name, size=7) for name in ("b", "a", "c")}
    post(store, ada, "soup")
    post_files(store, ada.id, names["c"], names["b"], text="two of them")

    plain, message = store.messages_after(GENERAL_ROOM, 0, 9)
    assert plain.files == []
    assert message.files == [
        FileRecord(names["c"], "c", 7, ""),
        FileRecord(names["b"], "b", 7, ""),
    ]
    assert store.messages_before(GENERAL_ROOM, 9, 1) == [message]
    assert store.messages_at(GENERAL_ROOM, [2]) == [message]
    stored = StoredFile(GENERAL_ROOM, 7, blob_key(sha256(b"c").digest(), names["c"]))
    assert store.stored_file(names["c"]) == stored
    assert store.stored_file(names["a"]) is None
    assert [upload.name for upload in store.uploads(names.values())] == ["a"]


def test_the_types_and_names_of_files_are_kept_as_they_are(
    store: Store, ada: AccountRecord
) -> None:
    name = 'it\'s "quoted", back\\slash, 日 😀.jpg'
    upload = begin(store, ada.id, name=name)
    store.complete_upload(upload.id, "image/jpeg")
    post_files(store, ada.id, upload.id)

    (message,) = store.messages_after(GENERAL_ROOM, 0, 9)
    assert message.files == [FileRecord(upload.id, name, 5_000, "image/jpeg")]
    assert message.text == ""


def test_a_posted_file_is_no_upload_any_more(store: Store, ada: AccountRecord) -> None:
    upload = whole(store, ada.id)
    post_files(store, ada.id, upload)
    store.remove_upload(upload)

    assert store.uploads([upload]) == []
    assert files(store) == ["recipe.pdf"]
    assert begin(store, ada.id).id != upload
    with pytest.raises(GoneError):
        store.complete_upload(upload, "")
    post_files(store, ada.id, upload)
    assert files(store, 2) == []
    assert files(store) == ["recipe.pdf"]


def test_what_is_no_whole_upload_of_the_author_to_the_room_is_left_out(
    store: Store, ada: AccountRecord, ben: AccountRecord
) -> None:
    kitchen = store.add_room("kitchen", "kitchen", ada.id, "", 1).id
    uploads = (
        begin(store, ada.id, "half", name="half").id,
        whole(store, ben.id, name="ben's"),
        whole(store, ada.id, name="elsewhere", room=kitchen),
        whole(store, ada.id, name="right"),
        99,
    )
    post_files(store, ada.id, *uploads)

    assert files(store) == ["right"]
    assert [upload.name for upload in store.uploads(uploads)] == ["half", "ben's", "elsewhere"]


def test_a_repeated_post_neither_takes_nor_loses_files(store: Store, ada: AccountRecord) -> None:
    first, second = (whole(store, ada.id, text, name=text) for text in ("one", "two"))
    draft = Draft(GENERAL_ROOM, ada.id, "", "nonce", files=(first,))
    again = Draft(GENERAL_ROOM, ada.id, "", "nonce", files=(second,))

    assert [receipt.fresh for receipt in store.append([draft, again], 2)] == [True, False]
    assert [receipt.fresh for receipt in store.append([again], 3)] == [False]
    assert files(store) == ["one"]
    assert [upload.id for upload in store.uploads([first, second])] == [second]


def test_messages_with_and_without_files_and_changes_share_a_batch(
    store: Store, ada: AccountRecord, ben: AccountRecord
) -> None:
    kitchen = store.add_room("kitchen", "kitchen", ada.id, "", 1).id
    drafts = [
        Draft(GENERAL_ROOM, ada.id, "@ben", "1", files=(whole(store, ada.id, name="one"),)),
        Draft(GENERAL_ROOM, ben.id, "plain", "2"),
        Draft(GENERAL_ROOM, ada.id, "edited", "3", change="edit", of=1),
        Draft(kitchen, ada.id, "", "4", files=(whole(store, ada.id, name="two", room=kitchen),)),
    ]
    store.append(drafts, 5)

    general = store.messages_after(GENERAL_ROOM, 0, 9)
    assert [(each.text, [file.name for file in each.files]) for each in general] == [
        ("edited", ["one"]),
        ("plain", []),
        ("edited", []),
    ]
    (elsewhere,) = store.messages_after(kitchen, 0, 9)
    assert [file.name for file in elsewhere.files] == ["two"]


def test_only_files_cost_the_statements_for_files(
    store: Store, database: Database, ada: AccountRecord
) -> None:
    def statements(*drafts: Draft) -> list[str]:
        return database.statements(lambda: store.append(drafts, 1))

    plain = statements(Draft(GENERAL_ROOM, ada.id, "soup", "1"))
    upload = whole(store, ada.id)
    with_file = statements(Draft(GENERAL_ROOM, ada.id, "soup", "2", files=(upload,)))

    assert plain.count("UPDATE") <= 1  # that of the room's seq
    assert sorted(with_file) == sorted([*plain, "UPDATE", "UPDATE"])


def test_the_same_content_is_kept_once(store: Store, ada: AccountRecord) -> None:
    first = whole(store, ada.id)
    second = begin(store, ada.id, name="copy.pdf").id

    assert store.complete_upload(second, "") == blob_key(SOUP, first)
    assert store.complete_upload(second, "") == blob_key(SOUP, first)
    assert store.unneeded_blobs(9) == [blob_key(SOUP, second)]
    post_files(store, ada.id, first)
    post_files(store, ada.id, second)
    change(store, ada, "delete", 1)
    assert store.unneeded_blobs(9) == [blob_key(SOUP, second)]
    third = begin(store, ada.id, name="third.pdf").id
    assert store.complete_upload(third, "") == blob_key(SOUP, first)
    store.remove_upload(third)
    change(store, ada, "delete", 2)
    assert {*store.unneeded_blobs(9)} == {blob_key(SOUP, id) for id in (first, second, third)}


def test_content_that_is_lost_is_that_of_the_next_upload_in_all_messages(
    store: Store, ada: AccountRecord, ben: AccountRecord
) -> None:
    first, second = whole(store, ada.id), whole(store, ben.id)
    for author, file in (ada, first), (ben, second):
        post_files(store, author.id, file)
    lost = blob_key(SOUP, first)
    waiting = whole(store, ada.id, name="not posted yet")
    third = begin(store, ada.id, name="third").id

    assert store.same_content(SOUP, 5_000) == lost
    new = store.complete_upload(third, "", lost)

    assert new == blob_key(SOUP, third)
    stored = [store.stored_file(file) for file in (first, second)]
    assert [file and file.blob for file in stored] == [new, new]
    assert [upload.blob for upload in store.uploads([waiting, third])] == [new, new]
    assert {*store.unneeded_blobs(9)} == {blob_key(SOUP, id) for id in (first, second, waiting)}
    assert store.same_content(SOUP, 5_000) == new


def test_messages_that_have_a_blob_are_found(store: Store, ada: AccountRecord) -> None:
    kitchen = store.add_room("kitchen", "kitchen", ada.id, "", 1).id
    first, second = whole(store, ada.id), whole(store, ada.id, name="copy.pdf", room=kitchen)
    whole(store, ada.id, name="not posted")
    post(store, ada, "hello")
    post_files(store, ada.id, first)
    post_files(store, ada.id, second, room=kitchen)
    places = [FilePlace("general", 2, "recipe.pdf"), FilePlace("kitchen", 1, "copy.pdf")]

    assert store.places(blob_key(SOUP, first), 9) == places
    assert store.places(blob_key(SOUP, first), 1) == places[:1]
    assert store.places(blob_key(SOUP, second), 9) == []


def test_what_was_lost_is_replaced_only_if_it_is_still_needed(
    store: Store, ada: AccountRecord
) -> None:
    other = whole(store, ada.id)
    third = begin(store, ada.id, name="third").id

    assert store.complete_upload(third, "", blob_key(SOUP, 99)) == blob_key(SOUP, other)
    assert store.same_content(SOUP, 1) is None


def test_the_same_digest_with_another_size_is_other_content(
    store: Store, ada: AccountRecord
) -> None:
    whole(store, ada.id)
    other = begin(store, ada.id, size=1).id

    assert store.complete_upload(other, "") == blob_key(SOUP, other)


def test_half_an_upload_lends_its_blob_to_nobody(store: Store, ada: AccountRecord) -> None:
    half, other = begin(store, ada.id).id, begin(store, ada.id, name="other").id

    assert store.complete_upload(other, "") == blob_key(SOUP, other)
    assert store.complete_upload(half, "") == blob_key(SOUP, other)


def test_a_deleted_message_has_no_files_and_leaves_their_blobs_to_be_removed(
    store: Store, database: Database, ada: AccountRecord, ben: AccountRecord
) -> None:
    kept, gone = (whole(store, ada.id, text, name=text) for text in ("kept", "gone"))
    post_files(store, ada.id, kept)
    post_files(store, ada.id, gone, text="private")
    change(store, ben, "delete", 2)

    assert files(store) == ["kept"]
    assert files(store, 2) == []
    assert store.stored_file(gone) is None
    key = blob_key(sha256(b"gone").digest(), gone)
    assert store.unneeded_blobs(9) == [key]
    store.forget_blobs([key, "other"])
    assert store.unneeded_blobs(9) == []
    assert "gone" not in str(database.rows())


def test_a_file_posted_and_deleted_in_one_batch_is_gone(store: Store, ada: AccountRecord) -> None:
    upload = whole(store, ada.id)
    deletion = Draft(GENERAL_ROOM, ada.id, "", "2", change="delete", of=1)
    store.append([Draft(GENERAL_ROOM, ada.id, "", "1", files=(upload,)), deletion], 1)

    assert files(store) == []
    assert store.unneeded_blobs(9) == [blob_key(SOUP, upload)]


def test_a_removed_upload_leaves_its_blob_to_be_removed_whole_or_not(
    store: Store, ada: AccountRecord
) -> None:
    half, all = begin(store, ada.id, "half"), begin(store, ada.id, "all")
    store.complete_upload(all.id, "")
    for id in half.id, all.id, 99:
        store.remove_upload(id)

    assert store.uploads([half.id, all.id]) == []
    keys = {blob_key(upload.digest, upload.id) for upload in (half, all)}
    assert {*store.unneeded_blobs(9)} == keys
    assert len(store.unneeded_blobs(1)) == 1
    with pytest.raises(GoneError):
        store.complete_upload(half.id, "")


def test_an_id_is_never_given_twice(store: Store, ada: AccountRecord) -> None:
    first = begin(store, ada.id).id
    store.remove_upload(first)

    assert begin(store, ada.id).id > first


def test_old_messages_leave_the_blobs_of_exactly_their_files(
    store: Store, database: Database, ada: AccountRecord
) -> None:
    uploads = [whole(store, ada.id, f"{seq}", name=f"{seq}") for seq in range(1, 6)]
    for upload in uploads:
        post_files(store, ada.id, upload)
    database.execute("UPDATE message SET at = 999 WHERE seq = 2")  # the future

    assert store.remove_old_messages(GENERAL_ROOM, 50, 3, now=100) == 3
    assert [files(store, seq) for seq in (4, 5)] == [["4"], ["5"]]
    expected = {blob_key(sha256(f"{n}".encode()).digest(), uploads[n - 1]) for n in (1, 2, 3)}
    assert {*store.unneeded_blobs(9)} == expected


def test_a_removed_room_takes_its_files_and_uploads_with_it_in_steps(
    store: Store, ada: AccountRecord
) -> None:
    kitchen = store.add_room("kitchen", "kitchen", ada.id, "", 1).id
    uploads = [whole(store, ada.id, f"{n}", room=kitchen) for n in range(3)]
    uploads.append(begin(store, ada.id, "half", room=kitchen).id)
    post_files(store, ada.id, *uploads[:2], room=kitchen)
    other = whole(store, ada.id, "other")
    store.remove_room(kitchen, 2)

    steps = [store.purge_removed_rooms(9, 3) for _ in range(6)]

    assert steps == [1, 1, 3, 1, 1, 0]  # the message, the member, files, the room
    assert {blob_of(key)[1] for key in store.unneeded_blobs(9)} == {*uploads}
    assert [upload.id for upload in store.uploads([*uploads, other])] == [other]
    assert store.file_bytes() == 5_000


def test_bytes_are_bounded_for_an_account_and_for_all(
    store: Store, ada: AccountRecord, ben: AccountRecord
) -> None:
    bounds = FileBounds(account=20_000, total=30_000, uploads=9)
    first = begin(store, ada.id, "1", size=12_000, bounds=bounds)
    with pytest.raises(FullError) as account:
        begin(store, ada.id, "2", size=8_001, bounds=bounds)
    begin(store, ada.id, "2", size=8_000, bounds=bounds)
    with pytest.raises(FullError) as total:
        begin(store, ben.id, "3", size=10_001, bounds=bounds)
    begin(store, ben.id, "3", size=10_000, bounds=bounds)

    assert (account.value.args, total.value.args) == (("account",), ("total",))
    assert store.file_bytes() == 30_000
    store.remove_upload(first.id)
    assert store.file_bytes() == 18_000
    begin(store, ben.id, "4", size=10_000, bounds=bounds)


def test_a_file_keeps_its_bytes_until_its_message_goes(store: Store, ada: AccountRecord) -> None:
    bounds = FileBounds(account=9_000, total=9_000, uploads=9)
    post_files(store, ada.id, whole(store, ada.id, size=9_000))
    with pytest.raises(FullError):
        begin(store, ada.id, "more", bounds=bounds)
    change(store, ada, "delete", 1)

    begin(store, ada.id, "more", bounds=bounds)


def test_the_smallest_files_count_for_a_block_of_the_disk(store: Store, ada: AccountRecord) -> None:
    bounds = FileBounds(account=2 * LEAST_COUNTED, total=2**40, uploads=9)
    for content in "12":
        begin(store, ada.id, content, size=0, bounds=bounds)
    with pytest.raises(FullError):
        begin(store, ada.id, "3", size=0, bounds=bounds)

    assert store.file_bytes() == 2 * LEAST_COUNTED


def test_uploads_of_an_account_are_bounded_and_the_same_one_goes_on(
    store: Store, ada: AccountRecord, ben: AccountRecord
) -> None:
    bounds = FileBounds(AMPLE.account, AMPLE.total, uploads=2)
    first = begin(store, ada.id, "1", bounds=bounds)
    second = whole(store, ada.id, "2")
    with pytest.raises(FullError) as caught:
        begin(store, ada.id, "3", bounds=bounds)

    assert caught.value.args == ("uploads",)
    assert begin(store, ada.id, "1", bounds=bounds) == first
    begin(store, ben.id, "3", bounds=bounds)
    post_files(store, ada.id, second)
    begin(store, ada.id, "3", bounds=bounds)


def test_uploads_are_old_after_a_time_or_with_their_account(
    store: Store, ada: AccountRecord, ben: AccountRecord
) -> None:
    ids = [begin(store, ada.id, f"{at}", at=at).id for at in (30, 10, 20)]
    posted = whole(store, ada.id, "posted", at=1)
    post_files(store, ada.id, posted)
    bens = begin(store, ben.id, at=99).id

    assert store.old_uploads(30, 9) == [ids[1], ids[2]]
    assert store.old_uploads(31, 2) == [ids[1], ids[2]]
    store.remove_account(ben.id, 5)
    assert store.old_uploads(30, 9) == [ids[1], ids[2], bens]


def test_blobs_of_whole_files_are_listed_page_by_page(store: Store, ada: AccountRecord) -> None:
    begin(store, ada.id, "half")
    expected = []
    for number in range(7):
        content, size = f"{number}", 100 + number
        upload = whole(store, ada.id, content, size=size)
        digest = sha256(content.encode()).digest()
        expected.append((blob_key(digest, upload), size, digest))
        post_files(store, ada.id, whole(store, ada.id, content, size=size, name="the same"))
    listed = [first := store.blobs("", 3), second := store.blobs(first[-1][0], 3)]
    listed += [store.blobs(second[-1][0], 3)]

    assert [len(page) for page in listed] == [3, 3, 1]
    assert [blob for page in listed for blob in page] == sorted(expected, key=lambda each: each[2])
    assert store.blobs(listed[-1][0][0], 3) == []


def test_a_key_can_be_taken_apart_again() -> None:
    assert blob_of(blob_key(SOUP, 12)) == (SOUP, 12)
    assert blob_of("") == (b"", 0)
    for other in "soup.1", "00.x":
        with pytest.raises(ValueError, match=r"non-hexadecimal|invalid literal"):
            blob_of(other)
