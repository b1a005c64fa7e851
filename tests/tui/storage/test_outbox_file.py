"""The files that each kind of end leaves. A run that is killed never calls `close`."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from chat_tui.model.outbox import LocalFile, Outbox, Status
from chat_tui.storage.outbox_file import OutboxFile


def opened(folder: Path, name: str) -> tuple[Outbox, OutboxFile]:
    """Return what a client has after the log-in."""
    outbox, file = Outbox(), OutboxFile(folder, name)
    outbox.keep_in(file, file.take_over())
    return outbox, file


def killed(folder: Path, code: str) -> None:
    """Run this in another process with an `outbox`, and end that as kill -9 does."""
    program = f"""
import os, signal
from pathlib import Path
from chat_tui.model.outbox import Outbox
from chat_tui.storage.outbox_file import OutboxFile
outbox, file = Outbox(), OutboxFile(Path({str(folder)!r}), str(os.getpid()))
outbox.keep_in(file, file.take_over())
{code}
os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", program], check=False)


def texts(outbox: Outbox) -> list[str]:
    return [unsent.text for unsent in outbox.of("general")]


def test_unsent_messages_of_a_killed_client_are_left_for_the_next_one(tmp_path: Path) -> None:
    killed(tmp_path, "for n in range(3): last = outbox.add('general', str(n))")

    outbox, file = opened(tmp_path, "next")

    assert texts(outbox) == ["0", "1", "2"]
    assert outbox.count(Status.QUEUED) == 3
    assert outbox.take_back("general") is None  # they may have been sent
    file.close()


def test_a_stored_message_keeps_its_nonce_and_is_sent_before_new_ones(tmp_path: Path) -> None:
    first, file = opened(tmp_path, "first")
    nonce = first.add("general", "before").nonce
    file.close()

    outbox, file = opened(tmp_path, "second")
    outbox.add("general", "after")

    assert outbox.of("general")[0].nonce == nonce
    assert texts(outbox) == ["before", "after"]
    file.close()


def test_two_crashes_later_all_messages_are_there_in_order(tmp_path: Path) -> None:
    killed(tmp_path, "outbox.add('general', 'one')")
    killed(tmp_path, "outbox.add('general', 'two')")

    outbox, file = opened(tmp_path, "third")

    assert texts(outbox) == ["one", "two"]
    file.close()


def test_delivered_messages_are_not_sent_again(tmp_path: Path) -> None:
    killed(tmp_path, "a, b = outbox.add('general', 'a'), outbox.add('general', 'b')\n"
                     "outbox.sending(a.nonce); outbox.accepted(a.nonce, 1)")  # fmt: skip

    outbox, file = opened(tmp_path, "next")

    assert texts(outbox) == ["b"]
    file.close()


def test_once_all_are_delivered_no_file_is_left(tmp_path: Path) -> None:
    outbox, file = opened(tmp_path, "run")
    for n in range(3):
        outbox.accepted(outbox.add("general", "secret").nonce, n)
    assert outbox.delivered_up_to("general", 2)  # as their room has them, too

    assert b"secret" not in (tmp_path / "run.unsent").read_bytes()
    file.close()
    assert list(tmp_path.iterdir()) == []


def test_a_refused_message_stays_refused_and_can_be_taken_back(tmp_path: Path) -> None:
    killed(tmp_path, "outbox.refused(outbox.add('general', 'rude').nonce, 'You are muted.')")

    outbox, file = opened(tmp_path, "next")
    taken = outbox.take_back("general")
    file.close()

    assert taken is not None
    assert (taken.text, taken.reason) == ("rude", "You are muted.")
    assert opened(tmp_path, "last")[0].of("general") == []


def test_a_running_client_keeps_its_own_messages(tmp_path: Path) -> None:
    one, first = opened(tmp_path, "one")
    one.add("general", "mine")

    two, second = opened(tmp_path, "two")

    assert texts(two) == []
    first.close()
    second.close()
    three, third = opened(tmp_path, "three")
    assert texts(three) == ["mine"]
    third.close()


