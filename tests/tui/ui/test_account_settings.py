"""Where nothing is kept on the computer, settings and drafts are those of the account."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import msgspec
import pytest

from chat_shared import messages as m
from chat_shared.errors import Code
from chat_tui.model.address import Address, Invitation
from chat_tui.model.draft import Draft, Edit, Quote, Reply
from chat_tui.model.premises import KIOSK
from chat_tui.themes import DARK, LIGHT
from support import fake_preferences
from support.fake_preferences import set_elsewhere
from support.fake_server import FakeServer
from support.tui_chat import HOSTILE, PASSWORD, Client, chatting, client, fake_with

pytestmark = pytest.mark.asyncio

HERE = Invitation(Address(path="/run/chat/proxy.sock", is_private=True))


@asynccontextmanager
async def at_a_kiosk(fake: FakeServer) -> AsyncGenerator[Client]:
    async with chatting(fake, invitation=HERE, premises=KIOSK) as running:
        yield running


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what is typed be sent almost at once."""
    monkeypatch.setattr("chat_tui.controller.preferences.SAVED_EVERY", 0.01)
    monkeypatch.setattr("chat_tui.ui.chat.drafting._PAUSE", 0.01)


def _saved(fake: FakeServer) -> dict[str, str]:
    return fake.preferences.get("ada", {})


def _settings(fake: FakeServer) -> list[m.SetPreferences]:
    return [request for request in fake.requests if isinstance(request, m.SetPreferences)]


@pytest.mark.usefixtures("soon")
async def test_a_theme_that_was_chosen_is_there_at_the_next_log_in() -> None:
    fake = fake_with()
    async with at_a_kiosk(fake) as running:
        running.app.theme = LIGHT.name
        await running.until(lambda: _saved(fake) == {"theme": LIGHT.name})

    async with at_a_kiosk(fake) as running:
        assert running.app.theme == LIGHT.name
        assert len(_settings(fake)) == 1


@pytest.mark.usefixtures("soon")
async def test_the_level_of_a_room_is_there_at_the_next_log_in() -> None:
    fake = fake_with("kitchen")
    async with at_a_kiosk(fake) as running:
        await running.enter("/notify off")
        await running.until(lambda: _saved(fake) == {"notify:general": "off"})

    async with at_a_kiosk(fake) as running:
        await running.enter("/notify")
        await running.sees("Notifications here: off")


@pytest.mark.usefixtures("soon")
async def test_a_draft_is_on_the_other_device_and_gone_from_it_once_sent() -> None:
    fake = fake_with("kitchen")
    async with at_a_kiosk(fake) as first:
        first.app.open_room("kitchen")
        await first.write("half a sentence")
        await first.until(lambda: _saved(fake) == {"draft:kitchen": '"half a sentence"'})

        async with at_a_kiosk(fake) as second:
            second.app.open_room("kitchen")
            await second.until(lambda: second.typed == "half a sentence")
            await second.enter(", and the rest")
            await second.until(lambda: _saved(fake) == {})

        await first.until(lambda: first.typed == "")


@pytest.mark.parametrize("is_kept", [False, True])
async def test_what_is_typed_here_stays_whatever_another_device_does(*, is_kept: bool) -> None:
    fake = fake_with("kitchen")
    async with at_a_kiosk(fake) as running:
        await running.write("mine")
        if is_kept:  # but not sent
            running.app.open_room("kitchen")
        set_elsewhere(fake, "ada", draft_general='"theirs"')
        running.app.open_room("general")
        assert running.typed == "mine"
        running.app.exit()

    assert _saved(fake) == {"draft:general": '"mine"'}


async def test_no_key_is_sent_by_itself() -> None:
    fake = fake_with()
    async with at_a_kiosk(fake) as running:
        await running.write("a sentence of many letters")
        await running.settle()

        assert _settings(fake) == []


