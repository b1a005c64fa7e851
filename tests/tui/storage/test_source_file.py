"""Files to send: found, read, and refused where they are no files."""

import hashlib
import os
from pathlib import Path

import pytest

from chat_shared.limits import MAX_CHUNK
from chat_tui.model.outbox import LocalFile
from chat_tui.storage.source_file import CannotRead, local_file, source

DATA = bytes(range(256)) * 10_000


def test_a_file_is_known_by_its_absolute_path_its_clean_name_and_its_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a\u202egnp.txt").write_bytes(b"soup")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)

    for named in (
        "~/a\u202egnp.txt",
        "a\u202egnp.txt",
        f"{tmp_path}/../{tmp_path.name}/a\u202egnp.txt",
    ):
        file = local_file(named)
        assert file == LocalFile(f"{tmp_path}/a\u202egnp.txt", "agnp.txt", 4)


def test_its_digest_and_its_parts_are_those_of_its_content(tmp_path: Path) -> None:
    (tmp_path / "report.pdf").write_bytes(DATA)
    with source(local_file(f"{tmp_path}/report.pdf")) as opened:
        assert opened.sha256() == hashlib.sha256(DATA).hexdigest()
        assert opened.read(0) == DATA[:MAX_CHUNK]
        assert opened.read(100) == DATA[100:MAX_CHUNK]
        assert opened.read(len(DATA) - 1) == DATA[-1:]


@pytest.mark.parametrize("new", [DATA[:10], DATA[:200] + b"x" + DATA[201:]])
def test_what_has_changed_since_the_digest_was_made_is_not_read(new: bytes, tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    path.write_bytes(DATA)
    with source(local_file(str(path))) as opened:
        opened.sha256()
        path.write_bytes(new)
        with pytest.raises(CannotRead, match=r"report.pdf changed while it was being sent\. Send"):
            opened.read(0)


def test_a_file_that_becomes_longer_is_read_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "server.log"
    path.write_bytes(DATA[:100])
    with source(local_file(str(path))) as opened:
        opened.sha256()
        path.write_bytes(DATA)

        assert opened.read(0) == DATA[:100]


def test_what_is_no_file_is_refused_in_a_sentence(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    for named, sentence in (
        ("none", "There is no file "),
        ("", " is a folder."),
        ("pipe", " is no file with a content of its own."),
        ("a\0b", "can't be read: embedded null byte."),
    ):
        with pytest.raises(CannotRead, match=sentence):
            local_file(f"{tmp_path}/{named}")


def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")

    with pytest.raises(
        CannotRead, match=r"loop can't be read: Too many levels of symbolic links\."
    ):
        local_file(f"{tmp_path}/loop")


def test_a_file_that_has_changed_since_it_was_chosen_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    path.write_bytes(b"soup")
    chosen = local_file(str(path))
    path.write_bytes(b"bread")

    with (
        pytest.raises(
            CannotRead, match=r"report.pdf has changed since you chose it\. Choose it again\."
        ),
        source(chosen),
    ):
        pass
