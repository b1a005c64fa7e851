"""Rooms are exported whole, whatever happens; nothing is left half, and nothing is endless."""

import asyncio
import json
import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from chat_shared import messages as m
from chat_shared.errors import Code
from chat_shared.limits import MAX_CHUNK, MAX_SEQ
from chat_tui.controller.chunks import Online
from chat_tui.controller.controller import Attempt
from chat_tui.controller.downloads import Downloads
from chat_tui.controller.exports import Exported, Exports, NotExported
from chat_tui.model.progress import progress
from chat_tui.model.room import Room
from chat_tui.model.transfer import Cancelled
from chat_tui.storage.saved_file import CannotSave
from support.client_reports import until
from support.controller_bench import HOME, LOGIN, Bench, bench

pytestmark = pytest.mark.asyncio

DATA = os.urandom(MAX_CHUNK + 7)
AT = "2026-11-22T09:30:00.000Z"


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat_tui.controller.exports._PAGE_EVERY", 0)


@asynccontextmanager
async def kitchen(*texts: str) -> AsyncGenerator[Bench]:
    """A room of ada's, in which linus has written, as seen by ada."""
    async with bench() as at:
        at.fake.room("kitchen", "", "ada", "linus")
        at.fake.rooms["kitchen"].owner = "ada"
        for text in texts:
            at.fake.post("kitchen", "linus", text)
        await at.log_in(Attempt(HOME, LOGIN))
        yield at


def export(
    at: Bench, into: Path, kind: str = "jsonl", room: str = "kitchen"
) -> "asyncio.Task[Exported]":
    exports, held = at.controller.transfers.exports, at.controller.state.rooms[room]
    return asyncio.create_task(exports.export(held, kind, into))


def lines_of(folder: Path) -> list[dict[str, Any]]:
    """Return the messages in an export."""
    return list(map(json.loads, (folder / "messages.jsonl").read_text().splitlines()))[1:]


def seqs_of(folder: Path) -> list[int]:
    return [line["seq"] for line in lines_of(folder)]


