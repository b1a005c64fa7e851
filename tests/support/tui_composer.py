"""A composer in a test, with the focus."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from textual.pilot import Pilot

from chat_tui.ui.widgets.composer import Composer
from support.tui_host import Host, hosting


@asynccontextmanager
async def composing(
    keys: dict[str, str] | None = None,
) -> AsyncGenerator[tuple[Composer, Host, Pilot[None]]]:
    composer = Composer(keys or {})
    composer.styles.height = "auto"
    composer.styles.max_height = 8
    async with hosting(composer) as (host, pilot):
        composer.focus()
        await pilot.pause()
        yield composer, host, pilot
