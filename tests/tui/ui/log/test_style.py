"""The looks of the log: on every kind of theme, and where there are no colours."""

from datetime import UTC, datetime

import pytest
from rich.style import Style
from textual.app import App, ComposeResult
from textual.color import Color

from chat_shared.messages import Reaction
from chat_tui.ui.log.log_model import LogModel
from chat_tui.ui.log.message_log import MessageLog
from chat_tui.ui.log.rows import MessageRow
from chat_tui.ui.log.style import LOOKS, PARTS

pytestmark = pytest.mark.asyncio

TEXT = """**bold** *italic* ~~strike~~ `code` http://e.org @ben
> quote
```python
def f(): pass
```"""
REACTIONS = (Reaction("x", 1, ["ada"], True), Reaction("y", 1, ["ben"]))
ROW = MessageRow(("seq", 1), "ada", TEXT, datetime(2026, 1, 1, tzinfo=UTC), reactions=REACTIONS)


class LogApp(App[None]):
    def compose(self) -> ComposeResult:
        yield MessageLog(LogModel([ROW]), zone=UTC)


def drawn(app: LogApp) -> dict[str, Style]:
    log = app.query_one(MessageLog)
    strips = log.render_lines(log.size.region)
    return {
        segment.text.strip(): segment.style
        for strip in strips
        for segment in strip
        if segment.style is not None and segment.text.strip()
    }


@pytest.mark.parametrize("theme", ["ansi-dark", "textual-dark"])
async def test_without_colours_marks_are_told_apart(
    theme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = LogApp()
    app.theme = theme
    async with app.run_test(size=(90, 20)) as pilot:
        await pilot.pause()
        looks = drawn(app)

    assert looks["bold"].bold
    assert looks["italic"].italic
    assert looks["strike"].strike
    assert looks["code"].reverse
    assert looks["http://e.org"].underline
    assert looks["@ben"].bold
    assert looks["x 1"].underline
    assert not looks["· y 1"].underline
    assert looks["def"].bold
    assert {"▎", "│"} <= looks.keys()


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light", "nord", "gruvbox"])
async def test_every_kind_of_text_can_be_read_on_its_ground(theme: str) -> None:
    app = LogApp()
    app.theme = theme
    async with app.run_test(size=(90, 20)) as pilot:
        await pilot.pause()
        log = app.query_one(MessageLog)
        faint = {"rule", "bar", "code-bar", "cursor", "mentioned"}  # nothing to read
        for part in {*PARTS, *LOOKS} - faint:
            style = log.get_component_rich_style(f"message-log--{part}")
            assert style.color is not None
            assert style.bgcolor is not None
            ground = Color.from_rich_color(style.bgcolor)
            contrast = ground.get_contrast_text(1).brightness - ground.brightness
            seen = abs(Color.from_rich_color(style.color).brightness - ground.brightness)
            assert seen > 0.25 * abs(contrast), part
