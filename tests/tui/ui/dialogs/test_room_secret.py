import pytest

from chat_shared import messages as m
from chat_tui.ui.dialogs import interruption
from chat_tui.ui.dialogs.room_secret import RoomSecret
from support.fake_server import FakeServer
from support.tui_chat import HOSTILE, chatting, fake_with, posted_texts
from support.tui_pilot import burst

pytestmark = pytest.mark.asyncio


@pytest.fixture(autouse=True)
def _keys_count_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interruption, "PAUSE", 0)


CREATED = m.Created(re=1, room="kitchen", password="k7qm-2vxh-9rtd")


@pytest.mark.parametrize(
    ("way", "copied"),
    [
        ("c", "k7qm-2vxh-9rtd"),
        ("j", "/join kitchen k7qm-2vxh-9rtd"),
        ("#copy-secret", "k7qm-2vxh-9rtd"),
        ("#join", "/join kitchen k7qm-2vxh-9rtd"),
    ],
)
async def test_the_password_and_the_join_line_are_copied(way: str, copied: str) -> None:
    async with chatting(FakeServer()) as running:
        running.app.push_screen(RoomSecret(CREATED))
        await running.sees("kitchen is ready")
        if way.startswith("#"):
            await running.pilot.click(way)
        else:
            await running.press(way)

        await running.until(lambda: running.app.clipboard == copied)
        await running.sees("copied.")
        await running.sees("with the mouse.")


LINK = f"chat://chat.example.org:7667/kitchen?fp=SHA256:{'a' * 64}#k7qm-2vxh-9rtd"


@pytest.mark.parametrize("way", ["l", "#copy-link"])
async def test_a_link_is_shown_and_copied(way: str) -> None:
    async with chatting(FakeServer(), size=(80, 24)) as running:
        running.app.push_screen(RoomSecret(CREATED, LINK))
        await running.sees("chat://chat.example.org:7667/kitchen?fp=")
        if way.startswith("#"):
            await running.pilot.click(way)
        else:
            await running.press(way)

        await running.until(lambda: running.app.clipboard == LINK)


async def test_without_a_link_there_is_none_to_copy() -> None:
    async with chatting(FakeServer()) as running:
        running.app.push_screen(RoomSecret(CREATED))
        await running.sees("kitchen is ready")
        await running.press("l")

        assert "copy link" not in running.text()
        assert "Link copied." not in running.text()
        assert running.app.clipboard == ""


@pytest.mark.parametrize("key", ["enter", "escape"])
async def test_done_closes_the_dialog(key: str) -> None:
    async with chatting(FakeServer()) as running:
        running.app.push_screen(RoomSecret(CREATED))
        await running.sees("Done")
        await running.press(key)

        await running.sees_no("kitchen is ready")


async def test_the_password_can_be_selected_by_mouse() -> None:
    async with chatting(FakeServer()) as running:
        running.app.push_screen(RoomSecret(CREATED))
        await running.sees("kitchen is ready")
        secret = running.app.screen.query_one("#secret")
        await running.pilot.click(secret, times=2)

        await running.until(lambda: running.app.screen.get_selected_text() == "k7qm-2vxh-9rtd")


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (200, 50)])
async def test_everything_is_visible_at_every_size(size: tuple[int, int]) -> None:
    async with chatting(FakeServer(), size=size) as running:
        running.app.push_screen(RoomSecret(CREATED))
        for text in ("/join kitchen k7qm-2vxh-9rtd", "c copy", "j copy", "Done"):
            await running.sees(text)


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("size", [(100, 30), (40, 15)])
async def test_a_hostile_room_and_its_secret_are_harmless(text: str, size: tuple[int, int]) -> None:
    async with chatting(FakeServer(), size=size) as running:
        reply = m.Created(re=1, room=text, password=text)
        running.app.push_screen(RoomSecret(reply, f"chat://{text}"))

        await running.sees("is ready")
        await running.press("j")
        await running.until(lambda: running.app.clipboard.startswith("/join "))
        shown = running.text() + running.app.clipboard
        assert not set(shown) & set("\x1b\x07\u202e\u2066")


async def test_on_a_narrow_terminal_no_button_is_clipped() -> None:
    async with chatting(FakeServer(), size=(40, 24)) as running:
        running.app.push_screen(RoomSecret(CREATED, LINK))

        for label in ("c copy password", "j copy /join line", "l copy link", "Done"):
            await running.sees(label)


@pytest.mark.parametrize("opening", [("ctrl+n",), ("/create", "enter")])
async def test_typing_on_does_not_close_a_password_that_is_shown_once(
    opening: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interruption, "PAUSE", 60)
    fake = fake_with()
    async with chatting(fake) as running:
        keys = [key for part in opening for key in ([part] if part in _NAMED else part)]
        burst(running.app, *keys, *"kitchen", "enter", *"cjl", "enter", "enter")
        await running.sees("kitchen is ready")
        await running.pilot.pause()

        await running.sees("k7qm-2vxh-9rtd")
        assert running.app.clipboard == ""
        assert posted_texts(fake) == []
        await running.press("escape")
        await running.sees("Message kitchen")


async def test_a_word_that_is_typed_slowly_does_not_close_the_password() -> None:
    async with chatting(FakeServer()) as running:
        running.app.push_screen(RoomSecret(CREATED))
        await running.sees("kitchen is ready")
        await running.press("s", "o", "enter")

        await running.sees("This is shown only once. Esc closes it.")
        await running.press("escape")
        await running.sees_no("kitchen is ready")


_NAMED = {"ctrl+n", "enter"}
