"""A second `--local` uses the server of the first, and its own once that one has ended."""

import socket
import sys
from pathlib import Path
from threading import Thread

import pytest

from chat_tui.model.address import Address
from chat_tui.net import local_server
from chat_tui.net.local_server import CannotStart, LocalServer

_HELD = [sys.executable, "-c", "import sys; sys.exit(3)"]


def _greeting(address: Address) -> bytes:
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(address.path)
        return line.recv(200)


def test_a_second_client_uses_the_server_of_the_first(tmp_path: Path) -> None:
    with LocalServer(tmp_path) as first, LocalServer(tmp_path) as second:
        address = first.wait_ready()
        assert second.wait_ready() == address
        assert b"hello" in _greeting(address)


def test_a_second_client_starts_its_own_once_the_first_has_ended(tmp_path: Path) -> None:
    with LocalServer(tmp_path) as first:
        address = first.wait_ready()
        second = LocalServer(tmp_path)
        second.wait_ready()
        second.wake(address)
        assert second._process.poll() is not None  # nothing was started
    with second:
        second.wake(address)
        assert b"hello" in _greeting(address)


def test_the_first_client_uses_a_server_that_the_second_has_started(tmp_path: Path) -> None:
    with LocalServer(tmp_path) as first:
        address = first.wait_ready()
        second = LocalServer(tmp_path)
        second.wait_ready()
        first._process.kill()
        first._process.wait()
        with second:
            second.wake(address)
            first.wake(address)

            assert first._process.poll() is not None
            assert b"hello" in _greeting(address)


def test_a_server_that_another_client_is_starting_is_waited_for(tmp_path: Path) -> None:
    second = LocalServer(tmp_path, _HELD)
    found: list[Address] = []
    waiting = Thread(target=lambda: found.append(second.wait_ready()))
    waiting.start()
    with LocalServer(tmp_path) as first:
        address = first.wait_ready()
        waiting.join()

    assert found == [address]


def test_on_the_loopback_the_port_is_found_and_used_again(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 100)
    with LocalServer(deep) as first:
        address = first.wait_ready()
        assert address.host == "127.0.0.1"
        second = LocalServer(deep)
        assert second.wait_ready() == address
    with second:
        second.wake(address)
        socket.create_connection((address.host, address.port)).close()


@pytest.mark.parametrize(
    ("folder", "content"), [("", ""), ("x", "tcp://127.0.0.1:1"), ("x", "\xff")]
)
def test_a_folder_whose_server_never_answers_is_a_sentence(
    tmp_path: Path, folder: str, content: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_server, "_LOOK_FOR", 0.01)
    deep = tmp_path / (folder * 100)
    deep.mkdir(parents=True, exist_ok=True)
    (deep / "local-address").write_bytes(content.encode("latin-1"))
    with (
        LocalServer(deep, _HELD) as server,
        pytest.raises(CannotStart, match=r"Another server uses .* End it first\."),
    ):
        server.wait_ready(within=1)
