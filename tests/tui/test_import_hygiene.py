"""Imports at run time: the layers hold, and the first paint loads no more than it needs."""

import subprocess
import sys
from pathlib import Path

import pytest

import chat_tui


def modules_after(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"{code}; import sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


@pytest.mark.parametrize("package", ["model", "commands", "markup"])
def test_the_pure_packages_know_no_screen_and_no_network(package: str) -> None:
    folder = Path(chat_tui.__file__).parent / package
    modules = [f"chat_tui.{package}.{path.stem}" for path in folder.glob("[a-z]*.py")]
    # Modules loaded at the start, by a coverage measurement for example, do not count.
    loaded = modules_after(f"import {', '.join(modules)}") - modules_after("pass")

    assert not loaded & {"textual", "asyncio", "socket"}


def test_the_client_knows_no_server() -> None:
    loaded = modules_after("import chat_tui.cli, chat_tui.app, chat_tui.ui.chat.screen")

    assert not loaded & {"trio", "apsw", "chat_server"}


def test_a_wrong_argument_is_answered_before_there_is_a_screen() -> None:
    loaded = modules_after("import chat_tui.cli")

    assert not loaded & {"textual", "rich"}


def test_the_first_paint_needs_no_chat() -> None:
    loaded = modules_after("import chat_tui.cli, chat_tui.app")

    assert not loaded & {
        "chat_tui.ui.chat.screen",
        "textual.widgets._text_area",
        "chat_tui.ui.dialogs.help",
        "cyclopts",
        "importlib.metadata",
        "keyring",
        "cryptography",
        "markdown_it",
        "pygments",
    }