@pytest.mark.parametrize("length", range(0, 60, 3))
def test_a_truncated_line_spoils_no_other(tmp_path: Path, length: int) -> None:
    outbox, file = opened(tmp_path, "run")
    outbox.add("general", "whole")
    file.close()
    with (tmp_path / "run.unsent").open("ab") as lines:
        lines.write(b'\n{"nonce":"zzz","room":"general","text":"cut off here"}\n'[:length])
    appended = OutboxFile(tmp_path, "next")
    left = appended.take_over()
    appended.close()

    assert [unsent.text for unsent in left] == ["whole"][: len(left)] + ["cut off here"] * (
        length > 54
    )


@pytest.mark.parametrize("junk", [b"\x00\xff\n", b"[]\n", b'{"nonce":1}\n', b"{}\n", b"[" * 5000])
def test_lines_that_are_no_record_are_skipped(tmp_path: Path, junk: bytes) -> None:
    outbox, file = opened(tmp_path, "run")
    outbox.add("general", "kept")
    file.close()
    with (tmp_path / "run.unsent").open("ab") as lines:
        lines.write(junk)

    outbox, file = opened(tmp_path, "next")

    assert texts(outbox) == ["kept"]
    file.close()


def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    folder = tmp_path / "not" / "there"
    outbox, file = opened(folder, "run")
    outbox.add("general", "hi")

    assert stat.S_IMODE((folder / "run.unsent").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    file.close()


def test_a_failing_disk_is_reported_and_does_not_stop_the_client(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    outbox, file = opened(tmp_path / "file", "run")

    outbox.add("general", "hi")

    assert texts(outbox) == ["hi"]
    assert file.problem.startswith("Unsent messages can't be stored in ")
    file.close()


def test_what_a_disk_did_not_take_is_stored_once_it_takes_something_again(tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.write_text("")  # no folder can be made there
    outbox, file = opened(place, "run")
    delivered = outbox.add("general", "delivered")
    outbox.add("general", "first")
    assert file.problem

    place.unlink()
    file.forget(delivered.nonce)
    outbox.add("general", "second")

    assert file.problem == ""
    file.close()
    assert texts(opened(place, "next")[0]) == ["first", "second"]


def test_a_deleted_account_leaves_nothing(tmp_path: Path) -> None:
    killed(tmp_path, "outbox.add('general', 'hi')")
    outbox, file = opened(tmp_path, "run")
    outbox.add("general", "more")

    file.discard()

    assert list(tmp_path.iterdir()) == []


def test_clearing_the_outbox_leaves_the_file_alone(tmp_path: Path) -> None:
    outbox, file = opened(tmp_path, "run")
    outbox.add("general", "for later")
    outbox.clear()
    outbox.add("general", "of someone else")
    file.close()

    assert texts(opened(tmp_path, "next")[0]) == ["for later"]
    assert os.listdir(tmp_path)


def test_lines_that_cannot_be_read_are_kept_aside_until_the_account_is_deleted(
    tmp_path: Path,
) -> None:
    content = b'\n{"nonce":"n1","room":"general","text":"whole"}\n\n{"nonce":"n2","room":"gen'
    (tmp_path / "old.unsent").write_bytes(content)

    outbox, file = opened(tmp_path, "new")

    assert [unsent.text for unsent in outbox.of("general")] == ["whole"]
    assert "old.unreadable" in file.unreadable
    assert (tmp_path / "old.unreadable").read_bytes() == content
    file.discard()
    assert list(tmp_path.iterdir()) == []


def test_a_fifo_among_the_files_is_left_alone(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "old.unsent")

    outbox, file = opened(tmp_path, "new")

    assert not outbox.of("general")
    file.close()
    assert [path.name for path in tmp_path.iterdir()] == ["old.unsent"]


def test_a_message_is_left_with_its_files_which_are_uploaded_again(tmp_path: Path) -> None:
    outbox, file = opened(tmp_path, "first")
    report = LocalFile("/home/ada/report.pdf", "report.pdf", 9)
    outbox.uploaded(outbox.add("general", "Here.", files=(report,)).nonce, (7,))
    file.close()

    (left,) = OutboxFile(tmp_path, "second").take_over()

    assert (left.text, left.files, left.uploads) == ("Here.", (report,), ())
