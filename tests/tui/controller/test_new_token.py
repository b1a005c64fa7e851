"""A changed password comes with a new token, which no lost reply and no kill can lose."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio

from chat_shared import messages as m
from chat_shared.limits import MIN_TOKEN
from chat_tui.controller.controller import Attempt, Controller
from chat_tui.controller.page import Page
from chat_tui.model.address import Invitation
from chat_tui.model.changes import Change
from chat_tui.net.client import Client
from chat_tui.net.events import Answer, ConnectionEvent, LoggedIn, LogIn, LogInFailed
from chat_tui.net.timeouts import Timeouts
from chat_tui.storage.paths import Paths
from support.client_reports import LOGIN, until
from support.fake_server import FakeServer
from support.tui_server import TinyServer, tiny_server

pytestmark = pytest.mark.asyncio

QUICK = Timeouts(first_pause=0.01, longest_pause=0.02)
CHANGE = m.Password(id=1, old="correct horse", new="battery staple")


class Window:
    """One running client of a person, whose stored sessions others share."""

    def __init__(self, server: TinyServer, folder: Path) -> None:
        self.events: list[ConnectionEvent] = []
        self.page: Page | None = None
        self.paths = Paths(folder)
        self._server = server
        make_client = partial(Client, timeouts=QUICK, others=self.paths.other_tokens)
        self.controller = Controller(self, self.paths, make_client)

    def show_changes(
        self, changes: Sequence[Change], items: Sequence[Answer | m.Event] = ()
    ) -> None:
        pass

    def show_event(self, event: ConnectionEvent) -> None:
        self.events.append(event)

    def start(self, coroutine: Coroutine[object, object, None]) -> None:
        raise AssertionError(coroutine)

    def warn(self, sentence: str) -> None:
        raise AssertionError(sentence)

    @property
    def token(self) -> str:
        return self.controller.client.token

    def stored(self) -> str:
        kept = self.paths.tokens.find(self._server.address.key, "ada")
        return kept.token if kept else ""

    @asynccontextmanager
    async def logged_in(self, request: LogIn = LOGIN) -> AsyncGenerator[None]:
        run = self.controller.run(Attempt(Invitation(self._server.address), request, keep=True))
        task = asyncio.create_task(run)
        await until(lambda: self.logged_in_times() or task.done())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])
            await asyncio.gather(*self.controller._stored._changes)
            self.controller.close()

    def logged_in_times(self) -> int:
        return sum(isinstance(event, LoggedIn) for event in self.events)

    def resume(self) -> m.Resume:
        return m.Resume(id=1, token=self.stored(), seen={})


@pytest_asyncio.fixture
async def server() -> AsyncGenerator[TinyServer]:
    fake = FakeServer()
    fake.account("ada")
    async with tiny_server(fake) as server:
        yield server


async def test_the_new_token_is_stored_before_it_is_requested(
    server: TinyServer, tmp_path: Path
) -> None:
    window = Window(server, tmp_path)
    async with window.logged_in():
        old = window.token
        reply = await window.controller.ask(CHANGE)

        sent = next(asked for asked in server.fake.requests if isinstance(asked, m.Password))
        assert isinstance(reply, m.Ok)
        assert window.token == reply.token == sent.token != old
        assert len(sent.token) == MIN_TOKEN

    assert window.stored() == window.token


async def test_after_a_lost_reply_the_session_goes_on_by_the_new_token(
    server: TinyServer, tmp_path: Path
) -> None:
    window = Window(server, tmp_path)
    async with window.logged_in():
        old = window.token
        server.fake.is_slow = True
        changing = asyncio.create_task(window.controller.ask(CHANGE))
        await until(lambda: any(isinstance(r, m.Password) for r in server.fake.requests))
        _change_without_a_reply(server.fake)
        server.cut()
        assert await changing is None
        await until(lambda: window.logged_in_times() == 2)
        assert window.token != old

    assert window.stored() == window.token


async def test_a_client_that_was_killed_before_the_reply_logs_in_by_either_token(
    server: TinyServer, tmp_path: Path
) -> None:
    killed = Window(server, tmp_path)
    for has_arrived in (False, True):
        async with killed.logged_in(killed.resume() if killed.stored() else LOGIN):
            server.fake.is_slow = True
            changing = asyncio.create_task(killed.controller.ask(CHANGE))
            await until(lambda: any(isinstance(r, m.Password) for r in server.fake.requests))
            if has_arrived:
                _change_without_a_reply(server.fake)
            changing.cancel()
        server.fake.is_slow = False
        server.fake.requests.clear()

        again = Window(server, tmp_path)
        async with again.logged_in(again.resume()):
            assert not any(isinstance(event, LogInFailed) for event in again.events)
        assert again.stored() == again.token
        killed = Window(server, tmp_path)


async def test_a_second_window_goes_on_too_and_leaves_the_stored_token_alone(
    server: TinyServer, tmp_path: Path
) -> None:
    first, second = Window(server, tmp_path), Window(server, tmp_path)
    async with first.logged_in():
        await asyncio.gather(*first.controller._stored._changes)
        async with second.logged_in(second.resume()):
            assert second.token == first.token
            await first.controller.ask(CHANGE)
            await asyncio.gather(*first.controller._stored._changes)
            server.cut()
            await until(lambda: second.logged_in_times() == 2)
            assert second.token == first.token

    assert first.stored() == first.token


def _change_without_a_reply(fake: FakeServer) -> None:
    """Do what the client has requested, as if the connection had broken before the reply."""
    asked = next(request for request in fake.requests if isinstance(request, m.Password))
    (old,) = fake.tokens
    fake.tokens[asked.token] = fake.tokens.pop(old)
    fake.is_slow = False
