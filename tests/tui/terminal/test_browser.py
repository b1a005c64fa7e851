"""Links are opened in a real process in place of a browser."""

import stat
import webbrowser
from pathlib import Path

import pytest

from chat_tui.terminal.browser import open_link

URL = "https://example.org/x"


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Install a browser that records its arguments; return the file."""
    seen, program = tmp_path / "seen", tmp_path / "browser"
    program.write_text(f'#!/bin/sh\necho "$1" >> {seen}\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    # The standard library caches the browsers it found: reset that before and after.
    monkeypatch.setattr(webbrowser, "_tryorder", None)
    monkeypatch.setattr(webbrowser, "_browsers", {})
    monkeypatch.setenv("BROWSER", str(program))
    return seen


def test_a_link_is_opened(opened: Path) -> None:
    assert open_link(URL, {"BROWSER": "set"}, "linux")
    assert opened.read_text() == f"{URL}\n"


@pytest.mark.parametrize("address", ["file:///etc/passwd", "javascript:alert(1)", "--help", ""])
def test_other_addresses_are_not_opened(opened: Path, address: str) -> None:
    assert not open_link(address, {"BROWSER": "set"}, "linux")
    assert not opened.exists()


@pytest.mark.parametrize(
    "environment", [{}, {"SSH_CONNECTION": "1 2 3 4", "DISPLAY": ":0"}, {"SSH_TTY": "/dev/pts/1"}]
)
def test_without_a_screen_nothing_is_opened(opened: Path, environment: dict[str, str]) -> None:
    assert not open_link(URL, environment, "linux")
    assert not opened.exists()


@pytest.mark.parametrize("environment", [{"DISPLAY": ":0"}, {"WAYLAND_DISPLAY": "wayland-0"}])
def test_on_a_screen_it_is_opened(opened: Path, environment: dict[str, str]) -> None:
    assert open_link(URL, environment, "linux")
    assert opened.exists()


def test_a_browser_in_the_terminal_is_not_used(
    opened: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lynx = opened.with_name("lynx")
    opened.with_name("browser").rename(lynx)
    monkeypatch.setenv("BROWSER", str(lynx))

    assert not open_link(URL, {"BROWSER": "set"}, "linux")
    assert not opened.exists()
