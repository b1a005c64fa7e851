"""On a full disk posts are refused and reading works; posting works again once there is room.

Two ways to fill it. A limit on the size of files needs no rights and works
everywhere; a small file system is the real thing, if mounting is allowed.
"""

import resource
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from chat_shared import messages as m
from chat_shared.errors import Code
from chat_shared.limits import MAX_CHUNK
from support.file_transfers import begin, chunk_of, download, post, post_of, upload, upload_of
from support.full_disk import fill_up, mounted, small_disk as small_disk_at
from support.peer import PASSWORD, Peer
from support.server_process import ServerProcess, running

# High rates, so that only the disk refuses; surviving a crash is enough here.
_FLAGS: Final = ("--limits.posts", "100000", "--durability", "process")

_TEXT: Final = "x" * 4_000
_MAX_POSTS: Final = 2_000  # posts; each disk here holds far fewer


async def fill(peer: Peer) -> tuple[list[int], m.Post]:
    """Post until one is refused; return the accepted seqs and the refused post."""
    accepted: list[int] = []
    for _ in range(_MAX_POSTS):
        post = peer.draft(_TEXT)
        reply = await peer.ask(post)
        if isinstance(reply, m.Error):
            assert reply.code == Code.INTERNAL, reply
            return accepted, post
        assert isinstance(reply, m.Accepted)
        accepted.append(reply.seq)
    raise AssertionError("the disk was never full")


async def stored(peer: Peer) -> list[int]:
    """Return the seqs of all messages, page by page."""
    numbers: list[int] = []
    more = True
    while more:
        page = await peer.history(after=numbers[-1] if numbers else 0)
        numbers += [line.seq for line in page.messages]
        more = page.more
    return numbers


async def fill_and_recover(
    data: Path, limit: Callable[[ServerProcess], None], lift: Callable[[ServerProcess], None]
) -> None:
    """Fill the disk under a server, make room again, and lose nothing."""
    async with running(data, *_FLAGS) as server:
        ada, ben = await server.connect(), await server.connect()
        await ada.register("Ada")
        await ben.register("Ben")
        limit(server)

        accepted, refused = await fill(ada)
        assert await stored(ben) == accepted  # reading works; nothing is half-written
        assert [message.seq for message in await ben.expect_posted(len(accepted))] == accepted
        assert await ben.code(ben.draft(_TEXT)) == Code.INTERNAL  # and the server still runs
        assert "messages not stored" in server.log()
        assert _TEXT not in server.log()

        lift(server)
        again = await ada.grant(
            m.Post(refused.room, refused.text, refused.nonce, id=99_999), m.Accepted
        )
        assert again.seq == len(accepted) + 1
        assert (await ben.expect(m.Posted)).nonce == refused.nonce

    async with running(data, *_FLAGS) as server:
        back = await server.connect()
        await back.log_in("Ada")
        assert await stored(back) == [*accepted, again.seq]


async def test_a_file_size_limit(data: Path) -> None:
    def limit(server: ServerProcess) -> None:
        size = max(file.stat().st_size for file in data.iterdir())
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (size + 200_000, _UNLIMITED))

    def lift(server: ServerProcess) -> None:
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (_UNLIMITED, _UNLIMITED))

    await fill_and_recover(data, limit, lift)


_UNLIMITED: Final = resource.RLIM_INFINITY


