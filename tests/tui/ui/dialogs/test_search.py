import pytest

from chat_shared import messages as m
from chat_tui.ui.widgets.hit_list import HitList
from support.fake_server import FakeServer
from support.tui_chat import HOSTILE, Client, chatting, fake_with

pytestmark = pytest.mark.asyncio


def searches(fake: FakeServer) -> list[m.Search]:
    return [request for request in fake.requests if isinstance(request, m.Search)]


def hits(running: Client) -> HitList:
    return running.app.screen.query_one(HitList)


async def open_search(running: Client) -> None:
    await running.press("ctrl+f")
    await running.sees("from:NAME")


async def test_a_query_searches_this_room_then_all_rooms_and_a_hit_is_opened() -> None:
    fake = fake_with("attic")
    fake.post("general", "linus", "hot soup")
    fake.post("attic", "linus", "the soup in the attic")
    for n in range(300):
        fake.post("attic", "linus", f"line {n}.")
    async with chatting(fake) as running:
        await open_search(running)
        await running.write("soup")
        await running.sees("1 found")
        await running.sees("Search in general  Ctrl+F: all rooms")
        await running.sees("# general  linus")
        assert "attic  linus" not in running.text()
        assert searches(fake)[-1].room == "general"

        await running.press("ctrl+f")
        await running.sees("2 found")
        await running.sees("Search all rooms  Ctrl+F: in general")
        assert searches(fake)[-1].room == ""
        await running.press("enter")

        await running.sees("Message attic")
        await running.sees("the soup in the attic")
        await running.press("ctrl+f")  # the same search, for its other hits
        await running.sees("2 found")
        await running.press("down", "enter")
        await running.sees("Message general")


async def test_enter_searches_at_once_and_filters_narrow_the_hits() -> None:
    fake = fake_with("attic")
    fake.post("attic", "linus", "soup of linus")
    fake.post("attic", "ada", "soup of ada")
    async with chatting(fake) as running:
        await open_search(running)
        await running.enter("soup in:Attic from:Linus")

        await running.sees("1 found")
        (request,) = searches(fake)
        assert (request.room, request.author) == ("attic", "Linus")


async def test_a_command_opens_the_search_with_its_words() -> None:
    fake = fake_with()
    fake.post("general", "linus", "hot soup")
    async with chatting(fake) as running:
        await running.enter("/search soup from:linus")

        await running.sees("soup from:linus")
        await running.sees("1 found")


async def test_a_bad_query_is_reported_at_the_field() -> None:
    fake = fake_with()
    async with chatting(fake) as running:
        await open_search(running)
        await running.enter("soup before:soon")
        await running.sees("before: needs a date, such as before:2026-11-01.")
        assert searches(fake) == []


async def test_no_hits_and_no_query_are_distinguished() -> None:
    async with chatting(fake_with()) as running:
        await open_search(running)
        assert "Nothing found" not in running.text()
        await running.enter("soup")

        await running.sees("Nothing found here. Ctrl+F searches all rooms. wor* matches")
        await running.press("ctrl+f")
        await running.sees("Nothing found. wor* matches words that begin with")


async def test_without_a_query_there_are_no_hits_of_the_one_before() -> None:
    fake = fake_with()
    fake.post("general", "linus", "hot soup")
    async with chatting(fake) as running:
        await open_search(running)
        await running.enter("soup")
        await running.sees("1 found")

        await running.press(*["backspace"] * len("soup"))

        await running.sees_no("1 found")
        assert hits(running).hits == []


async def test_moving_towards_the_end_loads_more_pages() -> None:
    fake = fake_with()
    fake.extras.page_size = 8
    for n in range(20):
        fake.post("general", "linus", f"soup number {n}")
    async with chatting(fake) as running:
        await open_search(running)
        await running.enter("soup")
        await running.sees("8+ found")
        await running.press(*["down"] * 12)

        await running.sees("20 found")
        assert [hit.seq for hit in hits(running).hits] == list(range(20, 0, -1))
        assert hits(running).highlighted == 12


async def test_scrolling_to_the_end_loads_more_pages() -> None:
    fake = fake_with()
    fake.extras.page_size = 20
    for n in range(60):
        fake.post("general", "linus", f"soup number {n}")
    async with chatting(fake) as running:
        await open_search(running)
        await running.enter("soup")
        await running.sees("20+ found")
        hits(running).scroll_end(animate=False)

        await running.sees("40+ found")


async def test_an_empty_page_that_promises_more_ends_the_search() -> None:
    fake = fake_with()
    fake.extras.page_size = 0
    fake.post("general", "linus", "soup")
    async with chatting(fake) as running:
        await open_search(running)
        await running.enter("soup")
        await running.sees("Nothing found")
        await running.press("down", "down")

        assert len(searches(fake)) == 1


async def test_a_failed_page_is_requested_again() -> None:
    fake = fake_with()
    fake.extras.page_size = 8
    for n in range(10):
        fake.post("general", "linus", f"soup number {n}")
    async with chatting(fake) as running:
        await open_search(running)
        await running.enter("soup")
        await running.sees("8+ found")
        running.client.cut()
        await running.press(*["down"] * 8)
        await running.sees("You're offline.")
        running.client.reconnect()
        await running.press("down")

        await running.sees("10 found")


async def test_enter_does_not_open_a_hit_of_the_previous_query() -> None:
    fake = fake_with("attic")
    fake.post("attic", "linus", "soup")
    async with chatting(fake) as running:
        await open_search(running)
        await running.enter("in:attic soup")
        await running.sees("1 found")
        fake.silent = True
        await running.press("x", "enter", "enter")

        await running.sees("Searching…")
        await running.sees("Search in general")


async def test_a_click_opens_a_hit() -> None:
    fake = fake_with()
    fake.post("general", "linus", "older soup")
    fake.post("general", "linus", "newer soup")
    async with chatting(fake) as running:
        await open_search(running)
        await running.enter("soup")
        await running.sees("2 found")
        await running.pilot.click("#hits", offset=(5, 2))

        await running.sees_no("2 found")
        await running.until(lambda: running.app.screen.query_one("#log").has_focus)


async def test_offline_it_says_so_and_enter_tries_again() -> None:
    fake = fake_with()
    fake.post("general", "linus", "hot soup")
    async with chatting(fake) as running:
        await open_search(running)
        running.client.cut()
        await running.enter("soup")
        await running.sees("You're offline.")
        running.client.reconnect()
        await running.press("enter")

        await running.sees("1 found")


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_text_in_a_hit_is_harmless(text: str) -> None:
    fake = fake_with()
    fake.room(text, "k7qm", "ada")
    fake.post(text, text, f"soup {text}")
    async with chatting(fake) as running:
        await open_search(running)
        await running.press("ctrl+f")
        await running.enter("soup")

        await running.sees("1 found")
        assert not set(running.text()) & set("\x1b\x07\u202e\u2066")


@pytest.mark.parametrize("size", [(40, 12), (60, 20), (200, 50)])
async def test_everything_is_visible_at_every_size(size: tuple[int, int]) -> None:
    fake = fake_with()
    for n in range(30):
        fake.post("general", "linus", f"soup number {n}")
    async with chatting(fake, size=size) as running:
        await running.press("ctrl+f")
        await running.sees("Search")
        await running.enter("soup")

        await running.sees("30 found")
        await running.sees("soup number 29")
