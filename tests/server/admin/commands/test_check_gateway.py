"""`chat-server check` looks at the host key and connects to the gateway."""

import socket
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from pathlib import Path

import asyncssh
import pytest

from chat_server.admin.commands.check_gateway import check_gateway
from chat_server.admin.commands.findings import Finding, Verdict
from chat_server.config import Config
from chat_tui.gateway.cli import _host_key


def findings(folder: Path, port: int = 0) -> list[Finding]:
    return list(check_gateway(Config(data=folder, listen=(f"ssh://127.0.0.1:{port}",))))


def greeting(sent: bytes) -> AbstractContextManager[socket.socket]:
    """Return a listening socket that greets its first connection so."""
    listening = socket.create_server(("127.0.0.1", 0))

    def greet() -> None:
        with listening.accept()[0] as connection:
            connection.sendall(sent)

    threading.Thread(target=greet, daemon=True).start()
    return closing(listening)


def test_without_addresses_for_a_gateway_there_is_nothing_to_check(tmp_path: Path) -> None:
    assert list(check_gateway(Config(data=tmp_path))) == []


def test_the_key_that_the_gateway_creates_is_in_order(tmp_path: Path) -> None:
    assert findings(tmp_path)[0].verdict is Verdict.WARN
    key = _host_key(tmp_path / "ssh_host.key")

    (finding,) = findings(tmp_path)

    assert finding.verdict is Verdict.OK
    assert finding.sentence.endswith(key.get_fingerprint())


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_text("no key"),
        lambda path: path.mkdir(),
        lambda path: path.write_bytes(
            asyncssh.generate_private_key("ssh-rsa", key_size=1024).export_private_key()
        ),
    ],
)
def test_another_key_fails(tmp_path: Path, spoil: Callable[[Path], object]) -> None:
    spoil(tmp_path / "ssh_host.key")

    assert [finding.verdict for finding in findings(tmp_path)] == [Verdict.FAIL]


@pytest.mark.parametrize(
    ("sent", "verdict"),
    [
        (b"SSH-2.0-Trialogue\r\n", Verdict.OK),
        (b"HTTP/1.1 400\r\n", Verdict.FAIL),
        (b"", Verdict.FAIL),
    ],
)
def test_an_answer_as_of_ssh_is_expected(tmp_path: Path, sent: bytes, verdict: Verdict) -> None:
    with greeting(sent) as listening:
        assert findings(tmp_path, listening.getsockname()[1])[1].verdict is verdict


def test_no_answer_fails_while_the_server_runs(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    assert findings(tmp_path, port)[1].verdict is Verdict.OK
    with socket.socket(socket.AF_UNIX) as admin:
        admin.bind(str(tmp_path / "admin.sock"))
        admin.listen()

        assert findings(tmp_path, port)[1].verdict is Verdict.FAIL
