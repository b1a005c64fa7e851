import pytest
from textual.widgets._toast import Toast

from chat_tui.ui.toasts import MAX_TOASTS, Places, Toasts
from support.fake_server import FakeServer
from support.tui_chat import chatting
from support.tui_pilot import until


def _shown(app: Toasts) -> list[str]:
    return [str(toast.render()) for toast in app.screen.query(Toast)]


@pytest.mark.asyncio
async def test_only_so_many_are_shown_at_a_time_and_the_last_says_so() -> None:
    app = Toasts()
    async with app.run_test(notifications=True) as pilot:
        for number in range(1_000):
            app.notify(f"note {number}")
        await until(pilot, lambda: len(_shown(app)) > MAX_TOASTS)
        await pilot.pause()

        shown = _shown(app)
        assert shown[:MAX_TOASTS] == [f"note {number}" for number in range(MAX_TOASTS)]
        assert shown[MAX_TOASTS:] == [
            "There are more notifications than fit. Those in between are not shown."
        ]


@pytest.mark.asyncio
async def test_all_of_a_sentence_is_shown_that_is_as_wide_as_the_terminal() -> None:
    async with chatting(FakeServer(), size=(40, 15)) as running:
        running.app.notify("Saved as /home/ada/Downloads/pic.png.")  # and a border, and padding

        await running.sees("pic.png.")


def test_a_place_is_free_again_when_its_toast_is_over() -> None:
    places = Places()
    assert [places.take(0, lasts=9) for _ in range(8)] == [5, 4, 3, 2, 1, 0, -1, -1]

    assert places.take(8.9, lasts=9) == -1
    assert places.take(9, lasts=9) == MAX_TOASTS