@pytest.mark.parametrize("end", ["quit", "logout", "hang-up"])
async def test_at_the_end_everything_is_sent_at_once(end: str) -> None:
    fake = fake_with("kitchen")
    async with at_a_kiosk(fake) as running:
        running.app.theme = LIGHT.name
        await running.write("half a sentence")
        match end:
            case "quit":
                await running.press("ctrl+q")
            case "logout":
                await running.app.ask(m.Logout(id=1))
                await running.sees("Password")
            case "hang-up":
                running.app.exit()

        assert _saved(fake) == {"theme": LIGHT.name, "draft:general": '"half a sentence"'}
        assert len(_settings(fake)) == 2  # the theme was sent when it was chosen


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize(
    "secret",
    [
        "/password correct horse",
        "/join kitchen k7qm-2vxh",
        "/delete-account correct",
        "-----BEGIN OPENSSH PRIVATE KEY-----",
    ],
)
async def test_no_password_and_no_private_key_is_sent(secret: str) -> None:
    fake = fake_with("kitchen")
    async with at_a_kiosk(fake) as running:
        await running.write("soup")
        await running.until(lambda: _saved(fake) == {"draft:general": '"soup"'})
        running.composer.put(secret)
        running.app.open_room("kitchen")
        await running.until(lambda: _saved(fake) == {})
        running.app.open_room("general")

        assert running.typed == secret
    sent = b"".join(map(msgspec.json.encode, _settings(fake)))
    assert not any(word in sent for word in (b"correct", b"k7qm", b"PRIVATE"))


@pytest.mark.usefixtures("soon")
async def test_a_reply_is_kept_without_the_words_of_its_message() -> None:
    fake = fake_with()
    fake.post("general", "linus", "Is there soup?")
    async with at_a_kiosk(fake) as running:
        await running.write("Yes")
        running.composer.begin_reply(Quote(1, "linus", "Is there soup?"))
        await running.until(lambda: "Reply" in str(_saved(fake)))

    assert "soup" not in str(_saved(fake))
    async with at_a_kiosk(fake) as running:
        await running.until(lambda: running.composer.intent == Reply(_QUOTE))
        assert running.typed == "Yes"


_QUOTE = Quote(1, "linus", "Is there soup?")


@pytest.mark.usefixtures("soon")
async def test_an_edit_is_kept_with_the_draft_that_it_interrupted() -> None:
    fake = fake_with()
    fake.post("general", "ada", "Soop")
    async with at_a_kiosk(fake) as running:
        await running.write("and bread")
        running.composer.begin_edit(1, "Soup")
        await running.until(lambda: "Soup" in str(_saved(fake)))

    async with at_a_kiosk(fake) as running:
        assert running.composer.unfinished == Draft("Soup", Edit(1), Draft("and bread"))


@pytest.mark.usefixtures("soon")
async def test_what_is_typed_without_a_connection_is_sent_once_there_is_one() -> None:
    fake = fake_with()
    async with at_a_kiosk(fake) as running:
        running.client.cut()
        await running.write("offline")
        set_elsewhere(fake, "ada", theme=LIGHT.name)
        running.client.reconnect()

        await running.until(lambda: _saved(fake).get("draft:general") == '"offline"')
        await running.until(lambda: running.app.theme == LIGHT.name)


@pytest.mark.usefixtures("soon")
async def test_what_is_typed_during_the_log_in_is_added_to_the_draft() -> None:
    fake = fake_with()
    set_elsewhere(fake, "ada", draft_general='"half a "')
    fake.is_slow = True
    async with client(fake, invitation=HERE, premises=KIOSK) as running:
        await running.enter(PASSWORD)
        await running.until(lambda: fake.requests)
        await running.write("sentence")
        fake.is_slow = False
        fake.answer_all()

        await running.until(lambda: running.app.screen.query("#composer"))
        await running.until(lambda: running.typed == "half a sentence")


