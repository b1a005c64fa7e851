"""Litestream copies the database beside a running server, with the lines of the guide."""

import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Final

import apsw
import trio

from support.server_process import run, running

_LITESTREAM: Final = str(Path(sys.executable).with_name("litestream"))
_GUIDE: Final = (Path(__file__).parents[2] / "server" / "README.md").read_text()
_TIMEOUT: Final = 30.0  # seconds until a copy has what was posted, on a busy machine

# In the guide the copy is on another machine.
_ELSEWHERE: Final = re.compile(r"url: sftp://\S+\n *key-path: .*\n *host-key: .*\n")


def _configure(folder: Path, data: Path) -> Path:
    """Write the guide's configuration, with the copy in a folder of this machine."""
    (text,) = re.findall(r"```yaml\n(dbs:\n.*?)```", _GUIDE, re.DOTALL)
    text, replaced = _ELSEWHERE.subn(f"url: file://{folder / 'copy'}\n", text)
    assert replaced == 1
    assert "/var/lib/trialogue/" in text
    config = folder / "litestream.yml"
    config.write_text(text.replace("/var/lib/trialogue/", f"{data}/"))
    return config


async def _restore(folder: Path, target: Path) -> bool:
    """Restore as the guide says; return whether there was anything to restore."""
    (line,) = re.findall(r"^\$ (litestream restore .*)$", _GUIDE, re.MULTILINE)
    program, *arguments = shlex.split(line.replace("file:///srv/chat", f"file://{folder / 'copy'}"))
    assert program == "litestream"
    new = trio.Path(target)
    await new.mkdir(mode=0o700, exist_ok=True)
    await (new / "chat.db").unlink(missing_ok=True)
    done = await trio.run_process(
        [_LITESTREAM, *arguments], cwd=target, check=False, capture_stdout=True, capture_stderr=True
    )
    return done.returncode == 0


@asynccontextmanager
async def _copying(config: Path) -> AsyncGenerator[trio.Process]:
    """Run Litestream; it is killed afterwards, as by a machine that fails."""
    with config.with_suffix(".log").open("wb") as log:
        process = await trio.lowlevel.open_process(
            [_LITESTREAM, "replicate", "-config", str(config)],
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, "HOME": str(config.parent)},
        )
    try:
        yield process
    finally:
        process.kill()
        with trio.CancelScope(shield=True):
            await process.wait()


def _texts(restored: Path) -> list[str]:
    """Return the messages in the restored database."""
    with closing(apsw.Connection(str(restored / "chat.db"))) as db:
        return [text for (text,) in db.execute("SELECT text FROM message ORDER BY seq")]


async def _restore_until(texts: list[str], folder: Path, restored: Path) -> None:
    """Restore until the copy has `texts` and no more: nothing else tells when that is so."""
    with trio.fail_after(_TIMEOUT):
        while not await _restore(folder, restored) or _texts(restored) != texts:
            pass


async def test_a_server_starts_on_the_copy_that_was_made_beside_one_until_it_was_killed(
    tmp_path: Path,
) -> None:
    data, restored = tmp_path / "data", tmp_path / "restored"
    texts = [f"line {number}" for number in range(5)]
    async with running(data) as server:
        ada = await server.connect()
        await ada.register("Ada")
        async with _copying(_configure(tmp_path, data)):
            for text in texts:
                await ada.post(text)
            await _restore_until(texts, tmp_path, restored)
            checked = await run("check", "--data", data)
            backed_up = await run("backup", tmp_path / "backup.db", "--data", data)
            server.process.send_signal(signal.SIGKILL)
            await server.process.wait()
        assert await _restore(tmp_path, restored)

    async with running(restored) as server:
        back = await server.connect()
        await back.resume(ada.token)
        page = await back.history()
        accepted = await back.post("goes on")

    assert "intact" in checked.out
    assert backed_up.code == 0
    assert [line.text for line in page.messages] == texts
    assert accepted.seq == 6


async def test_what_was_written_while_nothing_was_copied_is_copied_later(tmp_path: Path) -> None:
    data, restored = tmp_path / "data", tmp_path / "restored"
    async with running(data) as server:
        ada = await server.connect()
        await ada.register("Ada")
        config = _configure(tmp_path, data)
        async with _copying(config):
            await ada.post("one")
            await _restore_until(["one"], tmp_path, restored)
        await ada.post("two")
        # Then the server closes the last connection, which removes the log: its chain breaks.
    async with running(data) as server, _copying(config):
        ada_again = await server.connect()
        await ada_again.resume(ada.token)
        await ada_again.post("three")
        await _restore_until(["one", "two", "three"], tmp_path, restored)
