"""Driving the client in a test: pressing keys, reading the screen, waiting for text."""

import asyncio
from collections.abc import Callable

from textual import events
from textual.app import App
from textual.pilot import Pilot

_PATIENCE = 30.0  # seconds, for a busy machine; a condition that holds is noticed at once


async def until(pilot: Pilot[None], condition: Callable[[], object]) -> None:
    """Let the app work until `condition` holds, or fail."""
    async with asyncio.timeout(_PATIENCE):
        while not condition():
            await pilot.pause(0.01)


def screen_text(app: App[None]) -> str:
    """Return what the screen shows, row by row."""
    lines = app.screen._compositor.render_strips()
    return "\n".join(line.text for line in lines)


async def until_seen(pilot: Pilot[None], text: str) -> None:
    """Wait until `text` is on the screen."""
    try:
        await until(pilot, lambda: text in screen_text(pilot.app))
    except TimeoutError:
        raise AssertionError(f"{text!r} is not on\n{screen_text(pilot.app)}") from None


async def until_gone(pilot: Pilot[None], text: str) -> None:
    await until(pilot, lambda: text not in screen_text(pilot.app))


async def write(pilot: Pilot[None], text: str) -> None:
    """Type `text` key by key, and wait for the effect of the last key."""
    names = {" ": "space", "\n": "ctrl+j"}
    *letters, last = (names.get(char, char) for char in text)
    burst(pilot.app, *letters)
    await pilot.press(last)


def burst(app: App[None], *keys: str) -> None:
    """Press keys at once, as a slow connection delivers them: nothing is drawn between two."""
    for key in keys:
        app.post_message(events.Key(key, " " if key == "space" else key if len(key) == 1 else None))