@pytest.mark.usefixtures("soon")
async def test_with_an_older_server_they_last_as_long_as_the_client() -> None:
    fake = fake_with("kitchen")
    fake.unknown = {m.Preferences, m.SetPreferences}
    async with at_a_kiosk(fake) as running:
        running.app.theme = LIGHT.name
        await running.write("half a sentence")
        running.app.open_room("kitchen")
        running.app.open_room("general")

        assert running.typed == "half a sentence"
        assert _settings(fake) == []
        assert "type" not in running.text().replace("typed", "")


async def test_a_log_in_does_not_wait_for_a_slow_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat_tui.controller.preferences.LOADED_WITHIN", 0.01)
    waiting: list[tuple[object, m.Request]] = []
    answer = fake_preferences.HANDLERS[m.Preferences]

    def wait(session: object, request: m.Request) -> None:
        waiting.append((session, request))

    slow = dict(fake_preferences.HANDLERS)
    slow[m.Preferences] = wait
    monkeypatch.setattr(fake_preferences, "HANDLERS", slow)
    fake = fake_with()
    set_elsewhere(fake, "ada", theme=LIGHT.name, draft_general='"half a sentence"')
    async with at_a_kiosk(fake) as running:
        assert running.typed == ""

        answer(*waiting.pop())
        await running.until(lambda: running.typed == "half a sentence")
        assert running.app.theme == LIGHT.name


@pytest.mark.usefixtures("soon")
async def test_what_was_refused_for_a_while_is_sent_later(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = fake_with()
    refusals = [m.Error(Code.TOO_FAST, "Wait.", retry_after=0.01)] * 2
    async with at_a_kiosk(fake) as running:
        answer = running.client._session.answer  # type: ignore[union-attr]

        def refuse(request: m.Request) -> None:
            if isinstance(request, m.SetPreferences) and refusals:
                refusal = msgspec.structs.replace(refusals.pop(), re=request.id)
                running.client._session.send(refusal)  # type: ignore[union-attr]
            else:
                answer(request)

        monkeypatch.setattr(running.client._session, "answer", refuse)
        running.app.theme = LIGHT.name

        await running.until(lambda: _saved(fake) == {"theme": LIGHT.name})
        assert refusals == []


async def test_another_account_at_the_same_terminal_has_its_own() -> None:
    fake = fake_with()
    set_elsewhere(fake, "linus", draft_general='"linus"', notify_general="off")
    async with at_a_kiosk(fake) as running:
        fake.unknown = {m.SetPreferences}  # what ada types stays unsent
        await running.write("only for ada")
        await running.app.ask(m.Logout(id=1))
        fake.unknown = set()
        await running.sees("Password")
        name = running.app.screen.query_one("#name")
        name.value = "linus"  # type: ignore[attr-defined]
        await running.enter(PASSWORD)

        await running.until(lambda: running.app.screen.query("#composer"))
        await running.until(lambda: running.typed == "linus")
    assert fake.preferences["linus"] == {"draft:general": '"linus"', "notify:general": "off"}


@pytest.mark.parametrize("draft", [*HOSTILE, "[" * 9_000, '{"text":1}', "", '{"text":"x","to":3}'])
async def test_what_makes_no_sense_counts_for_nothing_and_is_drawn_safely(draft: str) -> None:
    fake = fake_with()
    fake.preferences["ada"] = {
        "theme": draft, "notify:general": draft, "draft:general": draft, "": draft, "draft:": "1",
        "draft:nowhere": msgspec.json.encode(draft).decode(), "other": draft,
    }  # fmt: skip
    async with at_a_kiosk(fake) as running:
        assert running.app.theme == DARK.name
        assert running.typed in ("", "x")

        set_elsewhere(fake, "ada", draft_general=msgspec.json.encode(draft).decode())
        await running.settle()
        await running.write("!")
        await running.sees("!")
        assert "\x1b" not in running.typed


async def test_on_your_own_computer_nothing_is_sent() -> None:
    fake = fake_with()
    async with chatting(fake) as running:
        running.app.theme = LIGHT.name
        await running.write("half a sentence")
        await running.press("ctrl+q")

    assert not [r for r in fake.requests if isinstance(r, m.Preferences | m.SetPreferences)]
