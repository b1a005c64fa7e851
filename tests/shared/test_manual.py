"""The man pages and completion scripts are those of the parsers, and bash completes by them."""

import os
import shutil
import subprocess
from pathlib import Path

import pexpect
import pytest

from manual.command import Command, Option, Value, option_values
from manual.files import SHARE, made_files

_MADE = made_files()
_PROMPT = "ready> "
_DISCARD_LINE = "\x15"  # Ctrl+U
_COMPLETIONS = SHARE / "bash-completion" / "completions"


@pytest.mark.parametrize("path", _MADE, ids=str)
def test_a_file_is_up_to_date(path: Path) -> None:
    text = (SHARE / path).read_text(encoding="utf-8")

    assert text == _MADE[path], "Run `uv run python -m manual`."


def test_there_are_no_other_files() -> None:
    files = {path.relative_to(SHARE) for path in SHARE.rglob("*") if path.is_file()}

    assert files == set(_MADE)


@pytest.mark.skipif(shutil.which("mandoc") is None, reason="requires mandoc")
@pytest.mark.parametrize("name", ["chat-server", "chat-tui"])
def test_a_man_page_is_correct(name: str) -> None:
    page = SHARE / "man" / "man1" / f"{name}.1"
    found = subprocess.run(["mandoc", "-T", "lint", page], capture_output=True, text=True)

    assert (found.stdout, found.returncode) == ("", 0)


def test_an_option_with_two_meanings_is_refused() -> None:
    """Completion knows an option by its name alone, in whichever command it is."""
    file, word = (Option(("--out",), "", Value("X", is_path=is_path)) for is_path in (True, False))
    program = Command("chat", "", (file,), commands=(Command("admin", "", (word,)),))

    with pytest.raises(ValueError, match="--out"):
        option_values(program)


@pytest.fixture(scope="module")
def bash(tmp_path_factory: pytest.TempPathFactory) -> "pexpect.spawn[str]":
    folder = tmp_path_factory.mktemp("bash")
    (folder / "old chat.json").touch()
    shell = pexpect.spawn(
        "bash",
        ["--noprofile", "--norc", "-i"],
        cwd=folder,
        env={"HOME": f"{folder}", "PATH": os.defpath, "TERM": "dumb", "INPUTRC": "/dev/null"},
        encoding="utf-8",
        timeout=10,
        dimensions=(24, 200),
    )
    files = f". '{_COMPLETIONS}/chat-server'; . '{_COMPLETIONS}/chat-tui'"
    shell.sendline(f"{files}; PS1='re''ady> '")  # in two parts, as bash shows what it is sent
    shell.expect_exact(_PROMPT)
    return shell


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("chat-server adm", "admin"),
        ("chat-server admin rooms re", "reset-password"),
        ("chat-server --data /tmp admin se", "sessions"),
        ("chat-server --name admin ba", "backup"),
        ("chat-server --registration in", "invite"),
        ("chat-server --registration=in", "invite"),
        ("chat-server --tls-key=", r"old\ chat.json"),
        ("chat-server check --trust", "--trust-proxy"),
        ("chat-server import o", r"old\ chat.json"),
        ("chat-server --tls-key o", r"old\ chat.json"),
        ("chat-tui --new", "--new-token"),
        ("chat-tui --out o", r"old\ chat.json"),
    ],
)
def test_tab_completes_in_bash(bash: "pexpect.spawn[str]", typed: str, completed: str) -> None:
    start = typed.removesuffix(typed.rpartition(" ")[2].rpartition("=")[2])

    bash.send(f"{typed}\t")
    bash.expect_exact(f"{start}{completed} ")
    # Not by Ctrl+C: right behind a completion, bash heeds that only with the next key.
    bash.send(f"{_DISCARD_LINE}\r")
    bash.expect_exact(f"\n{_PROMPT}")
