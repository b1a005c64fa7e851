"""A composer in a test, with the focus."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from textual.message import Message
from textual.pilot import Pilot

from chat_tui.commands.parsed_input import ParsedInput
from chat_tui.model.draft import Intent
from chat_tui.ui.widgets.composer import Composer
from support.tui_host import Host, hosting


@dataclass
class Submitted(Message):
    """A line that the composer handed over."""

    meaning: ParsedInput
    intent: Intent | None


@asynccontextmanager
async def composing(
    keys: dict[str, str] | None = None,
) -> AsyncGenerator[tuple[Composer, Host, Pilot[None]]]:
    """Yield the composer, the app that keeps its messages and its lines, and the pilot."""
    composer = Composer(keys or {}, lambda *line: host.posted.append(Submitted(*line)))
    composer.styles.height = "auto"
    composer.styles.max_height = 8
    async with hosting(composer) as (host, pilot):
        composer.focus()
        await pilot.pause()
        yield composer, host, pilot
