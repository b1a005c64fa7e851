import pytest
from textual import events
from textual.containers import VerticalScroll

from chat_tui.ui.messages import Pasted
from chat_tui.ui.widgets.field import MAX_TYPED, Field
from support.tui_host import hosting
from support.tui_pilot import until

pytestmark = pytest.mark.asyncio


async def test_what_is_wrong_stands_under_the_field_and_the_text_stays() -> None:
    field = Field("Name", "name")
    async with hosting(field) as (host, pilot):
        field.value = "ada"
        field.problem = "No [/] \x1b."

        await until(pilot, lambda: "No [/] ␛." in host.text())
        assert field.has_class("-problem")
        assert field.value == "ada"
        field.problem = ""
        assert not field.has_class("-problem")


async def test_a_secret_is_not_shown() -> None:
    field = Field("Password", "password", secret=True)
    async with hosting(field) as (host, pilot):
        field.value = "k7qm"

        await until(pilot, lambda: "••••" in host.text())
        assert "k7qm" not in host.text()


async def test_what_is_put_in_is_made_harmless() -> None:
    field = Field("Name", "name")
    async with hosting(field) as (host, pilot):
        field.value = "a\x1b"
        field.take_focus()
        host.post_message(events.Paste(" b\u202ec\nd\n"))

        await until(pilot, lambda: host.of(Pasted))
        assert field.value == "a␛b\ufffdc d"
        assert host.of(Pasted)[0].text == "b\ufffdc d"


async def test_the_length_of_what_is_typed_or_pasted_has_a_bound() -> None:
    field = Field("Name", "name")
    async with hosting(field) as (host, pilot):
        field.take_focus()
        host.post_message(events.Paste("é" * 2 * MAX_TYPED))
        await until(pilot, lambda: host.of(Pasted))
        await pilot.press("x")

        assert field.value == "é" * MAX_TYPED


async def test_who_focuses_a_field_scrolls_no_further_than_it() -> None:
    fields = [Field(f"Name {n}", f"name{n}") for n in range(12)]
    for field in fields:
        field.styles.height = 2
    form = VerticalScroll(*fields)
    async with hosting(form, size=(40, 10)) as (_, pilot):
        fields[8].take_focus()

        await until(pilot, lambda: fields[8].input.has_focus)
        await until(pilot, lambda: fields[8].input.region.bottom == form.region.bottom)
