"""What changes is sent at once, and then no more often than a server takes it."""

import asyncio

import pytest

from chat_shared import messages as m
from chat_tui.controller import preferences as module
from chat_tui.controller.preferences import AccountPreferences
from chat_tui.net.events import Answer

pytestmark = pytest.mark.asyncio


class Server:
    """Takes preferences, and tells when."""

    def __init__(self) -> None:
        self.sent: asyncio.Queue[tuple[float, dict[str, str]]] = asyncio.Queue()
        self.preferences = AccountPreferences(self._take)
        self.preferences.load()
        asked = m.Preferences(id=1)
        self.preferences.receive(Answer(asked, m.PreferenceList(re=1, values={})))

    def _take(self, request: m.Request) -> bool:
        if isinstance(request, m.SetPreferences):
            loop = asyncio.get_running_loop()
            self.sent.put_nowait((loop.time(), dict(request.values)))
            loop.call_soon(self.preferences.receive, Answer(request, m.Ok(re=1)))
        return True


async def test_the_first_change_is_sent_at_once_and_the_next_ones_together_after_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "SAVED_EVERY", 0.2)
    server, begin = Server(), asyncio.get_running_loop().time()
    server.preferences.set("theme", "light")
    server.preferences.set("draft:general", "one")
    first, together = await server.sent.get()

    server.preferences.set("draft:general", "one two")
    server.preferences.set("draft:kitchen", "three")
    later, rest = await server.sent.get()

    assert together == {"theme": "light", "draft:general": "one"}
    assert first - begin < 0.2
    assert rest == {"draft:general": "one two", "draft:kitchen": "three"}
    assert later - first >= 0.2


async def test_after_a_while_without_changes_the_next_one_is_sent_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "SAVED_EVERY", 60.0)
    server, loop = Server(), asyncio.get_running_loop()
    server.preferences.set("theme", "light")
    await server.sent.get()
    monkeypatch.setattr(loop, "time", lambda real=loop.time: real() + 61.0)

    server.preferences.set("theme", "dark")

    async with asyncio.timeout(5.0):
        _, sent = await server.sent.get()
    assert sent == {"theme": "dark"}
