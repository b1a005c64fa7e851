"""Nothing that another client or the user wrote is lost, and nothing else is waited for."""

import fcntl
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chat_tui.storage import shared_file
from chat_tui.storage.shared_file import Unreadable
from support.open_files import open_files


def decode(data: bytes | None) -> int:
    if data is not None and not data.isdigit():
        raise Unreadable("no number")
    return int(data or b"0")


def one_more(data: bytes | None) -> bytes:
    return str(decode(data) + 1).encode()


@pytest.mark.usefixtures("patient")
def test_of_many_writers_none_is_lost(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as threads:
        for done in [
            threads.submit(shared_file.update, tmp_path / "n", one_more) for _ in range(80)
        ]:
            done.result()

    assert shared_file.read(tmp_path / "n") == b"80"
    assert [file.name for file in tmp_path.iterdir()] == ["n"]


def test_a_link_stays_and_its_file_changes(tmp_path: Path) -> None:
    (tmp_path / "dotfiles").mkdir()
    (tmp_path / "n").symlink_to("dotfiles/n")

    for _ in range(2):
        shared_file.update(tmp_path / "n", one_more)

    assert (tmp_path / "n").is_symlink()
    assert (tmp_path / "dotfiles" / "n").read_bytes() == b"2"


def test_what_cannot_be_read_is_set_aside_each_time_under_a_new_name(tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / "n").write_bytes(b"mine %d" % number)
        sentence = shared_file.merge(tmp_path / "n", one_more)
        assert sentence.endswith(f"(no number). It is kept as n.unreadable-{number}.")
        assert (tmp_path / f"n.unreadable-{number}").read_bytes() == b"mine %d" % number

    assert shared_file.merge(tmp_path / "n", one_more) == ""
    assert shared_file.load(tmp_path / "n", decode) == (2, "")


def test_a_fifo_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "n")

    with pytest.raises(OSError, match="isn't a regular file"):
        shared_file.read(tmp_path / "n")
    with pytest.raises(OSError, match="isn't a regular file"):
        shared_file.update(tmp_path / "n", one_more)
    assert shared_file.load(tmp_path / "n", decode) == (
        0,
        f"{tmp_path / 'n'} can't be read (it isn't a regular file). It is kept as n.unreadable-1.",
    )


def test_the_folder_is_made_for_the_user_alone_and_nothing_stays_open(tmp_path: Path) -> None:
    path = tmp_path / "not" / "there" / "n"

    shared_file.update(path, one_more)

    assert shared_file.read(path) == b"1"
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert open_files(tmp_path) == []


def test_a_byte_order_mark_is_no_content(tmp_path: Path) -> None:
    (tmp_path / "n").write_bytes(b"\xef\xbb\xbf7")

    assert shared_file.load(tmp_path / "n", decode) == (7, "")


def test_an_endless_file_is_not_read(tmp_path: Path) -> None:
    with open(tmp_path / "n", "wb") as file:
        file.truncate(2**40)

    with pytest.raises(OSError, match="too large"):
        shared_file.read(tmp_path / "n")


def test_a_lock_that_is_never_released_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_file, "_LOCKED_WITHIN", 0.02)
    held = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    try:
        with pytest.raises(TimeoutError, match="another program has locked it"):
            shared_file.update(tmp_path / "n", one_more)
    finally:
        os.close(held)

    assert not (tmp_path / "n").exists()
