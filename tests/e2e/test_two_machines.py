"""One community on two machines, and one of them is up at a time: people find it.

`KILL_ROUNDS` sets how often a machine is killed while somebody posts; `pytest -s` shows how
long it takes from then to the first post that the other one has accepted.
"""

import asyncio
import json
import os
import re
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from statistics import median
from time import monotonic

import pytest
from textual.pilot import Pilot

from chat_shared import messages as m
from chat_tui.app import ChatApp
from chat_tui.model.address import Address, Invitation
from chat_tui.model.outbox import Outbox, Status
from chat_tui.net.client import Client
from chat_tui.net.events import LoggedIn
from chat_tui.net.timeouts import Timeouts
from chat_tui.storage.known_servers import KnownServers
from chat_tui.storage.paths import Paths
from chat_tui.storage.settings import Settings
from chat_tui.ui.widgets.checkbox import TickBox
from chat_tui.ui.widgets.field import Field
from support.client_reports import Reports, until as until_reported
from support.people import PASSWORD
from support.terminal import Desk, Terminal
from support.tui_pilot import screen_text, until, until_gone, until_seen, write
from support.tui_real_server import RealServer
from support.two_machines import Machines, nodes_of, two_addresses, two_machines

pytestmark = pytest.mark.timeout(300)

_ROUNDS = int(os.environ.get("KILL_ROUNDS", "3"))
_CLIENT = Path(sys.executable).with_name("chat-tui")
_LINK = re.compile(r"chat://[^\s']+")
_ATTEMPT = re.compile(r"\(attempt\s+(\d+)\)")
_PATIENCE = 60.0  # seconds


# --- the installed commands in terminals


def _machine(table: Desk, data: Path, at: Address) -> Terminal:
    """Start a machine on `data` and wait until it has logged its join link."""
    where = ("--listen", f"tls://{at}", "--host", at.host, *nodes_of(at))
    server = table.open("chat-server", "--data", str(data), *where, home="operator", size=(300, 50))
    server.wait_for("join link")
    return server


def _link(server: Terminal) -> str:
    found = _LINK.search(server.screen)
    assert found is not None
    return found.group()


def test_what_is_typed_while_a_machine_is_killed_arrives_once_on_the_other(
    table: Desk, tmp_path: Path
) -> None:
    first, second = two_addresses()
    server = _machine(table, tmp_path / "data", first)
    link = _link(server)
    assert f"alt={second}" in link
    ada = table.open("chat-tui", link, "--name", "ada", home="ada", size=(120, 36))
    ada.wait_for_cursor_under("Password")
    for prompt in ("Repeat the password", "Message general"):
        ada.enter(PASSWORD)
        ada.wait_for(prompt)
    ben = table.open("chat-tui", "--plain", link, "--name", "ben", home="ben", size=(120, 36))
    for prompt in ("Password:", "repeat the password:"):
        ben.wait_for(prompt)
        ben.enter(PASSWORD)
    ben.wait_for("general>")
    ada.enter("before")
    ben.wait_for("before")

    ada.type("half of a sent")
    server.kill()
    ada.wait_for("Offline")
    ada.enter("ence")
    ada.wait_for("queued")
    ben.enter("from ben")
    _machine(table, tmp_path / "data", second)

    ben.wait_for(f"Reconnected to {first} (at {second}).")
    ben.wait_for("half of a sentence")
    ada.wait_for(f"on {first} (at {second})")
    ada.wait_for_no("queued")
    ada.wait_for("from ben")
    ada.enter("after")
    ben.wait_for("after")
    for text in ("before", "half of a sentence", "after"):
        assert ben.screen.count(text) == 1
        assert ada.screen.count(text) == 1


def _attempts(client: Terminal) -> int:
    """Return which attempt to reconnect is the next."""
    found = _ATTEMPT.search(client.screen)
    return int(found.group(1)) if found is not None else 1


def test_a_kiosk_stays_with_the_address_that_it_was_given(table: Desk, tmp_path: Path) -> None:
    first, second = two_addresses()
    server = _machine(table, tmp_path / "data", first)
    kiosk = ("chat-tui", "--kiosk", _link(server), "--name", "ada")
    ada = table.open(*kiosk, home="kiosk")
    ada.wait_for_cursor_under("Password")
    for prompt in ("Repeat the password", "Message general"):
        ada.enter(PASSWORD)
        ada.wait_for(prompt)
    server.kill()
    ada.wait_for("Offline")
    _machine(table, tmp_path / "data", second)

    refused = f"{first.host} refuses connections on port {first.port}."
    failed = _attempts(ada)
    ada.press("ctrl+r")
    ada.wait_until(lambda: _attempts(ada) > failed, "another attempt")
    ada.press("ctrl+r")  # this one begins when the other machine is up
    ada.wait_until(lambda: _attempts(ada) > failed + 1, "another attempt")
    assert refused in ada.screen
    assert str(second) not in ada.screen
    plain = table.open(*kiosk, home="kiosk", env={"SSH_ORIGINAL_COMMAND": "plain"})
    plain.wait_for(f"chat-tui: {refused}")
    assert plain.wait_for_end() == 1


