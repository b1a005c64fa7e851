"""Files of messages go up, whatever happens, and the message after them."""

import os
import shutil
from pathlib import Path

import pytest

from chat_shared import messages as m
from chat_shared.errors import Code
from chat_shared.limits import MAX_CHUNK
from chat_tui.controller.controller import Attempt
from chat_tui.model.changes import TransfersChanged
from chat_tui.model.outbox import LocalFile, PageFile, Status
from chat_tui.model.progress import progress
from chat_tui.model.transfer import Cancelled
from chat_tui.storage.source_file import local_file
from support.chosen_files import ChoosingPage
from support.client_reports import until
from support.controller_bench import HOME, LOGIN, Bench, bench

pytestmark = pytest.mark.asyncio

SIZE = 2 * MAX_CHUNK + 7
_LONG = 20 * MAX_CHUNK  # more than is read before the first answers


def made(folder: Path, size: int = SIZE, name: str = "report.pdf") -> LocalFile:
    path = folder / name
    path.write_bytes(os.urandom(size))
    return local_file(str(path))


def content(file: LocalFile) -> bytes:
    return Path(file.path).read_bytes()


def change(file: LocalFile, data: bytes) -> None:
    Path(file.path).write_bytes(data)


def stored(at: Bench) -> dict[str, bytes]:
    """Return the files of messages in general by name, as the server has them."""
    files = [file for line in at.fake.rooms["general"].lines for file in line.files]
    return {file.name: at.fake.files.stored[file.file][1] for file in files}


def chunks(at: Bench) -> list[int]:
    return [request.at for request in at.fake.requests if isinstance(request, m.SendChunk)]


async def test_a_message_is_posted_once_the_server_has_its_files(tmp_path: Path) -> None:
    report, photo = made(tmp_path), made(tmp_path, 12, "photo.png")
    async with bench() as at:
        await at.log_in(Attempt(HOME, LOGIN))

        at.controller.post("general", "Here.", files=(report, photo))
        await until(lambda: len(stored(at)) == 2)

        assert stored(at) == {file.name: content(file) for file in (report, photo)}
        (line,) = at.fake.rooms["general"].lines
        assert [(file.name, file.size) for file in line.files] == [
            ("report.pdf", SIZE), ("photo.png", 12),
        ]  # fmt: skip
        assert line.text == "Here."
        assert at.controller.transfers.under_way() == []
        assert TransfersChanged() in at.front_end.changes


async def test_a_file_that_is_named_twice_is_sent_once(tmp_path: Path) -> None:
    report, folder = made(tmp_path), tmp_path / "copies"
    folder.mkdir()
    shutil.copy(report.path, folder)
    copy = local_file(str(folder / report.name))
    async with bench() as at:
        await at.log_in(Attempt(HOME, LOGIN))

        at.controller.post("general", "", files=(report, report, copy))
        await until(lambda: stored(at))

        (line,) = at.fake.rooms["general"].lines
        assert [file.name for file in line.files] == ["report.pdf"]
        assert not at.controller.state.outbox.of("general")


async def test_an_empty_file_is_a_file(tmp_path: Path) -> None:
    async with bench() as at:
        await at.log_in(Attempt(HOME, LOGIN))

        at.controller.post("general", "", files=(made(tmp_path, 0),))
        await until(lambda: stored(at))

        assert stored(at) == {"report.pdf": b""}
        assert chunks(at) == []


async def test_messages_typed_later_do_not_wait_for_files(tmp_path: Path) -> None:
    report = made(tmp_path)
    async with bench() as at:
        await at.log_in(Attempt(HOME, LOGIN))
        at.fake.files.loses = 0
        at.controller.post("general", "with a file", files=(report,))
        await until(lambda: at.fake.silent)
        at.fake.silent = False

        at.controller.post("general", "without")

        assert [line.text for line in at.fake.rooms["general"].lines] == ["without"]
        (transfer,) = at.controller.transfers.under_way()
        assert progress(transfer).startswith("Sending report.pdf")


