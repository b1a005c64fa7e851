"""The first size at a kiosk; e2e/test_kiosk has those that follow."""

import signal
from collections.abc import Iterator

import pytest
from textual.app import App

from chat_tui.terminal.kiosk_driver import KioskDriver
from chat_tui.terminal.size_limits import MAX_COLUMNS, MAX_LINES

pytestmark = pytest.mark.asyncio


@pytest.fixture
def signals() -> Iterator[None]:
    """Restore the handlers of signals that the driver changes."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTSTP, signal.SIGCONT)}
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("signals")
async def test_the_first_layout_is_of_a_limited_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "30000")
    monkeypatch.setenv("LINES", "30000")
    app = App[None]()
    app._driver = KioskDriver(app)

    assert app.size == (MAX_COLUMNS, MAX_LINES)
