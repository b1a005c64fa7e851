import pytest

from chat_tui.commands.parser import COMMANDS
from chat_tui.ui.widgets.hint import Hint
from support.tui_host import hosting
from support.tui_pilot import until

pytestmark = pytest.mark.asyncio


async def test_it_explains_commands_says_what_failed_and_goes() -> None:
    hint = Hint()
    hint.styles.height = "auto"
    async with hosting(hint, (60, 16)) as (host, pilot):
        assert not hint.display
        hint.explain(list(COMMANDS[:8]))
        await until(pilot, lambda: all(c.usage in host.text() for c in COMMANDS[:8]))
        assert hint.explains
        hint.say("No [/] \x1b.")
        await until(pilot, lambda: "No [/] ␛." in host.text())
        assert not hint.explains
        hint.tell("Yes [b].")
        await until(pilot, lambda: "Yes [b]." in host.text())
        hint.clear()
        assert not hint.display
