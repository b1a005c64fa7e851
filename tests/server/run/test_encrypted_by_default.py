"""A server with default settings encrypts everything that crosses a network."""

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trio

from chat_server.addresses import TcpAddress, UnixAddress
from chat_server.config import Config
from chat_server.errors import SettingsError
from chat_server.run.gateway import web_url
from chat_shared.links import parse_link
from support.peer import greeted
from support.tls import encrypted, shown

_COMMAND = [sys.executable, "-m", "chat_server.cli"]


def test_the_default_is_tls_on_every_network_and_a_socket_in_the_data_folder() -> None:
    config = Config(data=Path("/srv/chat"))

    assert config.addresses == [
        TcpAddress("::", 7667, "tls"),
        UnixAddress(Path("/srv/chat/chat.sock")),
    ]


def test_a_relative_data_folder_gets_an_absolute_socket_path() -> None:
    [_, address] = Config(data=Path("here")).addresses

    assert address == UnixAddress(Path("here").absolute() / "chat.sock")


@pytest.mark.parametrize(
    "address", ["tcp://0.0.0.0:7667", "tcp://[::]:7667", "tcp://192.0.2.1:1", "tcp://example.org:1"]
)
def test_unencrypted_listening_on_a_network_needs_insecure(address: str) -> None:
    encrypted_address = address.replace("tcp", "tls")
    with pytest.raises(SettingsError, match=re.escape(f"Use {encrypted_address}, or allow")):
        Config(listen=("unix:///a", address))

    assert str(Config(listen=(address,), insecure=True).addresses[0]) == address


@pytest.mark.parametrize(
    "address", ["tcp://127.0.0.1:1", "tcp://127.8.9.1:1", "tcp://[::1]:1", "tcp://localhost:1"]
)
def test_unencrypted_listening_on_this_machine_is_allowed(address: str) -> None:
    assert str(Config(listen=(address,)).addresses[0]) == address


WEB_URL = "https://chat.example.org/"


def test_pages_go_unencrypted_to_a_web_server_on_this_machine_only() -> None:
    with pytest.raises(SettingsError, match=r"Use https://0\.0\.0\.0:1, or allow"):
        Config(listen=("http://0.0.0.0:1",), web_url=WEB_URL)

    listen = ("http://127.0.0.1:1", "http://unix:/run/web.sock", "https://[::]:7680")
    config = Config(listen=listen, web_url=WEB_URL)
    assert tuple(map(str, config.gateway_addresses)) == listen
    assert [address.scheme for address in config.addresses] == ["tls", "unix"]


@pytest.mark.parametrize("address", ["http://127.0.0.1:1", "http://unix:/run/web.sock"])
def test_behind_a_web_server_the_address_that_people_open_is_needed(address: str) -> None:
    with pytest.raises(SettingsError, match="needs --web-url"):
        Config(listen=(address,))


@pytest.mark.parametrize("url", ["https://example.org/chat", "https://example.org/chat/"])
def test_the_links_of_pages_in_a_folder_begin_in_it(url: str) -> None:
    config = Config(listen=("http://127.0.0.1:1",), web_url=url)

    assert web_url(config, [], "localhost") == "https://example.org/chat/"


@pytest.mark.parametrize(
    "url",
    ["", "chat.example.org", "http://chat.example.org/", "https://", "https://a b/",
     "https://ada@chat.example.org/", "https://chat.example.org/#x", "https://chat.example.org:x/"],
)  # fmt: skip
def test_the_address_that_people_open_is_one_of_https(url: str, tmp_path: Path) -> None:
    code, message = _refusal("--data", str(tmp_path), "--web-url", url)

    assert code == 2
    assert "Use https://HOST/" in message


def test_an_address_that_is_taken_is_named_as_it_was_given(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"https://127.0.0.1:{taken.getsockname()[1]}"
        code, message = _refusal("--data", str(tmp_path), "--listen", address)

    assert code == 1
    assert f"Cannot listen on {address}: Address already in use." in message


@pytest.mark.parametrize("half", [{"tls_cert": Path("/a")}, {"tls_key": Path("/a")}])
def test_a_certificate_and_its_key_go_together(half: dict[str, Path]) -> None:
    with pytest.raises(SettingsError, match="go together"):
        Config(**half)  # type: ignore[arg-type]


def _refusal(*arguments: str) -> tuple[int, str]:
    """Return the exit code and the message with which the command refuses to start."""
    done = subprocess.run([*_COMMAND, *arguments], capture_output=True, text=True, timeout=30)
    assert not done.stdout
    return done.returncode, done.stderr


def test_invalid_settings_print_one_sentence_and_no_traceback(tmp_path: Path) -> None:
    code, message = _refusal("--data", str(tmp_path), "--listen", "tcp://0.0.0.0:0")
    assert (code, message.count("\n")) == (2, 1)
    assert message.startswith(
        "chat-server: tcp://0.0.0.0:0 is not encrypted: others on the network could"
    )

    code, message = _refusal("--data", str(tmp_path), "--host", "two message")
    assert code == 2
    assert message == (
        'chat-server: Invalid value "two message" for --host. '
        "Use a host name or an address, such as chat.example.org.\n"
    )

    lost = str(tmp_path / "lost")
    code, message = _refusal("--data", str(tmp_path), "--tls-cert", lost, "--tls-key", lost)
    assert code == 1
    assert message.endswith(f"chat-server: Cannot read {lost}: No such file or directory.\n")


@contextmanager
def _server(*arguments: str) -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen(
        [*_COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)


async def test_the_first_start_shows_its_addresses_and_the_join_link(tmp_path: Path) -> None:
    folder = str(tmp_path / "data")
    socket = tmp_path / "a.sock"
    listen = ["--listen", "tls://127.0.0.1:0", "--listen", f"unix://{socket}"]
    with _server("--data", folder, *listen, "--host", "localhost") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        addresses = [process.stdout.readline().strip() for _ in range(2)]
        message = ""
        while "join link" not in message:
            message += process.stderr.readline()
        [link] = [parse_link(text) for text in re.findall(r"chat://[^\s']+", message)]

        assert addresses == [
            f"listening on tls://127.0.0.1:{link.port}",
            f"listening on unix://{socket}",
        ]
        assert message.count(link.fingerprint) == 2  # once when created, once in the link
        async with await trio.open_tcp_stream(link.host, link.port) as stream:
            over = await encrypted(stream)
            assert shown(over) == link.fingerprint
            ada = await greeted(over)
            await ada.register("ada")
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        assert process.stdout.read() == ""
