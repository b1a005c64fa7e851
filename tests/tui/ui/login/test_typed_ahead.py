"""What is typed on while a log-in is under way, when that fails."""

import pytest

from chat_shared.errors import Code
from chat_tui.model.address import Address
from chat_tui.net.events import LogIn, LogInFailed
from chat_tui.ui.widgets.field import Field
from support.fake_server import FakeServer
from support.tui_chat import PASSWORD, client

pytestmark = pytest.mark.asyncio


@pytest.mark.parametrize(
    ("code", "repeated"), [("", ""), (Code.NAME_TAKEN, ""), (Code.UNKNOWN_ACCOUNT, PASSWORD)]
)
async def test_a_password_typed_on_is_never_shown_in_the_clear(
    code: str, repeated: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never_answer(address: Address, log_in: LogIn, *_: object) -> None:
        """Take as long as a slow server."""

    async with client(FakeServer()) as running:
        monkeypatch.setattr(running.client, "run", never_answer)
        await running.enter(PASSWORD)
        await running.sees("Connecting to")
        running.paste(PASSWORD)
        password = running.app.screen.query_one("#password", Field)
        await running.until(lambda: password.value == PASSWORD * 2)
        running.client.deliver(LogInFailed(code, "It failed."))
        await running.until(lambda: password.value == PASSWORD)

        assert PASSWORD not in running.text()
        assert running.app.screen.query_one("#repeat", Field).value == repeated