def names_in(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


def bytes_of(path: Path) -> bytes:
    return path.read_bytes()


@pytest.mark.parametrize("page_size", [2, 3, 200])
async def test_a_room_is_exported_whole_with_its_files(page_size: int, tmp_path: Path) -> None:
    async with kitchen(*map(str, range(7))) as at:
        at.fake.page_size = page_size
        file = at.fake.files.add("report.pdf", DATA)
        at.fake.post("kitchen", "linus", "Here.", files=(file,))

        done = await export(at, tmp_path)

        assert (done.path, done.missing) == (tmp_path / "kitchen", 0)
        assert names_in(tmp_path) == ["kitchen"]
        assert seqs_of(done.path) == [*range(1, 9)]
        (described,) = lines_of(done.path)[-1]["files"]
        assert bytes_of(done.path / described["path"]) == DATA
        assert at.controller.transfers.under_way() == []


async def test_what_is_on_the_screen_stays_as_it_is(tmp_path: Path) -> None:
    async with kitchen(*map(str, range(7))) as at:
        room = at.controller.state.rooms["kitchen"]
        room.paging = True  # a page for the screen is on its way
        at.front_end.changes.clear()

        await export(at, tmp_path)

        assert room.lines == []
        assert room.paging
        assert {type(change).__name__ for change in at.front_end.changes} == {"TransfersChanged"}


async def test_which_reactions_are_ours_is_nobody_elses_business(tmp_path: Path) -> None:
    async with kitchen("tea?") as at:
        stored = at.fake.rooms["kitchen"].lines
        stored[0] = replace(stored[0], reactions=(m.Reaction("👍", 1, ["ada"], mine=True),))

        done = await export(at, tmp_path)

        assert lines_of(done.path)[0]["reactions"] == [
            {"emoji": "👍", "count": 1, "names": ["ada"]}
        ]


async def test_people_go_on_writing_and_that_is_not_in_it(tmp_path: Path) -> None:
    async with kitchen("1", "2", "3", "4") as at:
        at.fake.page_size, at.fake.is_slow = 3, True  # the last page has what is too new as well
        exporting = export(at, tmp_path)
        await until(lambda: any(isinstance(r, m.History) for r in at.fake.requests))
        at.fake.post("kitchen", "linus", "5")
        at.fake.is_slow = False
        at.fake.answer_all()

        assert seqs_of((await exporting).path) == [1, 2, 3, 4]


@pytest.mark.parametrize("answered", [0, 1, 2])
async def test_an_export_goes_on_after_a_cut(
    answered: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat_tui.controller.exports.pause_after", lambda _: 0)
    async with kitchen(*map(str, range(7))) as at:
        at.fake.page_size, at.fake.is_slow = 3, True
        exporting = export(at, tmp_path)
        for asked in range(1, answered + 1):
            await until(partial(has_asked, at, asked))
            at.fake.answer_all()
        await until(partial(has_asked, at, answered + 1))
        at.client.cut()
        at.fake.is_slow = False
        at.client.reconnect()

        assert seqs_of((await exporting).path) == [*range(1, 8)]
        assert pages_asked(at)[answered : answered + 2] == [[0, 0], [2, 2], [4, 4]][answered]


def has_asked(at: Bench, pages: int) -> bool:
    return len(pages_asked(at)) == pages


def pages_asked(at: Bench) -> list[int | None]:
    """Return after which message a page was asked for, each time."""
    return [request.after for request in at.fake.requests if isinstance(request, m.History)]


async def test_a_file_that_does_not_come_is_counted_and_the_rest_is_there(tmp_path: Path) -> None:
    async with kitchen() as at:
        lost, kept = at.fake.files.add("lost.pdf", DATA), at.fake.files.add("kept.pdf", DATA)
        del at.fake.files.stored[lost.file]
        at.fake.post("kitchen", "linus", "Here.", files=(lost, kept))

        done = await export(at, tmp_path)

        assert done.missing == 1
        assert [path.name for path in done.path.rglob("*.pdf")] == ["kept.pdf"]


async def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "kitchen").mkdir()
    async with kitchen("tea?") as at:
        assert (await export(at, tmp_path, "html")).path == tmp_path / "kitchen (1)"
        assert names_in(tmp_path / "kitchen") == []


async def test_a_cancelled_export_leaves_nothing(tmp_path: Path) -> None:
    async with kitchen("Morning.", "Do you have the report?") as at:
        file = at.fake.files.add("report.pdf", DATA)
        at.fake.post("kitchen", "linus", "Here.", files=(file,))
        at.fake.files.loses = MAX_CHUNK
        exporting = export(at, tmp_path)
        await until(lambda: at.fake.silent)
        shown = [progress(each) for each in at.controller.transfers.under_way()]
        assert shown[0] == "Exporting kitchen · 66%"  # of its three messages two have no files
        assert shown[1].startswith("Saving report.pdf · ")
        with pytest.raises(NotExported, match="already running"):
            await export(at, tmp_path)

        assert at.controller.transfers.cancel() == Cancelled(exports=1)

        with pytest.raises(NotExported, match=r"The export of kitchen was cancelled\."):
            await exporting
        assert names_in(tmp_path) == []
        assert at.controller.transfers.under_way() == []


async def test_rooms_of_others_are_not_exported(tmp_path: Path) -> None:
    async with kitchen() as at:
        at.controller.state.rooms["kitchen"].owner = "linus"
        with pytest.raises(NotExported, match="Only the owner of kitchen can export it"):
            await export(at, tmp_path)
        with pytest.raises(NotExported, match="general has no owner"):
            await export(at, tmp_path, room="general")
        assert names_in(tmp_path) == []


async def test_direct_messages_are_exported_by_both(tmp_path: Path) -> None:
    async with kitchen() as at:
        await at.controller.open_direct("linus")
        room = at.controller.state.rooms.with_peer("linus")
        assert room is not None

        done = await export(at, tmp_path, kind="markdown", room=room.name)

        assert done.path == tmp_path / "linus"
        assert (done.path / "messages.md").read_text().startswith("# ada and linus\n")


# --- servers that are not what they should be


def line(seq: int, at: str = AT) -> m.Line:
    return m.Line(seq, "linus", f"text {seq}", at)


def page(*lines: m.Line, more: bool = False, room: str = "kitchen") -> m.Page:
    return m.Page(re=1, room=room, messages=list(lines), more=more)


class Silent:
    def changed(self) -> None: ...
    def has_moved(self) -> None: ...
    def settled(self, room: str) -> None: ...


async def exported(replies: Sequence[m.Reply], into: Path, last: int = 9) -> Exported:
    """Export a room of a server that gives these replies, one after the other."""
    left = iter(replies)

    async def ask(_: m.Request) -> m.Reply | None:
        return next(left)

    online = Online(lambda: True)
    downloads = Downloads(ask, online, Silent())
    exports = Exports(ask, downloads, lambda: "ada", online, Silent())
    return await exports.export(Room("kitchen", owner="ada", last_seq=last), "jsonl", into)


@pytest.mark.parametrize(
    ("replies", "sentence"),
    [
        ([page(line(2), line(1))], "makes no sense"),
        ([page(line(1), line(1))], "makes no sense"),
        ([page(line(1), room="attic")], "makes no sense"),
        ([page(more=True)], "makes no sense"),
        ([m.Ok(re=1)], "makes no sense"),
        ([page(line(1), more=True), page(line(1), more=True), page(more=True)], "makes no sense"),
        ([page(line(2), more=True), page(line(1), line(2))], "makes no sense"),
        ([page(line(2), more=True), page(line(2, "2026-11-23T09:30:00.000Z"))], "lost messages"),
        ([page(line(2), more=True), page()], "lost messages"),
        ([m.Error(Code.NOT_A_MEMBER, "You're not in this room.")], "You're not in this room."),
        ([page(m.Line(1, "x", "", AT, files=(m.File(1, "x", MAX_SEQ),)))], "too little space"),
    ],
)
async def test_nonsense_or_a_refusal_is_the_end_and_leaves_nothing(
    replies: Sequence[m.Reply], sentence: str, tmp_path: Path
) -> None:
    with pytest.raises((NotExported, CannotSave), match=sentence):
        await exported(replies, tmp_path)

    assert names_in(tmp_path) == []


async def test_a_room_without_end_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat_tui.controller.exports.MAX_EXPORTED", 3)
    pages = [page(line(1), line(2), more=True), page(line(2), line(3), line(4), more=True)]

    with pytest.raises(NotExported, match="more than 3 messages"):
        await exported(pages, tmp_path, last=MAX_SEQ)

    assert names_in(tmp_path) == []


async def test_a_message_that_fills_a_page_and_what_was_removed_meanwhile_hold_up_nothing(
    tmp_path: Path,
) -> None:
    pages = [
        page(line(1), more=True),
        page(line(1), more=True),  # it is asked for again, and there is no place for more
        page(line(2), line(3), more=True),
        page(line(5), line(6)),  # what was kept for long enough is gone
    ]

    assert seqs_of((await exported(pages, tmp_path)).path) == [1, 2, 3, 5, 6]


async def test_a_room_of_which_nothing_is_left_is_exported_empty(tmp_path: Path) -> None:
    assert seqs_of((await exported([page()], tmp_path)).path) == []
    assert seqs_of((await exported([], tmp_path, last=0)).path) == []
