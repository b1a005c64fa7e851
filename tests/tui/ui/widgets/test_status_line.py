import pytest

from chat_tui.ui.widgets.status_line import StatusLine
from support.tui_host import hosting
from support.tui_pilot import until

pytestmark = pytest.mark.asyncio


async def test_it_shows_account_server_latency_and_unread_messages() -> None:
    status = StatusLine({})
    async with hosting(status, (120, 1)) as (host, pilot):
        status.account, status.server, status.latency = "ada", "example.org", 0.0243
        status.unread, status.online = 1_234, True

        await until(pilot, lambda: "● ada on example.org · 24 ms · 1,234 unread" in host.text())
        status.online = False
        await until(pilot, lambda: "○ ada on example.org · 1,234 unread" in host.text())


@pytest.mark.parametrize(
    ("width", "shown", "cut"),
    [(100, "F1 help", "\n"), (50, "Ctrl+N create", "Ctrl+G"), (20, "F1 help", "Ctrl+K")],
)
async def test_as_many_keys_are_shown_as_fit_whole(width: int, shown: str, cut: str) -> None:
    status = StatusLine({})
    async with hosting(status, (width, 1)) as (host, pilot):
        status.account, status.server = "ada", "host"

        await until(pilot, lambda: "ada" in host.text())
        assert shown in host.text()
        assert cut not in host.text()


@pytest.mark.parametrize(("width", "reported"), [(80, True), (79, False)])
async def test_the_server_gives_way_to_the_keys(width: int, reported: bool) -> None:
    status = StatusLine({})
    async with hosting(status, (width, 1)) as (host, pilot):
        status.account, status.server = "ada", "host"

        await until(pilot, lambda: "ada" in host.text())
        assert ("on host" in host.text()) is reported


async def test_the_keys_are_those_of_the_user() -> None:
    async with hosting(StatusLine({"room.switch": "f9"}), (80, 1)) as (host, pilot):
        await until(pilot, lambda: "F9 rooms" in host.text())


async def test_names_are_harmless() -> None:
    status = StatusLine({})
    async with hosting(status, (80, 1)) as (host, pilot):
        status.account, status.server = "[/]\x1b", "\u202ehost"

        await until(pilot, lambda: "[/]␛ on \ufffdhost" in host.text())


async def test_leaving_is_offered_only_where_that_is_possible() -> None:
    status = StatusLine({})
    async with hosting(status, (120, 1)) as (host, pilot):
        await until(pilot, lambda: "Ctrl+Q" in host.text())
        assert "F10" not in host.text()
        status.can_leave = True

        await until(pilot, lambda: "Ctrl+G join  F10" in host.text())


async def test_it_shows_mentions_and_the_away_message() -> None:
    status = StatusLine({})
    async with hosting(status, (120, 1)) as (host, pilot):
        status.account, status.server, status.online = "ada", "host", True
        status.unread, status.mentions, status.away = 14, 2, "Cooking until half past seven[/]"

        shown = "● ada (away: Cooking until half …) on host · 14 unread · @2"
        await until(pilot, lambda: shown in host.text())
