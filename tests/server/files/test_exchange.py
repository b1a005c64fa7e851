"""A file from one person to another: uploaded, posted, downloaded, deleted."""

import hashlib
import random
import threading
from pathlib import Path

import pytest
import trio

from chat_server.files.folder import FolderBlobs
from chat_shared import messages as m
from chat_shared.errors import Code
from chat_shared.limits import MAX_CHUNK, MAX_FILES
from support.file_transfers import (
    begin,
    chunk_of,
    download,
    post,
    post_of,
    send,
    upload,
    upload_of,
)
from support.peer import Peer
from support.running_server import RunningServer
from support.searching import find_messages, indexed

_CONTENT = random.Random(1).randbytes(3 * MAX_CHUNK + 1_000)
_PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


def _blobs(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "files").glob("??/*") if path.is_file()]


async def test_a_file_arrives_as_it_was_sent(ada: Peer, ben: Peer) -> None:
    id = await upload(ada, _CONTENT, name="soup.txt")
    accepted = await post(ada, id, text="The recipe")

    posted = await ben.expect(m.Posted)
    assert (posted.seq, posted.text) == (accepted.seq, "The recipe")
    assert posted.files == (m.File(id, "soup.txt", len(_CONTENT)),)
    assert await download(ben, id, len(_CONTENT)) == _CONTENT
    assert await download(ben, id, len(_CONTENT), limit=20_000) == _CONTENT


async def test_history_and_resumed_messages_have_the_files(
    server: RunningServer, ada: Peer, ben: Peer
) -> None:
    files = [await upload(ada, bytes([number]), name=f"{number}.bin") for number in range(3)]
    await ben.aclose()
    await post(ada, *reversed(files))

    expected = tuple(m.File(id, f"{number}.bin", 1) for number, id in enumerate(files))[::-1]
    assert [line.files for line in (await ada.history()).messages] == [expected]
    assert (await ada.look_up(1))[0].files == expected
    back = await server.log_in("Ben", seen={"general": 0})
    assert (await back.expect(m.Posted)).files == expected


async def test_what_is_found_has_its_files(
    server: RunningServer, ada: Peer, ben: Peer, tmp_path: Path
) -> None:
    id = await upload(ada, b"x", name="recipe.txt")
    async with indexed(server, tmp_path):
        await post(ada, id, text="@ben soup")
        await server.services.search.catch_up()
        found = await find_messages(ben, "recipe")
        mentioned = await ben.grant(m.Mentions(id=1), m.Found)

    for hits in found.hits, mentioned.hits:
        assert [hit.files for hit in hits] == [(m.File(id, "recipe.txt", 1),)]


async def test_a_message_with_files_needs_no_text_and_one_without_does(ada: Peer) -> None:
    id = await upload(ada, _CONTENT)

    assert await ada.code(m.Post("general", "", "n1", id=1)) == Code.BAD_REQUEST
    await post(ada, id)
    assert (await ada.expect(m.Posted)).text == ""


async def test_an_empty_file_is_whole_at_once(ada: Peer, ben: Peer) -> None:
    state = await begin(ada, b"")
    assert state.at == 0
    await post(ada, state.upload)

    assert (await ben.expect(m.Posted)).files[0].size == 0
    assert await ben.code(m.Download(state.upload, 0, id=1)) == Code.BAD_REQUEST


async def test_only_pictures_have_a_type_whatever_they_are_called(ada: Peer) -> None:
    ids = [await upload(ada, _PNG, name="a.txt"), await upload(ada, b"<svg/>", name="b.png")]
    await post(ada, *ids)

    assert [file.type for file in (await ada.expect(m.Posted)).files] == ["image/png", ""]


async def test_names_are_cleaned(ada: Peer) -> None:
    id = await upload(ada, b"x", name="../../\x1b[31mpass\u202ewd.")
    await post(ada, id)

    assert (await ada.expect(m.Posted)).files[0].name == "[31mpasswd"


# --- going on -----------------------------------------------------------------------------


