"""Files from one person to another: a real server, real clients, and a proxy that cuts."""

import asyncio
import os
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from chat_shared import messages as m
from chat_tui.controller.controller import Attempt, Controller
from chat_tui.model.address import Address, Invitation
from chat_tui.net.client import Client
from chat_tui.net.timeouts import Timeouts
from chat_tui.storage.paths import Paths
from chat_tui.storage.source_file import local_file
from support.controller_bench import Recorder
from support.people import sign_up, start_server
from support.proxy import Way, proxy
from support.server_process import COMMAND
from support.terminal import Desk
from support.tui_real_server import real_server
from support.tui_talker import PASSWORD

_QUICK = Timeouts(first_pause=0.001, longest_pause=0.002)
_WITHIN = 60  # seconds: a busy machine
_SIZE = 5_000_000


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(_WITHIN):
        while not condition():  # noqa: ASYNC110 - nothing sets an event
            await asyncio.sleep(0.005)


@asynccontextmanager
async def person(name: str, address: Address) -> AsyncGenerator[Controller]:
    """Register somebody and keep them connected."""
    controller = Controller(Recorder(), Paths(), partial(Client, timeouts=_QUICK))
    register = m.Register(id=1, name=name, password=PASSWORD)
    task = asyncio.create_task(controller.run(Attempt(Invitation(address), register)))
    try:
        await until(lambda: controller.client.online and controller.state.max_file)
        yield controller
    finally:
        task.cancel()
        await asyncio.wait([task])
        controller.close()


def _content(*path: "str | Path") -> bytes:
    return Path(*path).read_bytes()


def _made(folder: Path, name: str, size: int) -> Path:
    path = folder / name
    path.write_bytes(os.urandom(size))
    return path


@pytest.mark.asyncio
@pytest.mark.timeout(180)
async def test_a_file_arrives_as_it_was_although_both_connections_break(
    tmp_path: Path,
) -> None:
    report = _made(tmp_path, "report.pdf", _SIZE)
    async with (
        real_server(tmp_path / "data") as server,
        proxy(server.address) as line,
        person("ada", line.address) as ada,
        person("ben", line.address) as ben,
    ):
        line.cut_after(Way.UP, _SIZE * 2 // 3)
        ada.post("general", "Here it is", files=(local_file(str(report)),))
        await until(lambda: line.cuts == 1)
        await until(lambda: ben.state.rooms["general"].lines)
        (message,) = ben.state.rooms["general"].lines
        (file,) = message.files
        assert (message.text, file.name, file.size) == ("Here it is", "report.pdf", _SIZE)

        line.cut_after(Way.DOWN, _SIZE * 2 // 3)
        saved = await ben.transfers.downloads.save(file, tmp_path / "downloads")

        assert line.cuts == 2
        assert _content(saved) == _content(report)
        assert line.connections >= 4
        assert ada.state.outbox.of("general") == []


@pytest.mark.asyncio
async def test_an_owners_export_is_that_of_the_operator(tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with real_server(data) as server, person("ada", server.address) as ada:
        await ada.ask(m.Create(id=m.UNNUMBERED, room="Kitchen"))
        for number in range(250):  # more than a page
            ada.post("Kitchen", f"{number} 🧀 \u2028 <b>")
        report = local_file(str(_made(tmp_path, "report.pdf", 123_456)))
        ada.post("Kitchen", "Here it is", reply=7, files=(report,))
        room = ada.state.rooms["Kitchen"]
        await until(lambda: room.last_seq == 251)
        for change in (
            m.Edit(id=m.UNNUMBERED, room="Kitchen", of=3, text="better", nonce="1"),
            m.Delete(id=m.UNNUMBERED, room="Kitchen", of=4, nonce="2"),
            m.React(id=m.UNNUMBERED, room="Kitchen", of=5, emoji="👍", nonce="3"),
        ):
            await ada.ask(change)
        await until(lambda: room.last_seq == 254)

        ours = (await ada.transfers.exports.export(room, "jsonl", tmp_path / "downloads")).path

    operators = tmp_path / "operators"
    await _run("export", "kitchen", "--as", "jsonl", "--to", operators, "--data", data)
    assert _lines(ours) == _lines(operators)
    assert len(_lines(ours)) == 254
    (path,) = ours.glob("files/*/*")
    assert _content(path) == _content(operators, path.relative_to(ours))


def _lines(folder: Path) -> list[bytes]:
    """Return the lines of an export, but for the first: when it was made."""
    return _content(folder, "messages.jsonl").split(b"\n")[1:-1]


async def _run(*arguments: "str | Path") -> None:
    process = await asyncio.create_subprocess_exec(COMMAND, *arguments)
    assert await process.wait() == 0


def test_two_people_send_and_save_a_file_with_keys(table: Desk, tmp_path: Path) -> None:
    report = _made(tmp_path, "report.pdf", 123_456)
    _, address = start_server(table, tmp_path / "data")
    ada, ben = sign_up(table, "ada", address), sign_up(table, "ben", address)

    ada.enter(f"/upload {report} -- Here it is")
    for client in (ada, ben):
        client.wait_for("Here it is")
        client.wait_for("report.pdf  123 kB")
    ben.press("ctrl+l")
    ben.wait_for("s save file")
    ben.press("s")
    ben.wait_for("Saved as ~/Downloads/report.pdf.")

    assert _content(table.home_of("ben"), "Downloads", "report.pdf") == _content(report)