@pytest.fixture
def small_disk(data: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A data folder on a file system of 1 MB or so many. Skipped if mounting is not allowed."""
    with small_disk_at(data, f"size={getattr(request, 'param', '1m')}"):
        yield data


async def test_a_full_disk(small_disk: Path) -> None:
    def limit(_: ServerProcess) -> None:
        """Nothing to do: the disk is small."""

    def lift(_: ServerProcess) -> None:
        assert mounted("-o", "remount,size=64m", str(small_disk))

    await fill_and_recover(small_disk, limit, lift)


@pytest.mark.parametrize("small_disk", ["80m"], indirect=True)
async def test_on_a_disk_that_others_have_filled_people_log_in_and_delete(
    small_disk: Path,
) -> None:
    filler = small_disk / "of another program"
    async with running(small_disk, *_FLAGS) as server:
        ada = await server.connect()
        await ada.register("Ada")
        for text in "secret", "another":
            await ada.post(text)
        fill_up(filler)
        await fill(ada)

        await ada.delete(1)
        back, new = await server.connect(), await server.connect()
        await back.log_in("Ada")
        assert await ada.code(ada.draft(_TEXT)) == Code.INTERNAL
        assert await new.code(m.Register("Ben", PASSWORD, id=1)) == Code.INTERNAL
        await back.delete(2)
        texts = [line.text for line in (await back.history(after=0)).messages[:2]]

        filler.unlink()
        await back.post("there is space again")

    assert texts == ["", ""]
    assert "the disk is full: messages are refused" in server.log()


_FILES: Final = ("--limits.transfer-burst", "1000000000", "--limits.transfers-per-account", "100")
_FILE: Final = 4_000_000  # bytes


async def upload_until_full(peer: Peer) -> tuple[int, m.Error]:
    """Post messages with files until a file is refused; return how many there are, and why."""
    for number in range(1_000):
        content = number.to_bytes(2) * (_FILE // 2)
        request = upload_of(peer, content)
        state = await peer.ask(request)
        at = 0
        while isinstance(state, m.UploadState) and at < len(content):
            chunk = chunk_of(peer, state.upload, at, content[at : at + MAX_CHUNK])
            reply = await peer.ask(chunk)
            if isinstance(reply, m.Error):
                return number, reply
            assert isinstance(reply, m.UploadState)
            at = reply.at
        if isinstance(state, m.Error):
            return number, state
        assert isinstance(state, m.UploadState)
        await peer.grant(post_of(peer, state.upload), m.Accepted)
    raise AssertionError("the disk was never full")


@pytest.mark.parametrize("small_disk", ["80m"], indirect=True)
async def test_files_leave_messages_their_place_on_the_disk(small_disk: Path) -> None:
    flags = (*_FLAGS, *_FILES, "--limits.free-disk", "40000000")
    async with running(small_disk, *flags) as server:
        ada = await server.connect()
        await ada.register("Ada")
        files, refused = await upload_until_full(ada)
        for _ in range(200):
            await ada.post(_TEXT)

    assert 5 <= files <= 8
    assert (refused.code, refused.message) == (
        Code.INTERNAL,
        "The server has no space left for files. Ask its operator.",
    )
    assert "messages are refused" not in server.log()


@pytest.mark.parametrize("small_disk", ["80m"], indirect=True)
async def test_an_upload_goes_on_once_others_have_made_space_on_the_disk(small_disk: Path) -> None:
    content, filler = bytes(range(200)) * 20_000, small_disk / "of another program"
    async with running(small_disk, *_FLAGS, *_FILES, "--limits.free-disk", "0") as server:
        ada = await server.connect()
        await ada.register("Ada")
        state = await begin(ada, content)
        await ada.grant(chunk_of(ada, state.upload, 0, content[:MAX_CHUNK]), m.UploadState)
        fill_up(filler)
        refused = await ada.refusal(
            chunk_of(ada, state.upload, MAX_CHUNK, content[MAX_CHUNK : 2 * MAX_CHUNK])
        )
        there = (small_disk / "files" / "incoming" / f"{state.upload}").stat().st_size
        filler.unlink()
        assert (await begin(ada, content)).at == MAX_CHUNK
        file = await upload(ada, content)
        await post(ada, file)
        assert await download(ada, file, len(content)) == content

    assert refused.message == "The server has no space left for files. Ask its operator."
    assert there == MAX_CHUNK
    assert file == state.upload


async def test_a_file_that_the_disk_does_not_take_is_refused_and_messages_go_on(
    data: Path,
) -> None:
    async with running(data, *_FLAGS, *_FILES) as server:
        ada = await server.connect()
        await ada.register("Ada")
        limit = (3_000_000, _UNLIMITED)
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, limit)
        files, refused = await upload_until_full(ada)
        await ada.post(_TEXT)
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (_UNLIMITED, _UNLIMITED))
        state = await ada.grant(upload_of(ada, bytes(_FILE)), m.UploadState)

    assert files == 0
    assert refused.code == Code.INTERNAL
    assert 2_900_000 < state.at <= 3_000_000  # what was there stays, and the upload goes on