@pytest.mark.parametrize("at", [0, 1, MAX_CHUNK - 1, MAX_CHUNK, 2 * MAX_CHUNK, len(_CONTENT)])
async def test_an_upload_goes_on_where_it_was(
    server: RunningServer, ada: Peer, ben: Peer, at: int
) -> None:
    """Cut at the bounds of chunks, and within: what a chunk brought is there or not."""
    state = await begin(ada, _CONTENT)
    end = 0
    while end < at:
        end = await send(ada, state.upload, end, _CONTENT[end : min(end + MAX_CHUNK, at)])
    frame = m.encode(chunk_of(ada, state.upload, at, _CONTENT[at : at + MAX_CHUNK] or b"x"))
    await ada.send_bytes(frame[: len(frame) // 2])  # and half a frame, which counts for nothing
    await ada.aclose()

    back = await server.log_in("Ada")
    again = await begin(back, _CONTENT)
    assert (again.upload, again.at) == (state.upload, at)
    await post(back, await upload(back, _CONTENT))
    assert await download(ben, state.upload, len(_CONTENT)) == _CONTENT


async def test_a_chunk_at_another_place_is_answered_with_the_right_one(ada: Peer) -> None:
    state = await begin(ada, _CONTENT)
    end = await send(ada, state.upload, 0, _CONTENT[:1_000])

    assert await send(ada, state.upload, 0, _CONTENT[:1_000]) == end
    assert await send(ada, state.upload, 2_000, _CONTENT[2_000:3_000]) == end
    assert (await begin(ada, _CONTENT)).at == end
    assert await upload(ada, _CONTENT) == state.upload


async def test_chunks_may_be_sent_before_the_reply_to_the_one_before(ada: Peer) -> None:
    state = await begin(ada, _CONTENT)
    starts = range(0, len(_CONTENT), MAX_CHUNK)
    chunks = [chunk_of(ada, state.upload, at, _CONTENT[at : at + MAX_CHUNK]) for at in starts]
    await ada.send(*chunks)

    ends = [(await ada.expect(m.UploadState)).at for _ in chunks]
    assert ends == [*starts[1:], len(_CONTENT)]


async def test_a_whole_upload_can_be_begun_again_and_its_chunks_do_nothing(ada: Peer) -> None:
    id = await upload(ada, _CONTENT)

    assert await begin(ada, _CONTENT) == m.UploadState(
        re=ada.number() - 1, upload=id, at=len(_CONTENT)
    )
    assert await send(ada, id, 0, b"something else") == len(_CONTENT)


# --- what is wrong --------------------------------------------------------------------------


async def test_a_file_with_a_wrong_digest_is_refused_and_can_be_sent_again(
    ada: Peer, tmp_path: Path
) -> None:
    state = await begin(ada, _CONTENT[:100])
    wrong = chunk_of(ada, state.upload, 0, bytes(100))
    assert await ada.code(wrong) == Code.BAD_REQUEST
    assert _blobs(tmp_path) == []
    assert await ada.code(post_of(ada, state.upload)) == Code.BAD_REQUEST

    assert (await begin(ada, _CONTENT[:100])).at == 0
    assert await upload(ada, _CONTENT[:100]) == state.upload
    await post(ada, state.upload)


async def test_a_file_is_no_longer_than_it_was_announced(ada: Peer) -> None:
    state = await begin(ada, b"soup")

    assert await ada.code(chunk_of(ada, state.upload, 0, b"soups")) == Code.BAD_REQUEST
    assert await send(ada, state.upload, 0, b"soup") == 4


async def test_an_upload_that_is_not_whole_cannot_be_posted(ada: Peer) -> None:
    state = await begin(ada, _CONTENT)
    await send(ada, state.upload, 0, _CONTENT[:1_000])

    assert await ada.code(post_of(ada, state.upload, text="soup")) == Code.BAD_REQUEST
    assert (await ada.history()).messages == []


async def test_others_can_do_nothing_with_an_upload(ada: Peer, ben: Peer) -> None:
    id = await upload(ada, _CONTENT)

    assert await ben.code(chunk_of(ben, id, 0, b"x")) == Code.NO_SUCH_FILE
    assert await ben.code(m.CancelUpload(id, id=1)) == Code.NO_SUCH_FILE
    assert await ben.code(post_of(ben, id)) == Code.NO_SUCH_FILE
    assert await ben.code(m.Download(id, 0, id=2)) == Code.NO_SUCH_FILE
    assert await ada.code(m.Download(id, 0, id=3)) == Code.NO_SUCH_FILE  # nor she, before she posts
    await post(ada, id)


async def test_what_does_not_exist_is_not_found(ada: Peer) -> None:
    assert await ada.code(chunk_of(ada, 99, 0, b"x")) == Code.NO_SUCH_FILE
    assert await ada.code(m.CancelUpload(99, id=1)) == Code.NO_SUCH_FILE
    assert await ada.code(m.Download(99, 0, id=2)) == Code.NO_SUCH_FILE
    assert await ada.code(post_of(ada, 99)) == Code.NO_SUCH_FILE


async def test_the_digest_opens_nothing(ada: Peer, ben: Peer, tmp_path: Path) -> None:
    """Who knows what a file is has to send all of it all the same; it is stored once."""
    await post(ada, await upload(ada, _CONTENT))
    assert (await begin(ben, _CONTENT)).at == 0

    id = await upload(ben, _CONTENT)
    await post(ben, id)
    assert await download(ada, id, len(_CONTENT)) == _CONTENT


async def test_a_message_has_a_file_once(ada: Peer) -> None:
    id = await upload(ada, _CONTENT)

    assert await ada.code(post_of(ada, id, id)) == Code.BAD_REQUEST
    await post(ada, id)


async def test_a_file_is_in_one_message(ada: Peer) -> None:
    id = await upload(ada, _CONTENT)
    await post(ada, id)

    assert await ada.code(post_of(ada, id)) == Code.NO_SUCH_FILE


async def test_a_message_posted_again_has_its_first_number(ada: Peer) -> None:
    id = await upload(ada, _CONTENT)
    first = await post(ada, id, nonce="once")

    assert (await post(ada, id, nonce="once")).seq == first.seq
    assert len((await ada.history()).messages) == 1


async def test_two_posts_at_once_cannot_take_the_same_upload(ada: Peer) -> None:
    id = await upload(ada, _CONTENT)
    first, second = post_of(ada, id), post_of(ada, id)
    await ada.send(first, second)

    replies = [await ada.reply_to(request.id) for request in (first, second)]
    assert [type(reply) for reply in replies] == [m.Accepted, m.Error]
    assert [len(line.files) for line in (await ada.history()).messages] == [1]


async def test_a_message_has_at_most_ten_files(ada: Peer) -> None:
    ids = [await upload(ada, bytes([number])) for number in range(MAX_FILES + 1)]

    assert await ada.code(post_of(ada, *ids)) == Code.BAD_REQUEST
    await post(ada, *ids[:MAX_FILES])


async def test_only_a_digest_is_a_digest(ada: Peer) -> None:
    digest = hashlib.sha256(b"soup").hexdigest()
    for wrong in digest[1:], digest.upper(), digest + "0", "", digest[1:] + "\n":
        assert await ada.code(m.Upload("general", "soup", 4, wrong, id=1)) == Code.BAD_REQUEST


async def test_a_cancelled_upload_is_gone(ada: Peer, tmp_path: Path) -> None:
    state = await begin(ada, _CONTENT)
    await send(ada, state.upload, 0, _CONTENT[:1_000])
    await ada.grant(m.CancelUpload(state.upload, id=1), m.Ok)

    assert await ada.code(chunk_of(ada, state.upload, 1_000, b"x")) == Code.NO_SUCH_FILE
    assert list((tmp_path / "files" / "incoming").iterdir()) == []
    again = await begin(ada, _CONTENT)
    assert (again.upload != state.upload, again.at) == (True, 0)


# --- rooms ----------------------------------------------------------------------------------


async def test_only_members_get_a_file(ada: Peer, ben: Peer) -> None:
    password = await ada.create("kitchen")
    id = await upload(ada, _CONTENT, room="kitchen")
    await post(ada, id, room="kitchen")

    for at in 0, len(_CONTENT):  # not even how long it is
        assert await ben.code(m.Download(id, at, id=1)) == Code.NO_SUCH_FILE
    await ben.join("kitchen", password)
    assert await download(ben, id, len(_CONTENT)) == _CONTENT
    await ben.exit("kitchen")
    assert await ben.code(m.Download(id, 0, id=2)) == Code.NO_SUCH_FILE


async def test_who_is_kicked_gets_no_more_of_a_file_and_sends_no_more(ada: Peer, ben: Peer) -> None:
    password = await ada.create("kitchen")
    await ben.join("kitchen", password)
    id = await upload(ada, _CONTENT, room="kitchen")
    await post(ada, id, room="kitchen")
    await ben.grant(m.Download(id, 0, id=1), m.FileChunk)
    mine = await begin(ben, _CONTENT, room="kitchen")

    await ada.grant(m.Kick("kitchen", "Ben", id=1), m.Ok)
    assert await ben.code(m.Download(id, MAX_CHUNK, id=2)) == Code.NO_SUCH_FILE
    assert await ben.code(chunk_of(ben, mine.upload, 0, b"x")) == Code.NOT_A_MEMBER
    assert await ben.code(upload_of(ben, _CONTENT, room="kitchen")) == Code.NOT_A_MEMBER


async def test_who_is_kicked_while_a_chunk_is_read_does_not_get_it(
    ada: Peer, ben: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ben.join("kitchen", await ada.create("kitchen"))
    id = await upload(ada, _CONTENT, room="kitchen")
    await post(ada, id, room="kitchen")
    reading, kicked, read = threading.Event(), threading.Event(), FolderBlobs.read

    def read_late(blobs: FolderBlobs, key: str, at: int, limit: int) -> bytes:
        reading.set()
        kicked.wait()
        return read(blobs, key, at, limit)

    monkeypatch.setattr(FolderBlobs, "read", read_late)
    request = m.Download(id, 0, id=1)
    await ben.send(request)
    await trio.to_thread.run_sync(reading.wait)
    await ada.grant(m.Kick("kitchen", "Ben", id=1), m.Ok)
    kicked.set()

    reply = await ben.reply_to(request.id)
    assert isinstance(reply, m.Error)
    assert reply.code == Code.NO_SUCH_FILE


async def test_who_is_muted_is_told_before_the_first_chunk(ada: Peer, ben: Peer) -> None:
    password = await ada.create("kitchen")
    await ben.join("kitchen", password)
    mine = await begin(ben, _CONTENT, room="kitchen")
    await ada.grant(m.Mute("kitchen", "Ben", id=1), m.Ok)

    assert await ben.code(upload_of(ben, _CONTENT, room="kitchen")) == Code.MUTED
    assert await ben.code(chunk_of(ben, mine.upload, 0, b"x")) == Code.MUTED


async def test_an_upload_is_for_its_room(ada: Peer) -> None:
    await ada.create("kitchen")
    id = await upload(ada, _CONTENT)

    assert await ada.code(post_of(ada, id, room="kitchen")) == Code.BAD_REQUEST
    await post(ada, id)


async def test_nobody_uploads_to_people_who_have_blocked_them(ada: Peer, ben: Peer) -> None:
    room = (await ada.grant(m.Direct("Ben", id=1), m.Joined)).room
    await ben.grant(m.Block("Ada", id=1), m.Ok)

    assert await ada.code(upload_of(ada, _CONTENT, room=room)) == Code.FORBIDDEN


async def test_a_deleted_message_takes_its_files_with_it(ada: Peer, ben: Peer) -> None:
    id = await upload(ada, _CONTENT)
    accepted = await post(ada, id)
    await ben.grant(m.Download(id, 0, id=1), m.FileChunk)
    await ada.delete(accepted.seq)

    assert await ben.code(m.Download(id, MAX_CHUNK, id=2)) == Code.NO_SUCH_FILE
    assert (await ben.look_up(accepted.seq))[0].files == ()
