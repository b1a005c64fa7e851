"""Files of requests to hooks: all together have a bound, and nothing is left of them."""

import asyncio
import os
import signal
import sys
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import pytest

from chat_tui.gateway.web import hook_spool
from chat_tui.gateway.web.hook_refusal import HookRefusal
from chat_tui.gateway.web.hook_spool import Share, Spool
from support.full_disk import files_of_at_most

pytestmark = pytest.mark.asyncio

PIECE = hook_spool._PIECE
MOST = 100 * PIECE


class Usage(NamedTuple):
    """What `shutil.disk_usage` returns."""

    total: int
    used: int
    free: int


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The temporary folder."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


async def fill(share: Share, pieces: int) -> None:
    file = share.new_file("x", MOST)
    for _ in range(pieces):
        await file.write(bytes(PIECE))


async def refused(share: Share, pieces: int) -> int:
    """Return the status of the refusal of so many more pieces."""
    with pytest.raises(HookRefusal) as refusal:
        await fill(share, pieces)
    return refusal.value.status


async def test_a_file_is_read_as_it_was_sent(folder: Path) -> None:
    data = os.urandom(2 * PIECE + 7)
    with Spool().share("code") as share:
        file = share.new_file("a.txt", MOST)
        for at in range(0, len(data), 10_007):
            await file.write(data[at : at + 10_007])
        await file.flush()

        assert file.read(0, MOST) == data
        assert file.read(PIECE, 9) == data[PIECE : PIECE + 9]
        assert (file.size, file.sha256) == (len(data), sha256(data).hexdigest())
        assert os.listdir(folder) == []  # a file on the disk has no name


async def test_files_have_a_bound_by_message_by_code_and_in_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hook_spool, "MAX_SPOOLED_BY_CODE", 2 * PIECE)
    monkeypatch.setattr(hook_spool, "MAX_SPOOLED", 3 * PIECE)
    spool = Spool()
    with spool.share("builds") as first:
        assert await refused(first, 3) == 413  # two pieces of it are counted
        with spool.share("builds") as second:
            assert await refused(second, 1) == 503
        with spool.share("camera") as other:
            await fill(other, 1)
            assert await refused(other, 1) == 503
        with spool.share("camera") as other:
            await fill(other, 1)
    with spool.share("builds") as again:
        await fill(again, 2)


@pytest.mark.parametrize(("free", "status"), [(PIECE - 1, 507), (PIECE, 200)])
async def test_a_part_of_the_disk_stays_free(
    free: int, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = Usage(10 * free, 9 * free, hook_spool.KEPT_FREE + free)
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    with Spool().share("code") as share:
        if status == 200:
            await fill(share, 1)
        else:
            assert await refused(share, 1) == status


async def test_a_disk_that_takes_no_more_is_told() -> None:
    with files_of_at_most(PIECE), Spool().share("code") as share:
        assert await refused(share, 3) == 507


async def test_nothing_is_left_of_a_process_that_is_killed(folder: Path) -> None:
    program = (
        "import asyncio, sys, tempfile\n"
        "from chat_tui.gateway.web.hook_spool import Spool\n"
        "async def main():\n"
        "    with Spool().share('code') as share:\n"
        "        file = share.new_file('x', 9_000_000)\n"
        "        for _ in range(80): await file.write(bytes(100_000))\n"
        "        print('written', flush=True)\n"
        "        await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program,
        stdout=asyncio.subprocess.PIPE, env={**os.environ, "TMPDIR": str(folder)},
    )  # fmt: skip
    assert process.stdout is not None
    assert await process.stdout.readline() == b"written\n"

    process.kill()

    assert await process.wait() == -signal.SIGKILL
    assert os.listdir(folder) == []
