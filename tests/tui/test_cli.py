import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from chat_tui import cli
from chat_tui.arguments import as_utf8
from chat_tui.model.address import Address, Invitation
from chat_tui.storage.settings import Settings, save, settings_path


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A separate home folder, so that no test touches real settings."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests run without a terminal; skip the check."""
    monkeypatch.setattr(cli, "_check_terminal", lambda: None)


@pytest.fixture
def started(
    monkeypatch: pytest.MonkeyPatch, terminal: None
) -> list[tuple[Settings, Invitation | None]]:
    """The arguments that the client would have been started with."""
    calls: list[tuple[Settings, Invitation | None]] = []
    monkeypatch.setattr(
        cli, "_run", lambda settings, where, *_, **__: calls.append((settings, where))
    )
    return calls


def run(*arguments: str) -> int:
    try:
        cli.main(arguments)
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def test_without_arguments_the_settings_decide(
    started: list[tuple[Settings, Invitation | None]],
) -> None:
    save(Settings("example.org", "ada"), settings_path())

    assert run() == 0

    assert started == [(Settings("example.org", "ada"), None)]


def test_server_and_name_can_be_given(started: list[tuple[Settings, Invitation | None]]) -> None:
    assert run("example.org:1", "--name", "grace") == 0

    assert started == [(Settings(name="grace"), Invitation(Address("example.org", 1)))]


def test_a_link_is_accepted_as_well(started: list[tuple[Settings, Invitation | None]]) -> None:
    assert run("chat://example.org:1/kitchen#k7qm") == 0

    assert started[0][1] == Invitation(Address("example.org", 1), "kitchen", "k7qm")


def test_local_starts_a_server_and_connects_to_it(
    started: list[tuple[Settings, Invitation | None]], home: Path
) -> None:
    assert run("--local") == 0

    where = started[0][1]
    assert where is not None
    assert where.local
    assert where.address.path or where.address.plain
    assert (home / "data" / "trialogue" / "local").is_dir()


@pytest.mark.parametrize(
    "arguments",
    [
        ("host:99999",),
        ("not a server",),
        ("chat://",),
        ("--local", "example.org"),
        ("--nonsense",),
        ("--\x1b[2J",),
        ("one", "two"),
        ("--name",),
        ("--plain", "--new-token"),
        ("--send", "kitchen", "--plain"),
        ("--out", "token"),
        ("--plain", "--out", "token"),
        ("example.org", "--file", "report.pdf"),
        ("example.org", "--plain", "--file", "report.pdf"),
        ("example.org", "--send", "kitchen", "--caption", "Here"),
        ("--new-token", "--local", "--out", "token"),
        ("--kiosk",),
        ("--kiosk", "--local"),
        ("--kiosk", "example.org", "--send", "kitchen"),
        ("--kiosk", "example.org", "--new-token"),
    ],
)
def test_a_wrong_argument_gets_a_sentence_and_exit_code_2(
    arguments: tuple[str, ...],
    started: list[tuple[Settings, Invitation | None]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(*arguments) == 2

    output = capsys.readouterr()
    assert output.err.strip()
    assert "\x1b" not in output.err
    assert "Traceback" not in output.err + output.out
    assert started == []


def test_unusable_settings_get_a_sentence(
    started: list[tuple[Settings, Invitation | None]], capsys: pytest.CaptureFixture[str]
) -> None:
    settings_path().parent.mkdir(parents=True)
    settings_path().write_text("{")

    assert run() == 2

    assert str(settings_path()) in capsys.readouterr().err


def test_a_local_server_that_does_not_start_gets_a_sentence_and_exit_code_1(
    terminal: None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "chat_tui.net.local_server._program", lambda: [sys.executable, "-c", "exit('No.')"]
    )

    assert run("--local") == 1

    assert capsys.readouterr().err == "chat-tui: No.\n"


@pytest.mark.usefixtures("heeded_signals")
def test_ctrl_c_before_the_screen_is_drawn_ends_without_a_traceback(
    terminal: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "_run", lambda *_, **__: signal.raise_signal(signal.SIGINT))

    assert run() == 130


@pytest.mark.parametrize("redirected", [0, 1, 2])
def test_without_a_terminal_it_ends_with_a_sentence_and_starts_nothing(
    home: Path, redirected: int
) -> None:
    ours, theirs = pty.openpty()
    streams = [theirs, theirs, theirs]
    with (home / "file").open("w+b") as file:
        streams[redirected] = file.fileno()
        stdin, stdout, stderr = streams
        command = [str(Path(sys.executable).with_name("chat-tui")), "--local"]
        code = subprocess.call(command, stdin=stdin, stdout=stdout, stderr=stderr)
    os.close(theirs)
    output = (home / "file").read_bytes() if redirected == 2 else os.read(ours, 1000)
    os.close(ours)

    assert code == 2
    sentence = "chat-tui: The full screen needs a terminal. In a pipe, use --plain."
    assert output.decode().splitlines() == [sentence]
    assert not (home / "data").exists()


def test_without_any_input_it_ends_with_a_sentence() -> None:
    command = Path(sys.executable).with_name("chat-tui")

    done = subprocess.run(f"{command} <&-", shell=True, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert "The full screen needs a terminal" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "output"),
    [
        ("--send kitchen tcp://127.0.0.1:1 <&-", "Nothing to send"),
        ("--plain --name ada tcp://127.0.0.1:1 <&- >&-", "refuses connections on port 1"),
        ("--new-token --name ada tcp://127.0.0.1:1 >&-", "standard output, which is closed"),
    ],
)
def test_a_script_may_close_streams_that_it_does_not_use(
    arguments: str, output: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAT_TOKEN", "token")
    command = f"{Path(sys.executable).with_name('chat-tui')} {arguments}"

    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)

    assert done.returncode > 0
    assert done.stderr.startswith("chat-tui: ")
    assert output in done.stderr


@pytest.mark.parametrize(
    ("flag", "text"), [("--version", "chat-tui 0"), ("--help", "chat:// link")]
)
def test_the_installed_command_shows_its_version_and_help(flag: str, text: str) -> None:
    command = Path(sys.executable).with_name("chat-tui")

    done = subprocess.run([command, flag], capture_output=True, text=True, check=True)

    assert text in done.stdout


def test_arguments_are_utf_8_in_every_locale() -> None:
    in_an_ascii_locale = "k\u00fcche".encode().decode("ascii", "surrogateescape")

    assert as_utf8(["--send", in_an_ascii_locale]) == ["--send", "k\u00fcche"]


def test_without_a_home_folder_there_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def homeless(app: str) -> Path:
        raise RuntimeError(app)

    monkeypatch.setattr("chat_tui.storage.settings.user_config_path", homeless)

    with pytest.raises(SystemExit) as end:
        cli.main(["--plain", "test.example"])

    assert end.value.code == 1
    assert capsys.readouterr().err == (
        "chat-tui: Your home folder isn't known. Set HOME to its absolute path.\n"
    )
