import pytest

from chat_tui.ui.widgets import banner as module
from chat_tui.ui.widgets.banner import Banner
from support.tui_host import hosting
from support.tui_pilot import until

pytestmark = pytest.mark.asyncio


async def test_it_counts_down_to_the_next_attempt_and_hides_once_connected(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 100.0
    monkeypatch.setattr(module, "monotonic", lambda: now)
    banner = Banner("ctrl+r")
    async with hosting(banner, (120, 3)) as (host, pilot):
        assert not banner.display
        banner.connection_lost("The server [/] \x1b closed.", 1.2, 4)
        await until(pilot, lambda: "Offline · The server [/] ␛ closed." in host.text())
        assert "Reconnecting in 2 s (attempt 4) · Ctrl+R: reconnect now" in host.text()

        now += 0.3
        await until(pilot, lambda: "Reconnecting in 1 s" in host.text())
        now += 1
        await until(pilot, lambda: "Reconnecting now" in host.text())
        banner.connected()
        assert not banner.display


async def test_an_attempt_ends_the_countdown() -> None:
    banner = Banner("ctrl+r")
    async with hosting(banner, (120, 3)) as (host, pilot):
        banner.connection_lost("Gone.", 60, 1)
        await until(pilot, lambda: "Reconnecting in 60 s ·" in host.text())
        banner.connecting()

        await until(pilot, lambda: "Reconnecting now" in host.text())


async def test_it_is_as_high_as_its_current_sentence_needs() -> None:
    banner = Banner("ctrl+r")
    async with hosting(banner, (40, 6)) as (host, pilot):
        banner.styles.height = "auto"
        banner.connection_lost("Gone.", 1, 1)
        await until(pilot, lambda: banner.size.height == 3)
        await pilot.pause()  # until it stands as it is
        banner.connecting()
        await until(pilot, lambda: "Reconnecting now" in host.text())
        banner.connection_lost("Nobody answers at tcp://chat.example.org:7667.", 13, 6)

        await until(pilot, lambda: banner.size.height == 5)
