"""A server of your own, with a stand-in for the program and with the real one."""

import os
import select
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from chat_tui.model.address import Address
from chat_tui.net import local_server
from chat_tui.net.local_server import CannotStart, LocalServer

_READY = "print('listening on tcp://127.0.0.1:7001', flush=True)"


def program(code: str) -> list[str]:
    return [sys.executable, "-c", f"import sys; {code}"]


def test_the_ready_line_says_where_it_listens(tmp_path: Path) -> None:
    with LocalServer(tmp_path, program(f"{_READY}; sys.stdin.read()")) as server:
        assert server.wait_ready() == Address("127.0.0.1", 7001, plain=True)


def test_it_is_told_where_to_listen_and_to_end_with_the_client(tmp_path: Path) -> None:
    code = "print(sys.argv[1:], file=sys.stderr)"
    with LocalServer(tmp_path, program(code)) as server, pytest.raises(CannotStart) as refusal:
        server.wait_ready()

    for argument in (f"unix://{tmp_path}/chat.sock", str(tmp_path), "--until-eof"):
        assert argument in str(refusal.value)


def test_where_the_path_is_too_long_for_a_socket_it_listens_on_the_loopback(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 100)
    code = "print(sys.argv[1:], file=sys.stderr)"
    with LocalServer(deep, program(code)) as server, pytest.raises(CannotStart) as refusal:
        server.wait_ready()

    assert "'tcp://127.0.0.1:0'" in str(refusal.value)


def test_its_last_words_are_the_reason(tmp_path: Path) -> None:
    code = "print('noise', file=sys.stderr); sys.exit('The folder is in use.')"
    with (
        LocalServer(tmp_path, program(code)) as server,
        pytest.raises(CannotStart, match=r"^The folder is in use\.$"),
    ):
        server.wait_ready()


def test_a_server_that_ends_without_a_word_is_shown_in_a_sentence(tmp_path: Path) -> None:
    with (
        LocalServer(tmp_path, program("pass")) as server,
        pytest.raises(CannotStart, match="server stopped while starting"),
    ):
        server.wait_ready()


def test_a_server_that_never_gets_ready_is_given_up(tmp_path: Path) -> None:
    with (
        LocalServer(tmp_path, program("sys.stdin.read()")) as server,
        pytest.raises(CannotStart, match="did not start within"),
    ):
        server.wait_ready(within=0.05)


def test_a_program_that_is_not_there_is_shown_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="can't be run"):
        LocalServer(tmp_path, [str(tmp_path / "nothing")])


def test_a_server_that_does_not_listen_to_the_end_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_server, "_END_WITHIN", 0.05)
    server = LocalServer(tmp_path, program(f"{_READY}; import time; time.sleep(60)"))
    server.wait_ready()

    server.close()

    assert server.pid not in _children()


def test_the_data_folder_is_its_owners_only(tmp_path: Path) -> None:
    with LocalServer(tmp_path / "data", program(f"{_READY}; sys.stdin.read()")) as server:
        server.wait_ready()

    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
    assert local_server.local_data_path().name == "local"


def test_the_real_server_starts_and_ends_with_us(tmp_path: Path) -> None:
    with LocalServer(tmp_path) as server:
        address = server.wait_ready()
        assert address == Address(path=str(tmp_path / "chat.sock"))
        assert server.pid in _children()

    assert server.pid not in _children()
    assert "shutting down" in server.log.read_text()


def test_a_server_that_has_ended_is_started_again_where_it_was(tmp_path: Path) -> None:
    with LocalServer(tmp_path) as server:
        address = server.wait_ready()
        first = server.pid
        os.kill(first, signal.SIGKILL)
        server._process.wait()

        server.wake(address)

        assert server.pid != first
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(address.path)
            assert b"hello" in line.recv(200)


def test_on_the_loopback_it_is_started_again_at_the_same_port(tmp_path: Path) -> None:
    code = f"print(sys.argv[2], file=sys.stderr, flush=True); {_READY}; sys.stdin.read()"
    with LocalServer(tmp_path / ("x" * 100), program(code)) as server:
        address = server.wait_ready()
        os.kill(server.pid, signal.SIGKILL)
        server._process.wait()

        server.wake(address)

        assert server.log.read_text().split() == ["tcp://127.0.0.1:0", "tcp://127.0.0.1:7001"]


def test_nothing_is_started_while_the_server_runs_or_another_one_is_wanted(tmp_path: Path) -> None:
    with LocalServer(tmp_path, program(f"{_READY}; sys.stdin.read()")) as server:
        address = server.wait_ready()
        pid = server.pid
        server.wake(address)
        assert server.pid == pid

        os.kill(pid, signal.SIGKILL)
        server._process.wait()
        server.wake(Address("chat.example.org"))
        assert server.pid == pid


def test_a_server_that_does_not_start_again_says_why_and_where_its_log_is(tmp_path: Path) -> None:
    once = tmp_path / "once"
    code = f"""
from pathlib import Path
if Path({str(once)!r}).exists(): sys.exit("The disk is gone.")
Path({str(once)!r}).touch()
{_READY}
"""
    with LocalServer(tmp_path, [sys.executable, "-c", f"import sys{code}"]) as server:
        address = server.wait_ready()
        server._process.wait()

        with pytest.raises(CannotStart):
            server.wake(address)
        with pytest.raises(CannotStart) as refusal:
            server.wake(address)

    assert str(refusal.value) == (
        "Your local server stopped and couldn't be restarted: The disk is gone. "
        f"See its log: {tmp_path}/server.log"
    )
    assert server.log.read_text().splitlines() == ["The disk is gone."] * 2


def test_the_log_of_a_server_that_runs_is_not_emptied_by_a_second_start(tmp_path: Path) -> None:
    with LocalServer(tmp_path, program(f"print('mine', file=sys.stderr); {_READY}")) as server:
        server.wait_ready()
        with LocalServer(tmp_path, program("sys.exit(3)")):
            assert server.log.read_text() == "mine\n"


def test_a_log_of_many_runs_is_begun_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_server, "_LOG_KEPT", 10)
    (tmp_path / "server.log").write_text("x" * 10)

    with LocalServer(tmp_path, program(_READY)) as server:
        assert server.log.read_text() == ""


def test_the_real_server_ends_when_the_client_is_killed(tmp_path: Path) -> None:
    code = f"""
import time
from pathlib import Path
from chat_tui.net.local_server import LocalServer
server = LocalServer(Path({str(tmp_path)!r}))
print(server.wait_ready(), server.pid, flush=True)
time.sleep(60)
"""
    client = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert client.stdout is not None
    pid = int(client.stdout.readline().split()[1])
    server = os.pidfd_open(pid)

    client.send_signal(signal.SIGKILL)
    client.wait()
    client.stdout.close()

    # The descriptor of a process becomes readable when it ends.
    assert select.select([server], [], [], 10)[0]
    os.close(server)


def _children() -> set[int]:
    task = Path(f"/proc/self/task/{os.getpid()}/children")
    return {int(pid) for pid in task.read_text().split()}


def test_a_folder_that_cannot_be_created_gets_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(CannotStart, match=r"Can't create .*file/local: Not a directory\."):
        LocalServer(tmp_path / "file" / "local")


def test_a_fifo_in_place_of_the_log_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "server.log")

    with pytest.raises(CannotStart, match="isn't a regular file"):
        LocalServer(tmp_path)


def test_a_log_that_cannot_be_written_gets_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "server.log").symlink_to(tmp_path / "none" / "server.log")

    with pytest.raises(CannotStart, match="Can't write"):
        LocalServer(tmp_path)
