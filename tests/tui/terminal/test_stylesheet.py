"""Styles that are found out once are those that Textual finds out each time."""

from typing import ClassVar

import pytest
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from chat_tui.terminal.stylesheet import SharedStylesheet
from chat_tui.terminal.textual_internals import ClientApp
from support.tui_chat import chatting, fake_with

pytestmark = pytest.mark.asyncio


class Parts(Widget):
    COMPONENT_CLASSES: ClassVar[set[str]] = {"parts--one", "parts--two"}
    DEFAULT_CSS = """
    Parts { width: 7; }
    Parts:light > .parts--one { color: red; }
    Parts:dark > .parts--one { color: blue; }
    """


class Form(Screen[None]):
    """Has a rule for each state in which a widget may be."""

    DEFAULT_CSS = """
    Form Static { color: red; width: 50%; }
    Form Static:first-child { color: green; }
    Form > Vertical:last-of-type Static { background: blue; }
    Form Static:odd { text-style: bold; }
    Form #named { height: 3; }
    Form .marked { color: initial; }
    Form.-late Vertical:focus-within Static.marked { color: yellow; }
    Form Vertical:empty { display: none; }
    Form Button:hover { margin: 1; }
    Form Button:disabled, Form Input:focus { opacity: 40%; }
    Form:light Input { border: round red; }
    Form:dark Input { border: round blue; }
    """

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static("a")
            yield Static("b", id="named", classes="marked")
            yield Input()
        with Vertical():
            yield Static("c", classes="marked")
            yield Button("d")
            yield Parts()
        yield Vertical()


def rules_of(node: DOMNode) -> dict[str, object]:
    """Return the style of `node`, with the name of its layout, of which each node has its own."""
    rules = dict(node.styles.base._rules)
    return rules | {"layout": repr(rules.get("layout"))}


def differing(root: DOMNode) -> list[DOMNode]:
    """Return the nodes that Textual, which finds out everything anew, styles in another way."""
    sheet = root.app.stylesheet
    found = []
    for node in root.walk_children(with_self=True):
        sheet.apply(node)
        marks = [node._has_hover_style, node._has_focus_within, node._has_order_style]
        shared = [rules_of(node), *marks, node._has_odd_or_even]
        Stylesheet.apply(sheet, node)
        marks = [node._has_hover_style, node._has_focus_within, node._has_order_style]
        if shared != [rules_of(node), *marks, node._has_odd_or_even]:
            found.append(node)
    return found


async def test_a_widget_in_any_state_looks_as_textual_wants() -> None:
    for _ in range(2):  # the second time, all of it has been found out before
        app, form = ClientApp(), Form()
        app.theme = "textual-dark"
        async with app.run_test() as pilot:
            await app.push_screen(form)
            form.query_one(Button).disabled = True
            await pilot.pause()
            assert not differing(form)

            form.query_one(Button).disabled = False
            form.query_one(Input).focus()
            form.add_class("-late")
            await pilot.hover(Button)
            assert not differing(form)

            form.query(Static).first().add_class("marked")
            await form.mount(Static("e"), before=0)
            await form.query(Vertical).last().mount(Static("f"))
            app.theme = "textual-light"
            await pilot.pause()
            assert not differing(form)
            late = form.query_one("#named")
            assert late.styles.color.rgb == (255, 255, 0)
            assert form.query_one(Input).styles.border_top[1].rgb == (255, 0, 0)


async def test_every_screen_of_the_client_looks_as_textual_wants() -> None:
    async with chatting(fake_with("kitchen")) as running:
        assert not differing(running.app.screen)
        for key in "f1", "ctrl+k", "ctrl+n", "ctrl+f", "f9":
            await running.press(key)
            assert not differing(running.app.screen)
            await running.press("escape")
        assert not differing(running.app.screen)


async def test_a_second_app_uses_what_was_found_out_for_the_first_one() -> None:
    found = []
    for _ in range(2):
        app, form = ClientApp(), Form()
        async with app.run_test() as pilot:
            await app.push_screen(form)
            await pilot.pause()
            assert isinstance(app.stylesheet, SharedStylesheet)
            found.append(app.stylesheet._given[form.query_one("#named")][0])

    assert found[0] is found[1]


async def test_a_widget_that_keeps_its_style_is_not_drawn_again() -> None:
    app, button = ClientApp(), Button("a")
    async with app.run_test() as pilot:
        await app.mount(button)
        await pilot.pause()
        app.stylesheet.update_nodes([button])
        assert not button._repaint_required

        button.styles.base.set_rule("height", None)  # as an animation may
        app.stylesheet.update_nodes([button])
        assert button._repaint_required


async def test_each_widget_has_a_layout_of_its_own() -> None:
    app = ClientApp()
    async with app.run_test():
        first, second = Vertical(), Vertical()
        await app.mount(first, second)

        assert first.styles.layout is not second.styles.layout


async def test_the_parts_of_a_widget_are_styled_when_they_are_drawn() -> None:
    app, parts = ClientApp(), Parts()
    app.theme = "textual-dark"
    async with app.run_test() as pilot:
        await app.mount(parts)
        assert not parts._component_styles
        dark = parts.get_component_styles("parts--one").color

        assert [*parts._component_styles] == ["parts--one"]
        with pytest.raises(KeyError):
            parts.get_component_styles("parts--three")

        app.theme = "textual-light"
        await pilot.pause()
        light = parts.get_component_styles("parts--one").color
        assert (dark.rgb, light.rgb) == ((0, 0, 255), (255, 0, 0))


async def test_a_widget_is_drawn_again_when_one_of_its_parts_looks_different() -> None:
    app, parts = ClientApp(), Parts()
    app.theme = "textual-dark"
    async with app.run_test() as pilot:
        await app.mount(parts)
        parts.get_component_styles("parts--one")
        await pilot.pause()
        assert not parts._repaint_required

        app.stylesheet.apply(parts)
        assert not parts._repaint_required

        parts._component_styles["parts--one"].base.set_rule("color", None)
        app.stylesheet.apply(parts)
        assert parts._repaint_required


async def test_apps_of_one_theme_share_their_rules_and_those_of_another_do_not() -> None:
    rules = []
    for theme in "textual-dark", "textual-light", "textual-dark":
        app = ClientApp()
        async with app.run_test():
            app.theme = theme
            app.refresh_css()
            rules.append([id(rule) for rule in app.stylesheet.rules])

    assert rules[0]
    assert rules[0] == rules[2]
    assert not set(rules[0]) & set(rules[1])


async def test_a_widget_takes_the_colors_of_a_new_theme() -> None:
    app = ClientApp()
    colors = []
    async with app.run_test() as pilot:
        for theme in "textual-dark", "textual-light", "textual-dark":
            app.theme = theme
            await pilot.pause()
            colors.append(app.screen.styles.background)

    assert colors[0] == colors[2] != colors[1]
