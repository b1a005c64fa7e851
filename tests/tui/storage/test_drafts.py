"""Drafts survive a restart, and no password is stored."""

import json
from pathlib import Path

import pytest

from chat_tui.model.draft import Draft, Edit, Quote, Reply
from chat_tui.storage.drafts import Drafts


def written(drafts: Drafts) -> None:
    """Keep `drafts`, and wait for the disk."""
    drafts.keep()
    drafts._disk.submit(bool).result()


def test_a_draft_is_there_after_a_restart(tmp_path: Path) -> None:
    drafts = Drafts(tmp_path / "ada.json")
    drafts.put("kitchen", Draft("half a sen"))
    drafts.put("general", Draft(""))
    written(drafts)

    again = Drafts(tmp_path / "ada.json")
    assert again.get("kitchen") == Draft("half a sen")
    assert not again.get("general")


def test_without_a_file_drafts_last_as_long_as_the_program() -> None:
    drafts = Drafts()
    drafts.put("kitchen", Draft("soup"))
    drafts.keep()

    assert (drafts.get("kitchen"), drafts.problem) == (Draft("soup"), "")
    assert not Drafts().get("kitchen")


def test_a_draft_is_kept_as_its_text(tmp_path: Path) -> None:
    drafts = Drafts(tmp_path / "ada.json")
    drafts.put("kitchen", Draft("soup"))
    drafts.keep()

    assert json.loads((tmp_path / "ada.json").read_bytes()) == {"kitchen": "soup"}


def test_replies_and_edits_survive_a_restart(tmp_path: Path) -> None:
    answer = Draft("with br", Reply(Quote(6, "linus", "Is there soup?")))
    edit = Draft("soup", Edit(7), answer)
    drafts = Drafts(tmp_path / "ada.json")
    drafts.put("kitchen", edit)
    drafts.put("general", Draft("", answer.intent))
    written(drafts)

    again = Drafts(tmp_path / "ada.json")
    assert again.get("kitchen") == edit
    assert again.get("general") == Draft("", answer.intent)


def test_a_sent_draft_is_removed_from_the_disk(tmp_path: Path) -> None:
    drafts = Drafts(tmp_path / "ada.json")
    drafts.put("kitchen", Draft("half a sen"))
    written(drafts)
    drafts.put("kitchen", Draft())
    written(drafts)

    assert not Drafts(tmp_path / "ada.json").get("kitchen")


def test_a_password_is_never_written_to_the_disk(tmp_path: Path) -> None:
    drafts = Drafts(tmp_path / "ada.json")
    drafts.put("general", Draft("/join kitchen k7qm-2vxh-9rtd"))
    drafts.put("kitchen", Draft("soop", Edit(1), drafts.get("general")))
    drafts.put("cellar", Draft("wine"))
    written(drafts)

    assert drafts.get("general") == Draft("/join kitchen k7qm-2vxh-9rtd")
    assert "k7qm" not in (tmp_path / "ada.json").read_text()


def test_only_the_owner_can_read_them(tmp_path: Path) -> None:
    drafts = Drafts(tmp_path / "drafts" / "ada.json")
    drafts.put("kitchen", Draft("soup"))
    written(drafts)

    assert (tmp_path / "drafts" / "ada.json").stat().st_mode & 0o077 == 0


def test_nothing_is_written_while_nothing_changes(tmp_path: Path) -> None:
    drafts = Drafts(tmp_path / "ada.json")
    drafts.put("attic", Draft())
    written(drafts)
    assert not (tmp_path / "ada.json").exists()

    drafts.put("kitchen", Draft("soup"))
    written(drafts)
    (tmp_path / "ada.json").unlink()
    written(drafts)
    assert not (tmp_path / "ada.json").exists()


@pytest.mark.parametrize("content", [b"", b"[1]", b"\xff", b"[" * 100_000, b'{"kitchen":1}'])
def test_a_damaged_file_holds_no_drafts(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "ada.json").write_bytes(content)

    assert not Drafts(tmp_path / "ada.json").get("kitchen")


def test_a_failing_disk_does_not_stop_the_client(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    drafts = Drafts(tmp_path / "file" / "ada.json")
    drafts.put("kitchen", Draft("soup"))
    written(drafts)

    assert drafts.get("kitchen") == Draft("soup")


def test_two_clients_of_one_account_keep_each_others_drafts(tmp_path: Path) -> None:
    path = tmp_path / "ada.json"
    first, second = Drafts(path), Drafts(path)
    first.put("kitchen", Draft("soup"))
    written(first)
    second.put("attic", Draft("dust"))
    written(second)
    first.drop("kitchen")
    written(first)

    again = Drafts(path)
    assert (again.get("kitchen"), again.get("attic")) == (Draft(), Draft("dust"))


@pytest.mark.parametrize("content", [b'{"kitchen":"so', '{"kitchen":"x"}'.encode("utf-16")])
def test_drafts_that_cannot_be_read_are_kept_aside(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "ada.json"
    path.write_bytes(content)

    drafts = Drafts(path)
    drafts.put("attic", Draft("dust"))
    written(drafts)

    assert "It is kept as ada.json.unreadable-1." in drafts.problem
    assert (tmp_path / "ada.json.unreadable-1").read_bytes() == content
    assert Drafts(path).get("attic") == Draft("dust")


def test_a_byte_order_mark_before_drafts_is_skipped(tmp_path: Path) -> None:
    (tmp_path / "ada.json").write_bytes(b'\xef\xbb\xbf{"kitchen":"soup"}')

    drafts = Drafts(tmp_path / "ada.json")

    assert (drafts.problem, drafts.get("kitchen")) == ("", Draft("soup"))
