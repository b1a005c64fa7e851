"""Arguments: which source overrides which, and one sentence for each invalid one."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest
import structlog

from chat_server import cli

# Runs the command; returns its exit code and what it wrote to stderr.
Command: TypeAlias = Callable[..., tuple[int, str]]


@pytest.fixture
def command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Command]:
    for name in os.environ:
        if name.startswith("CHAT_"):
            monkeypatch.delenv(name)
    config = cli._app.config  # --config changes this for the whole process

    def run(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["chat-server", *arguments])
        cli._app.config = config
        with pytest.raises(SystemExit) as caught:
            cli.main()
        captured = capsys.readouterr()
        assert captured.out == ""
        return int(caught.value.code or 0), captured.err

    yield run
    cli._app.config = config
    structlog.reset_defaults()


@pytest.fixture
def toml(tmp_path: Path) -> Callable[[str], str]:
    def write(text: str) -> str:
        path = tmp_path / "chat.toml"
        path.write_text(text)
        return str(path)

    return write


# --- precedence


def test_flags_override_the_environment_then_the_file_then_the_defaults(
    command: Command,
    toml: Callable[[str], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """None of these folders can be created, so the error shows which one was used."""
    (tmp_path / "file").touch()

    def unusable(name: str) -> str:
        return f"{tmp_path}/file/{name}"

    def sentence(folder: str) -> tuple[int, str]:
        why = f"Cannot use the data folder {folder}: Not a directory."
        return 1, f"chat-server: {why}\n"

    here = ("--listen", "tcp://127.0.0.1:0")
    monkeypatch.setenv("XDG_DATA_HOME", unusable("home"))
    assert command(*here) == sentence(unusable("home/trialogue/server"))
    config = ("--config", toml(f'data = "{unusable("toml")}"\n'))
    assert command(*here, *config) == sentence(unusable("toml"))
    monkeypatch.setenv("CHAT_DATA", unusable("environment"))
    assert command(*here, *config) == sentence(unusable("environment"))
    assert command(*here, *config, "--data", unusable("flag")) == sentence(unusable("flag"))


def test_the_config_file_may_be_set_in_the_environment(
    command: Command, toml: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAT_CONFIG", toml("grace = -1\n"))
    code, sentence = command()

    assert code == 2
    assert "chat.toml" in sentence


# --- invalid arguments


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["--limits.posts", "0"],
            'Invalid value "0" for --limits.posts. Use a whole number of at least 1.',
        ),
        (
            ["--grace", "-1"],
            'Invalid value "-1.0" for --grace. Use a number of seconds, 0 or more.',
        ),
        (
            ["--limits.posts-per-second", "0"],
            'Invalid value "0.0" for --limits.posts-per-second. Use a number above 0.',
        ),
        (
            ["--limits.rooms-per-account", "101"],
            (
                'Invalid value "101" for --limits.rooms-per-account. '
                "Use a whole number from 1 to 100."
            ),
        ),
        (
            ["--limits.posts", "many"],
            'Invalid value "many" for --limits.posts. Use a whole number of at least 1.',
        ),
        (
            ["admin", "invite", "--days", "many"],
            'Invalid value "many" for --days. Use a whole number.',
        ),
        (
            ["--nodes", "chat2.example.org"],
            (
                'Invalid value "chat2.example.org" for --nodes. '
                "Use HOST:PORT, such as chat2.example.org:7667."
            ),
        ),
        ([f"--nodes=chat{n}:7667" for n in range(6)], "--nodes can be given at most 5 times."),
        (["--insecure=maybe"], 'Invalid value "maybe" for --insecure. Use true or false.'),
        (["--listen"], "--listen needs a value. Run chat-server with --help."),
        (["--config"], "--config needs a value. Run chat-server with --help."),
        (["check", "--data"], "--data needs a value. Run check with --help."),
        (["admin", "accounts", "lock"], "admin accounts lock needs ACCOUNT. Run it with --help."),
        (["--insecur"], "Unknown option: --insecur."),
    ],
)
def test_an_invalid_flag_is_named(command: Command, arguments: list[str], sentence: str) -> None:
    assert command(*arguments) == (2, f"chat-server: {sentence}\n")


@pytest.mark.parametrize(
    "name", ["", " ", "x" * 81, "x" * 70_000, "a\x1b[2Jb", "a\nb", "a\u202eb", "\udcff"]
)
def test_a_server_name_that_cannot_be_shown_is_refused(command: Command, name: str) -> None:
    code, sentence = command("--name", name)

    assert code == 2
    assert " for --name. Use 1 to 80 characters, none of them control characters." in sentence
    assert len(sentence) < 1_000


def test_a_server_may_have_any_name_that_fits_a_line(command: Command) -> None:
    name = "Küchentisch 🍲 " + "x" * 66
    code, sentence = command("--name", name, "--grace", "-1")

    advice = "Use a number of seconds, 0 or more."
    assert (code, sentence) == (
        2,
        f'chat-server: Invalid value "-1.0" for --grace. {advice}\n',
    )


@pytest.mark.parametrize(
    ("arguments", "beginning"),
    [
        (["--nonsense", "1"], "Unknown option: --nonsense."),
        (["--registration", "maybe"], 'Invalid value "maybe" for --registration. Choose from: '),
        (
            ["--listen", "tcp://127.0.0.1:99999"],
            'Invalid value "tcp://127.0.0.1:99999" for --listen. ',
        ),
    ],
)
def test_an_unknown_flag_or_choice_gets_a_suggestion(
    command: Command, arguments: list[str], beginning: str
) -> None:
    code, sentence = command(*arguments)

    assert code == 2
    assert sentence.startswith(f"chat-server: {beginning}")
    assert sentence.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("CHAT_GRACE", "x", 'Invalid value "x" for CHAT_GRACE provided by env.'),
        ("CHAT_LIMITS_POSTS", "0", 'Invalid value "0" for CHAT_LIMITS_POSTS provided by env.'),
        ("CHAT_LISTEN", "nonsense", 'Invalid value "nonsense" for CHAT_LISTEN provided by env.'),
    ],
)
def test_an_invalid_environment_variable_is_named(
    command: Command, monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(name, value)
    code, message = command()

    assert code == 2
    assert message.startswith(f"chat-server: {sentence}")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("nonsense = 1\n", 'Unknown option: "[nonsense]" from '),
        ("[limits]\nnonsense = 1\n", 'Unknown option: "[limits][nonsense]" from '),
        ("[limits]\nposts = 0\n", 'Invalid value "0" for [limits][posts] provided by '),
        ('listen = ["nonsense"]\n', 'Invalid value "nonsense" for [listen] provided by '),
    ],
)
def test_an_invalid_key_is_named_with_its_file(
    command: Command, toml: Callable[[str], str], text: str, sentence: str
) -> None:
    path = toml(text)
    code, message = command("--config", path)

    assert code == 2
    assert message.startswith(f"chat-server: {sentence}{path}.")


def test_a_missing_or_invalid_config_file_is_named(
    command: Command, toml: Callable[[str], str], tmp_path: Path
) -> None:
    assert command("--config", "/nowhere/x") == (
        2,
        "chat-server: Cannot read the config file /nowhere/x: No such file or directory.\n",
    )
    path = toml("x = [\n")
    code, message = command("--config", path)
    assert code == 2
    assert message.startswith(f"chat-server: The config file {path} is not valid TOML: ")
    (tmp_path / "chat.toml").write_bytes(b'name = "\xff"\n')
    code, message = command("--config", path)
    assert code == 2
    assert message.startswith(f"chat-server: The config file {path} is not valid TOML: ")


# --- help and version


@pytest.mark.parametrize("flag", ["--help", "--version"])
def test_help_and_version_are_printed_without_starting_a_server(
    flag: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["chat-server", flag])
    cli.main()

    captured = capsys.readouterr()
    assert captured.out.strip()
    assert captured.err == ""


@pytest.mark.parametrize("command", ["", "check", "backup", "admin", "admin rooms list"])
def test_no_help_shows_an_empty_default(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    cli.run_command([*command.split(), "--help"])

    shown = capsys.readouterr().out
    assert "--" in shown
    assert "default: ()" not in shown


def test_a_server_that_fails_ends_with_a_sentence_and_a_code_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def fail(*_: object) -> None:
        raise MemoryError("the secret number 7")

    monkeypatch.setattr("chat_server.run.serving.run_server", fail)
    monkeypatch.setattr("sys.argv", ["chat-server", "--data", str(tmp_path)])
    with pytest.raises(SystemExit) as ended:
        cli.main()

    assert ended.value.code == 4
    assert capsys.readouterr().err.endswith("chat-server: The server failed. Start it again.\n")
