import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chat_tui.storage.tokens import StoredToken, Tokens, system_keyring
from support.tui_keyring import Ring


def test_a_stored_session_is_found_by_the_next_run(tmp_path: Path) -> None:
    path = tmp_path / "sessions.json"

    assert Tokens(path).keep("host:1", "Ada", "t0ken", "authority") == ""

    assert Tokens(path).find("host:1", "ada") == StoredToken("Ada", "t0ken", "authority")
    assert Tokens(path).find("host:1", "") == StoredToken("Ada", "t0ken", "authority")
    assert Tokens(path).find("host:1", "grace") is None
    assert Tokens(path).find("host:2", "ada") is None


def test_without_a_file_sessions_last_as_long_as_the_program() -> None:
    tokens = Tokens()

    assert tokens.keep("host:1", "ada", "t0ken") == ""
    assert tokens.keep("host:2", "ada", "other") == ""
    tokens.forget("host:2")

    assert tokens.find("host:1", "ada") == StoredToken("ada", "t0ken")
    assert tokens.find("host:2", "ada") is None
    assert Tokens().find("host:1", "ada") is None


def test_only_the_owner_can_read_the_file(tmp_path: Path) -> None:
    path = tmp_path / "sessions.json"
    Tokens(path).keep("host:1", "ada", "t0ken")

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_forgetting_a_session_keeps_the_others(tmp_path: Path) -> None:
    tokens = Tokens(tmp_path / "sessions.json")
    tokens.keep("host:1", "ada", "t0ken")
    tokens.keep("host:2", "ada", "other")

    tokens.forget("host:1")
    tokens.forget("host:1")

    assert "t0ken" not in (tmp_path / "sessions.json").read_text()
    assert tokens.find("host:2", "ada") == StoredToken("ada", "other")


def test_a_working_keyring_has_the_token_and_the_file_does_not(tmp_path: Path) -> None:
    path, ring = tmp_path / "sessions.json", Ring()

    assert Tokens(path, ring).keep("host:1", "ada", "t0ken") == ""

    assert "t0ken" not in path.read_text()
    assert Tokens(path, ring).find("host:1", "ada") == StoredToken("ada", "t0ken")
    Tokens(path, ring).forget("host:1")
    assert ring.held == {}


def test_a_keyring_has_the_token_of_each_server_and_offers_no_other(tmp_path: Path) -> None:
    path, ring = tmp_path / "sessions.json", Ring()
    tokens = Tokens(path, ring)
    for server in ("host:1", "host:2"):
        tokens.keep(server, "ada", f"of-{server}")

    for server in ("host:1", "host:2"):
        assert tokens.find(server, "ada") == StoredToken("ada", f"of-{server}")
    tokens.forget("host:1")
    assert tokens.find("host:1", "ada") is None
    assert tokens.find("host:2", "ada") == StoredToken("ada", "of-host:2")


def test_of_one_server_the_keyring_has_one_token(tmp_path: Path) -> None:
    path, ring = tmp_path / "sessions.json", Ring()
    tokens = Tokens(path, ring)

    tokens.keep("host:1", "ada", "t0ken")
    tokens.keep("host:1", "grace", "other")

    assert tokens.find("host:1", "") == StoredToken("grace", "other")
    assert list(ring.held.values()) == ["other"]


def test_the_systems_keyring_is_used_where_its_extra_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert system_keyring() is None

    monkeypatch.delitem(sys.modules, "keyring")
    (tmp_path / "keyring.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    assert system_keyring() is sys.modules["keyring"]


@pytest.mark.parametrize("state", ["locked", "forgets"])
def test_a_broken_keyring_is_reported_and_the_file_is_used(tmp_path: Path, state: str) -> None:
    path, ring = tmp_path / "sessions.json", Ring(state)

    sentence = Tokens(path, ring).keep("host:1", "ada", "t0ken")

    assert (
        sentence == f"The system keyring isn't available. Your log-in is stored in {path} instead."
    )
    assert Tokens(path, ring).find("host:1", "ada") == StoredToken("ada", "t0ken")
    Tokens(path, ring).forget("host:1")
    assert Tokens(path, ring).find("host:1", "ada") is None


@pytest.mark.parametrize("ring", [None, Ring("locked"), Ring()])
def test_a_token_lost_by_the_keyring_is_not_found(tmp_path: Path, ring: Ring | None) -> None:
    path = tmp_path / "sessions.json"
    Tokens(path, Ring()).keep("host:1", "ada", "t0ken")

    assert Tokens(path, ring).find("host:1", "ada") is None


@pytest.mark.parametrize("text", [b"", b"[]", b"{", b'{"host:1": 3}', b"\xff", b"[" * 9999])
def test_a_damaged_file_holds_no_sessions(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "sessions.json"
    path.write_bytes(text)

    assert Tokens(path).find("host:1", "ada") is None
    sentence = Tokens(path).keep("host:1", "ada", "t0ken")
    assert "can't be read" in sentence
    assert "It is kept as sessions.json.unreadable-1." in sentence
    assert (tmp_path / "sessions.json.unreadable-1").read_bytes() == text
    assert Tokens(path).find("host:1", "ada") is not None


def test_a_failing_disk_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    tokens = Tokens(tmp_path / "file" / "sessions.json")

    assert tokens.keep("host:1", "ada", "t0ken").startswith(
        "Can't keep you logged in: can't write "
    )


@pytest.mark.usefixtures("patient")
def test_two_clients_keep_each_others_sessions(tmp_path: Path) -> None:
    path = tmp_path / "sessions.json"

    def keep(client: int) -> None:
        for n in range(20):
            Tokens(path).keep(f"host-{client}:{n}", "ada", "t0ken")

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(keep, (1, 2)))

    assert len(path.read_text().split("t0ken")) == 41