# --- a script


async def _chat_tui(home: Path, *arguments: str, text: str, token: str) -> tuple[int, str]:
    """Run the client with `text` on its standard input; return its exit code and stderr."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("CHAT_")}
    folders = {"XDG_CONFIG_HOME": f"{home}/config", "XDG_STATE_HOME": f"{home}/state"}
    process = await asyncio.create_subprocess_exec(
        _CLIENT, *arguments, env={**own, **folders, "CHAT_TOKEN": token},
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(_PATIENCE):
        _, errors = await process.communicate(text.encode())
    assert process.returncode is not None
    return process.returncode, errors.decode()


class Ada:
    """A real client without a screen, logged in as ada."""

    def __init__(self, machines: Machines, known: KnownServers | None = None) -> None:
        self.known = known or KnownServers()
        self.outbox, self.reports = Outbox(), Reports()
        # Pauses as after a long session: those behind kill upon kill say nothing about one.
        timeouts = Timeouts(settled_after=0)
        tell = self.reports.reported.append
        self.client = Client(tell, self.outbox, dict, timeouts, known=self.known)
        self._machines = machines
        self._task: asyncio.Task[None] | None = None

    async def register(self) -> None:
        login = m.Register(id=1, name="ada", password=PASSWORD)
        first, fingerprint = self._machines.first, self._machines.fingerprint
        self._task = asyncio.create_task(self.client.run(first, login, fingerprint))
        await self.until(lambda: bool(self.reports.of(LoggedIn)))

    async def leave(self) -> None:
        assert self._task is not None
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    def post(self, text: str) -> None:
        self.outbox.add("general", text)
        self.client.flush()

    async def until_accepted(self, count: int) -> None:
        await self.until(lambda: self.outbox.count(Status.ACCEPTED) == count)

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(_PATIENCE):
            while not condition():  # noqa: ASYNC110 - of things that know no event
                await asyncio.sleep(0.001)


@asynccontextmanager
async def _registered(machines: Machines, known: KnownServers | None = None) -> AsyncGenerator[Ada]:
    ada = Ada(machines, known)
    await ada.register()
    try:
        yield ada
    finally:
        await ada.leave()


async def _texts(machines: Machines, token: str) -> list[str]:
    """Return all messages of general, as a new client reads them."""
    known, reports = KnownServers(), Reports()
    known.remember(machines.up.address, machines.fingerprint)
    client = Client(reports.reported.append, Outbox(), dict, known=known)
    resume = m.Resume(id=1, token=token, seen={})
    task = asyncio.create_task(client.run(machines.up.address, resume))
    await reports.wait_for(LoggedIn)
    client.send(m.History(id=1, room="general", limit=200))
    await until_reported(lambda: any(isinstance(each, m.Page) for each in reports.replies()))
    task.cancel()
    await asyncio.wait({task})
    [page] = [each for each in reports.replies() if isinstance(each, m.Page)]
    return [line.text for line in page.messages]


@pytest.mark.asyncio
async def test_a_script_sends_to_the_machine_that_is_up(tmp_path: Path) -> None:
    home = tmp_path / "cron"
    known = KnownServers(home / "state" / "trialogue" / "known-servers")
    async with two_machines(tmp_path / "data") as machines:
        async with _registered(machines, known) as ada:
            token = ada.client.token
        await machines.take_over()

        to = (str(machines.first), "--send", "general")
        assert await _chat_tui(home, *to, text="Build 7 is green.", token=token) == (0, "")
        link = f"chat://{machines.first}/?fp={machines.fingerprint}&alt={machines.second}"
        new = (link, "--send", "general")
        assert await _chat_tui(tmp_path / "new", *new, text="Build 8.", token=token) == (0, "")
        assert await _texts(machines, token) == ["Build 7 is green.", "Build 8."]


@pytest.mark.asyncio
async def test_a_script_sends_nothing_to_a_fake_at_the_other_address(tmp_path: Path) -> None:
    home = tmp_path / "cron"
    known = KnownServers(home / "state" / "trialogue" / "known-servers")
    async with two_machines(tmp_path / "data") as machines:
        async with _registered(machines, known) as ada:
            token = ada.client.token
        await machines.up.kill()
        fake = RealServer(tmp_path / "fake", scheme="tls", at=machines.second)
        await fake.start()
        try:
            to = (str(machines.first), "--send", "general")
            code, sentence = await _chat_tui(home, *to, text="A secret.", token=token)
        finally:
            await fake.stop()

        first, second = machines.first, machines.second
        assert code == 1
        assert sentence == (
            f"chat-tui: {first.host} refuses connections on port {first.port}. {second} was not "
            f"used: its fingerprint is {fake.fingerprint} and not {machines.fingerprint}.\n"
        )


# --- nothing is split in two


@asynccontextmanager
async def _screen(folder: Path, to: Address) -> AsyncGenerator[Pilot[None]]:
    app = ChatApp(Settings(name="ada"), invitation=Invitation(to), folder=Paths(folder))
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        yield pilot


async def _enter_password(pilot: Pilot[None]) -> None:
    """Log in, and stay logged in."""
    pilot.app.screen.query_one(TickBox).value = True
    pilot.app.screen.query_one("#password", Field).value = PASSWORD
    pilot.app.screen.query_one("#password", Field).take_focus()
    await pilot.press("enter")


@pytest.mark.asyncio
async def test_whichever_address_is_named_and_up_there_is_one_account_on_one_server(
    tmp_path: Path,
) -> None:
    state = tmp_path / "state"
    async with two_machines(tmp_path / "data") as machines:
        first, second = machines.first, machines.second
        async with _screen(state, first) as pilot:
            await until_seen(pilot, "Password")
            await _enter_password(pilot)
            await until_seen(pilot, "First connection to ")
            await pilot.click("#connect")
            await until_seen(pilot, "Repeat the password")
            pilot.app.screen.query_one("#repeat", Field).value = PASSWORD
            await pilot.press("enter")
            await until_seen(pilot, "Message general")
            await write(pilot, "a draft")
            await until(pilot, (state / "sessions.json").exists)
        await machines.take_over()

        async with _screen(state, first) as pilot:  # without a password
            await until_seen(pilot, f"(at {second})")
            await until_seen(pilot, "a draft")
        async with _screen(state, second) as pilot:  # named by hand, and not known by that yet
            await until_seen(pilot, "Password")
            await _enter_password(pilot)
            await until_seen(pilot, "First connection to ")
            await pilot.click("#connect")
            await until_seen(pilot, "a draft")
            assert "(at " not in screen_text(pilot.app)
        await machines.take_over()

        async with _screen(state, second) as pilot:  # without a password, at the first machine
            await until_seen(pilot, f"on {second} (at {first})")
            await until_seen(pilot, "a draft")
            await machines.up.kill()
            await until_seen(pilot, "Offline")
            await pilot.press("enter")
            await until_seen(pilot, "queued")
        await machines.take_over()
        async with _screen(state, first) as pilot:
            await until_seen(pilot, "a draft")
            await until_gone(pilot, "queued")

        assert list(json.loads((state / "sessions.json").read_text())) == [first.key]
        assert len(list((state / "drafts").glob("*.json"))) <= 1
        assert len(list((state / "unsent").iterdir())) == 1
        pinned = (state / "known-servers").read_text().splitlines()[1:]
        assert pinned == [
            f"{first.key} {machines.fingerprint} {second.key}",
            f"{second.key} {machines.fingerprint} {first.key}",
        ]
        token = json.loads((state / "sessions.json").read_text())[first.key]["token"]
        assert await _texts(machines, token) == ["a draft"]


# --- how long it takes


@pytest.mark.asyncio
async def test_every_post_around_a_kill_arrives_once_and_in_order(tmp_path: Path) -> None:
    took, after_start, sent = list[float](), list[float](), list[str]()
    async with two_machines(tmp_path / "data") as machines, _registered(machines) as ada:
        for number in range(_ROUNDS):
            for text in (f"{number} before", f"{number} on its way", f"{number} meanwhile"):
                sent.append(text)
            ada.post(f"{number} before")
            await ada.until_accepted(len(sent) - 2)
            ada.post(f"{number} on its way")
            killed = monotonic()
            taking_over = asyncio.create_task(machines.take_over())
            ada.post(f"{number} meanwhile")
            await taking_over
            started = monotonic()
            await ada.until_accepted(len(sent))
            took.append(monotonic() - killed)
            after_start.append(monotonic() - started)
        token = ada.client.token

        everything = await _texts(machines, token)
        assert everything == sent[-200:]
        print(  # noqa: T201 - the figures, shown by `pytest -s`
            f"{_ROUNDS} kills, {len(sent)} posts: 0 lost, 0 doubled; from the kill to the last of "
            f"two posts accepted elsewhere: median {median(took):.2f} s, max {max(took):.2f} s; "
            f"of that after the other machine listened: median {median(after_start):.2f} s, "
            f"max {max(after_start):.2f} s"
        )
