"""What the unsent messages survive: power cuts, full disks, and any history of theirs."""

import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, strategies as st

from chat_tui.model.outbox import Outbox, Status, Unsent
from chat_tui.storage.outbox_file import OutboxFile
from support.full_disk import files_of_at_most
from support.open_files import open_files
from support.power_cut import Disk


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(tmp_path, monkeypatch)


def opened(folder: Path, name: str) -> tuple[Outbox, OutboxFile]:
    """Return what a client has after the log-in."""
    outbox, file = Outbox(), OutboxFile(folder, name)
    outbox.keep_in(file, file.take_over())
    return outbox, file


def after_power_cut(disk: Disk, folder: Path) -> list[str]:
    """Return the texts that the next run finds, in a folder of its own."""
    folder.mkdir()
    for name, content in disk.left().items():
        (folder / name).write_bytes(content)
    file = OutboxFile(folder, "after")
    texts = [unsent.text for unsent in file.take_over()]
    file.close()
    return texts


def test_after_the_end_of_the_client_a_power_cut_loses_nothing(
    disk: Disk, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outbox, file = opened(tmp_path, "run")
    outbox.add("general", "one")
    outbox.add("general", "two")
    file.close()

    assert after_power_cut(disk, tmp_path_factory.mktemp("cut") / "next") == ["one", "two"]


def test_a_message_is_on_the_disk_soon_though_the_client_runs_on(
    disk: Disk, tmp_path: Path
) -> None:
    outbox, file = opened(tmp_path, "run")
    outbox.add("general", "soon")

    assert disk.wait_until(lambda: b"soon" in disk.left().get("run.unsent", b""))
    file.close()


def test_a_message_typed_while_the_disk_is_busy_is_on_it_soon(disk: Disk, tmp_path: Path) -> None:
    disk.may_sync.clear()
    outbox, file = opened(tmp_path, "run")
    outbox.add("general", "first")
    assert disk.syncing.wait(5)
    outbox.add("general", "meanwhile")
    disk.may_sync.set()

    assert disk.wait_until(lambda: b"meanwhile" in disk.left().get("run.unsent", b""))
    file.close()


def test_what_is_taken_over_is_on_the_disk_before_it_is_removed_from_where_it_was(
    disk: Disk, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outbox, file = opened(tmp_path, "first")
    outbox.add("general", "older")
    file.close()

    _, file = opened(tmp_path, "second")

    assert not (tmp_path / "first.unsent").exists()
    assert after_power_cut(disk, tmp_path_factory.mktemp("cut") / "next") == ["older"]
    file.close()


@pytest.mark.parametrize("space", [0, 500])  # for nothing, and for a part of the message
def test_what_this_run_cannot_store_stays_where_it_was(tmp_path: Path, space: int) -> None:
    outbox, file = opened(tmp_path, "first")
    outbox.add("general", "x" * 1000)
    file.close()

    with files_of_at_most(space):
        outbox, file = opened(tmp_path, "second")
        file.close()

    assert file.problem.startswith(f"Unsent messages can't be stored in {tmp_path}: ")
    assert [unsent.text for unsent in outbox.of("general")] == ["x" * 1000]
    (tmp_path / "second.unsent").unlink()
    assert [unsent.text for unsent in opened(tmp_path, "third")[0].of("general")] == ["x" * 1000]


def test_nothing_runs_or_stays_open_afterwards(tmp_path: Path) -> None:
    running, held = opened(tmp_path, "running")
    running.add("general", "of another client")
    held._disk.submit(bool).result()  # its folder is open until then
    os.mkfifo(tmp_path / "fifo.unsent")
    (tmp_path / "damaged.unsent").write_bytes(b"{")
    opened_before, threads = open_files(tmp_path), threading.active_count()
    for name in ("one", "two"):
        outbox, file = opened(tmp_path, name)
        outbox.add("general", "hi")
        file.close()
        file.close()  # once more does nothing

    assert open_files(tmp_path) == opened_before
    assert threading.active_count() == threads
    held.close()


def test_files_that_can_be_read_are_removed_and_not_kept_aside(tmp_path: Path) -> None:
    outbox, file = opened(tmp_path, "first")
    outbox.add("general", "hi")
    file.close()

    _, file = opened(tmp_path, "second")

    assert os.listdir(tmp_path) == ["second.unsent"]
    assert (file.problem, file.unreadable) == ("", "")
    file.close()


def test_the_lines_of_earlier_versions_are_read(tmp_path: Path) -> None:
    (tmp_path / "old.unsent").write_bytes(
        b'{"nonce":"n1","room":"general","text":"hi"}\n'
        b'{"nonce":"n2","room":"general","text":"yes","reply":7}\n'
        b'{"nonce":"n3","room":"general","text":"rude","reason":"You are muted."}\n'
    )

    outbox, file = opened(tmp_path, "new")

    assert outbox.of("general") == [
        Unsent("n1", "general", "hi"),
        Unsent("n2", "general", "yes", reply=7),
        Unsent("n3", "general", "rude", Status.REFUSED, "You are muted."),
    ]
    file.close()


def _send(outbox: Outbox) -> Unsent | None:
    if (unsent := outbox.next_to_send()) is not None:
        outbox.sending(unsent.nonce)
    return unsent


def _accept(outbox: Outbox) -> None:
    if (unsent := _send(outbox)) is not None:
        outbox.accepted(unsent.nonce, 1)


def _deliver(outbox: Outbox) -> None:
    if (unsent := _send(outbox)) is not None:
        outbox.delivered(unsent.nonce)
        outbox.accepted(unsent.nonce, 1)


def _refuse(outbox: Outbox) -> None:
    if (unsent := _send(outbox)) is not None:
        outbox.refused(unsent.nonce, "No.")


def _wait(outbox: Outbox) -> None:
    if (unsent := _send(outbox)) is not None:
        outbox.queued(unsent.nonce)


_STEPS: list[Callable[[Outbox], object]] = [
    lambda outbox: outbox.add("general", "hi"),
    lambda outbox: outbox.add("general", "yes", reply=3),
    _send,
    _accept,
    _deliver,
    _refuse,
    _wait,
    Outbox.connection_lost,
    lambda outbox: outbox.take_back("general"),
    Outbox.take_refused,
    lambda outbox: outbox.delivered_up_to("general", 1),
]


def _kept(outbox: Outbox) -> list[tuple[str, str, str, int]]:
    return [
        (unsent.nonce, unsent.text, unsent.reason, unsent.reply)
        for unsent in outbox.of("general")
        if unsent.status is not Status.ACCEPTED
    ]


@given(st.lists(st.sampled_from(_STEPS), max_size=30))
def test_whenever_the_client_dies_the_next_one_has_what_the_server_has_not(
    steps: list[Callable[[Outbox], object]],
) -> None:
    with TemporaryDirectory() as folder:
        outbox, file = opened(Path(folder, "live"), "run")
        for step in steps:
            step(outbox)
        dead = Path(folder, "dead")
        dead.mkdir()
        for path in Path(folder).glob("live/*"):
            shutil.copy(path, dead)

        next_outbox, next_file = opened(dead, "next")

        assert _kept(next_outbox) == _kept(outbox)
        assert next_outbox.count(*Status) == len(_kept(outbox))
        file.close()
        next_file.close()
