"""The line above the composer names a reply or an edit and how to cancel it, at any width."""

import pytest
from textual.app import App, ComposeResult

from chat_tui.model.draft import Edit, Intent, Quote, Reply
from chat_tui.ui.widgets.intent_line import IntentLine
from support.tui_pilot import screen_text, until_seen

pytestmark = pytest.mark.asyncio


class Host(App[None]):
    def compose(self) -> ComposeResult:
        yield IntentLine()


@pytest.mark.parametrize(
    ("intent", "line"),
    [
        (Edit(7), "✎ editing your message  Esc: cancel edit"),
        (Reply(Quote(7, "ben", "**soup**?\nor bread")), "↳ ben: soup?  Esc: cancel reply"),
        (Reply(Quote(7, "ben", "soup " * 50)), "↳ ben: soup soup soup soup s…  Esc: cancel reply"),
        (Reply(Quote(7, "ben")), "↳ ben: message deleted  Esc: cancel reply"),
        (Reply(Quote(7)), "↳ message 7  Esc: cancel reply"),
    ],
)
async def test_it_names_what_is_written_and_how_to_cancel_it(intent: Intent, line: str) -> None:
    app = Host()
    async with app.run_test(size=(48, 3), notifications=True) as pilot:
        app.query_one(IntentLine).show(intent)
        await until_seen(pilot, "Esc")
        assert screen_text(app).split("\n")[0].strip() == line
