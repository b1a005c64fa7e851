"""Which files are asked about before they are opened."""

import pytest

from chat_tui.model.harmless import may_run


@pytest.mark.parametrize("name", ["a.pdf", "A.PNG", "b.tar.txt", "notes.md", "film.mp4"])
def test_what_is_only_looked_at_may_not_run(name: str) -> None:
    assert not may_run(name, b"anything")
    assert not may_run(name, b"")


@pytest.mark.parametrize(
    "name",
    [
        *(
            "setup.exe",
            "run.sh",
            "x.desktop",
            "page.html",
            "drawing.svg",
            "macro.docm",
            "a.pdf.lnk",
        ),
        *("README", ".profile", "x.AppImage", "x.py", "x.jar", "photo.png.scr", "x.url"),
    ],
)
def test_everything_else_may(name: str) -> None:
    assert may_run(name, b"anything")


@pytest.mark.parametrize(
    "start", [b"\x7fELF\x02", b"MZ\x90", b"#!/bin/sh", b"\xef\xbb\xbf\n#!x", b"[Desktop Entry]\n"]
)
def test_a_program_is_one_whatever_it_is_called(start: bytes) -> None:
    assert may_run("photo.png", start)