@pytest.mark.parametrize("stores", [True, False])
@pytest.mark.parametrize("cut_at", [0, MAX_CHUNK, 2 * MAX_CHUNK])
async def test_an_upload_goes_on_after_a_cut_at_any_chunk(
    cut_at: int, stores: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat_tui.controller.uploads.pause_after", lambda _: 0)
    report = made(tmp_path)
    async with bench() as at:
        await at.log_in(Attempt(HOME, LOGIN))
        at.fake.files.loses, at.fake.files.stores_lost = cut_at, stores
        at.controller.post("general", "", files=(report,))
        await until(lambda: at.fake.silent)

        at.client.cut()
        await until(lambda: at.controller.transfers.under_way()[0].is_waiting)
        at.fake.silent = False
        at.client.reconnect()
        await until(lambda: stored(at))

        assert stored(at) == {"report.pdf": content(report)}
        assert len(at.fake.files.uploads) == 0
        assert chunks(at).count(cut_at) == (1 if stores else 2)  # what arrived is not sent again


async def test_where_the_server_asks_for_patience_it_is_asked_again(tmp_path: Path) -> None:
    report = made(tmp_path)
    async with bench() as at:
        await at.log_in(Attempt(HOME, LOGIN))
        slow = m.Error(Code.TOO_FAST, "Slow down.", retry_after=0.01)
        at.fake.files.chunk_replies = [slow, slow]

        at.controller.post("general", "", files=(report,))
        await until(lambda: stored(at))

        assert stored(at) == {"report.pdf": content(report)}


@pytest.mark.parametrize(
    "reply",
    [
        m.Error(Code.MUTED, "You're muted in general."),
        m.UploadState(re=1, upload=1, at=0),
        m.UploadState(re=1, upload=1, at=MAX_CHUNK - 1),
        m.UploadState(re=1, upload=1, at=2**53 - 1),
        m.UploadState(re=1, upload=2, at=MAX_CHUNK),
    ],
)
async def test_a_refusal_or_nonsense_is_the_end_and_leaves_nothing_there(
    reply: m.Reply, tmp_path: Path
) -> None:
    async with bench() as at:
        await at.log_in(Attempt(HOME, LOGIN))
        at.fake.files.chunk_replies = [reply] * 8  # one for each time that it is begun

        unsent = at.controller.post("general", "Here.", files=(made(tmp_path),))
        await until(lambda: unsent.status is Status.REFUSED)
        await until(lambda: not at.fake.files.uploads)

        sentence = (
            reply.message if isinstance(reply, m.Error) else "The server's reply makes no sense."
        )
        assert unsent.reason == sentence
        assert at.controller.transfers.under_way() == []
        assert at.fake.rooms["general"].lines == []


@pytest.mark.parametrize(
    "reply",
    [m.UploadState(re=1, upload=1, at=7), m.Error(Code.NO_SUCH_FILE, "There is no such upload.")],
)
async def test_an_upload_that_is_elsewhere_is_asked_for_and_goes_on(
    reply: m.Reply, tmp_path: Path
) -> None:
    report = made(tmp_path)
    async with bench() as at:
        await at.log_in(Attempt(HOME, LOGIN))
        at.fake.files.chunk_replies = [reply]

        at.controller.post("general", "", files=(report,))
        await until(lambda: stored(at))

        assert stored(at) == {"report.pdf": content(report)}


@pytest.mark.parametrize(("times", "files"), [(1, 1), (2, 0)])
async def test_files_that_the_server_has_removed_are_uploaded_once_more(
    times: int, files: int, tmp_path: Path
) -> None:
    report = made(tmp_path)
    async with bench() as at:
        await at.log_in(Attempt(HOME, LOGIN))
        gone = m.Error(Code.NO_SUCH_FILE, "This file doesn't exist.", 1)
        at.fake.refusals = [gone] * times

        unsent = at.controller.post("general", "", files=(report,))
        await until(lambda: stored(at) or unsent.status is Status.REFUSED)

        assert len(stored(at)) == files
        uploads = [request for request in at.fake.requests if isinstance(request, m.Upload)]
        assert len(uploads) == 2


async def test_what_the_server_does_not_take_is_not_begun(tmp_path: Path) -> None:
    report = made(tmp_path)
    async with bench() as at:
        at.fake.files.max_file = SIZE - 1
        await at.log_in(Attempt(HOME, LOGIN))
        unsent = at.controller.post("general", "", files=(report,))
        await until(lambda: unsent.status is Status.REFUSED)
        assert unsent.reason == "report.pdf is 1 byte over the limit of 90 kB."

        at.client.cut()
        at.fake.files.max_file = 0
        at.client.reconnect()
        unsent = at.controller.post("general", "", files=(report,))
        await until(lambda: unsent.status is Status.REFUSED)
        assert unsent.reason == "This server takes no files."
        assert not any(isinstance(request, m.Upload) for request in at.fake.requests)


async def test_a_file_that_is_not_what_it_was_is_not_sent(tmp_path: Path) -> None:
    gone, longer = (made(tmp_path, SIZE, name) for name in ("gone", "longer"))
    os.unlink(gone.path)
    change(longer, bytes(SIZE + 1))
    async with bench() as at:
        await at.log_in(Attempt(HOME, LOGIN))
        first = at.controller.post("general", "", files=(gone,))
        second = at.controller.post("general", "", files=(longer,))
        await until(lambda: second.status is Status.REFUSED)

        assert first.reason == f"There is no file {gone.path}."
        assert second.reason == "longer has changed since you chose it. Choose it again."


@pytest.mark.parametrize("new", [b"short", bytes(_LONG)])
async def test_a_file_that_changes_while_it_is_sent_is_told_and_can_be_sent_again(
    new: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat_tui.controller.uploads.pause_after", lambda _: 0)
    report = made(tmp_path, _LONG)
    async with bench() as at:
        await at.log_in(Attempt(HOME, LOGIN))
        at.fake.files.loses = MAX_CHUNK
        unsent = at.controller.post("general", "", files=(report,))
        await until(lambda: at.fake.silent)
        change(report, new)
        at.client.cut()
        at.fake.silent = False
        at.client.reconnect()
        await until(lambda: unsent.status is Status.REFUSED)
        await until(lambda: not at.fake.files.uploads)

        assert unsent.reason == (
            "report.pdf changed while it was being sent. Send it again when it is complete."
        )
        at.controller.post("general", "", files=(local_file(report.path),))
        await until(lambda: stored(at))
        assert stored(at) == {"report.pdf": new}


async def test_a_cancelled_upload_is_gone_at_both_ends(tmp_path: Path) -> None:
    report = made(tmp_path)
    async with bench() as at:
        await at.log_in(Attempt(HOME, LOGIN))
        at.fake.files.loses = MAX_CHUNK
        at.controller.post("general", "", files=(report,))
        at.controller.post("general", "", files=(report,))
        await until(lambda: at.fake.silent)
        at.fake.silent = False

        cancelled = at.controller.transfers.cancel()
        assert cancelled == Cancelled((report.name, report.name), messages=2)
        await until(lambda: not at.fake.files.uploads)

        assert at.controller.state.outbox.of("general") == []
        assert at.controller.transfers.under_way() == []
        at.controller.post("general", "", files=(report,))
        await until(lambda: stored(at))


async def test_a_message_that_was_taken_back_uploads_nothing_more(tmp_path: Path) -> None:
    async with bench() as at:
        await at.log_in(Attempt(HOME, LOGIN))
        at.fake.files.loses = MAX_CHUNK
        at.controller.post("general", "", files=(made(tmp_path),))
        await until(lambda: at.fake.silent)
        at.fake.silent = False

        at.controller.state.outbox.take_back("general")
        at.controller.transfers.check()

        await until(lambda: not at.fake.files.uploads)
        assert at.controller.transfers.under_way() == []


async def test_after_a_crash_a_message_is_sent_with_its_files(tmp_path: Path) -> None:
    report = made(tmp_path)
    async with bench(tmp_path / "state") as at:
        await at.log_in(Attempt(HOME, LOGIN))
        at.fake.files.loses = MAX_CHUNK
        at.controller.post("general", "Here.", files=(report,))
        await until(lambda: at.fake.silent)
    async with bench(tmp_path / "state") as at:
        await at.log_in(Attempt(HOME, LOGIN))
        await until(lambda: stored(at))

        assert stored(at) == {"report.pdf": content(report)}


# --- files of a page in a browser


async def test_a_file_of_a_page_is_read_there_part_by_part() -> None:
    page, data = ChoosingPage(), os.urandom(20 * MAX_CHUNK + 7)
    async with bench() as at:
        at.front_end.page = page
        await at.log_in(Attempt(HOME, LOGIN))

        at.controller.post("general", "", files=(page.chosen("report.pdf", data),))
        await until(lambda: stored(at))

        assert stored(at) == {"report.pdf": data}
        assert at.controller.transfers.under_way() == []


async def test_a_file_of_a_page_goes_on_after_a_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat_tui.controller.uploads.pause_after", lambda _: 0)
    page, data = ChoosingPage(), os.urandom(SIZE)
    async with bench() as at:
        at.front_end.page = page
        await at.log_in(Attempt(HOME, LOGIN))
        at.fake.files.loses = MAX_CHUNK

        at.controller.post("general", "", files=(page.chosen("report.pdf", data),))
        await until(lambda: at.fake.silent)
        at.client.cut()
        at.fake.silent = False
        at.client.reconnect()
        await until(lambda: stored(at))

        assert stored(at) == {"report.pdf": data}


@pytest.mark.parametrize("content", [None, bytes(SIZE - 1)])
async def test_a_file_that_its_page_cannot_read_any_more_is_not_sent(content: bytes | None) -> None:
    page = ChoosingPage()
    file = page.chosen("report.pdf", bytes(SIZE))
    page.load_again()
    if content is not None:
        page.change(file, content)
    async with bench() as at:
        at.front_end.page = page
        await at.log_in(Attempt(HOME, LOGIN))

        at.controller.post("general", "Here.", files=(file,))
        await until(lambda: at.controller.state.outbox.count(Status.REFUSED))

        (unsent,) = at.controller.state.outbox.of("general")
        assert unsent.reason == "Your browser can't read report.pdf any more. Choose it again."
        assert not at.fake.files.uploads


class _LyingPage(ChoosingPage):
    async def sha256(self, _: PageFile) -> bytes:
        return b"short"


async def test_a_digest_of_another_length_is_none() -> None:
    page = _LyingPage()
    async with bench() as at:
        at.front_end.page = page
        await at.log_in(Attempt(HOME, LOGIN))

        at.controller.post("general", "", files=(page.chosen("report.pdf", bytes(SIZE)),))
        await until(lambda: at.controller.state.outbox.count(Status.REFUSED))

        (unsent,) = at.controller.state.outbox.of("general")
        assert unsent.reason == "Your browser can't read report.pdf any more. Choose it again."


async def test_without_its_page_a_file_is_not_sent() -> None:
    async with bench() as at:
        await at.log_in(Attempt(HOME, LOGIN))

        at.controller.post("general", "", files=(ChoosingPage().chosen("a", b"soup"),))
        await until(lambda: at.controller.state.outbox.count(Status.REFUSED))
