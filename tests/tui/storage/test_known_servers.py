import stat
from pathlib import Path

import pytest

from chat_tui.model.address import AUTHORITY, UNENCRYPTED, Address
from chat_tui.storage.known_servers import KnownServers, UnusableFile

HOME = Address("chat.example.org")


def test_a_fingerprint_is_found_by_the_next_run(tmp_path: Path) -> None:
    path = tmp_path / "state" / "known-servers"
    KnownServers(path).remember(HOME, "SHA256:aa")
    KnownServers(path).remember(Address("::1", 99), "SHA256:bb")

    known = KnownServers(path)

    assert known.find(HOME) == "SHA256:aa"
    assert known.find(Address("CHAT.example.org", 7667)) == "SHA256:aa"
    assert known.find(Address("::1", 99)) == "SHA256:bb"
    assert known.find(Address("chat.example.org", 1)) == ""


def test_a_new_fingerprint_replaces_the_old_one(tmp_path: Path) -> None:
    known = KnownServers(tmp_path / "known-servers")
    known.remember(HOME, "SHA256:aa")
    known.remember(HOME, "SHA256:bb")

    assert known.find(HOME) == "SHA256:bb"
    assert (tmp_path / "known-servers").read_text().count("chat.example.org") == 1


def test_only_the_owner_can_read_the_file(tmp_path: Path) -> None:
    KnownServers(tmp_path / "known-servers").remember(HOME, "SHA256:aa")

    assert stat.S_IMODE((tmp_path / "known-servers").stat().st_mode) == 0o600


def test_a_line_written_by_hand_counts(tmp_path: Path) -> None:
    path = tmp_path / "known-servers"
    path.write_text("# mine\n\n  chat.example.org:7667   SHA256:cc\n")

    assert KnownServers(path).find(HOME) == "SHA256:cc"


def test_a_new_file_says_what_is_in_it(tmp_path: Path) -> None:
    KnownServers(tmp_path / "known-servers").remember(HOME, "SHA256:aa")

    head, line = (tmp_path / "known-servers").read_text().splitlines()
    assert head.startswith("# How servers are known")
    assert line == "chat.example.org:7667 SHA256:aa"


def test_what_was_seen_holds_for_this_run_though_the_file_is_deleted(tmp_path: Path) -> None:
    path = tmp_path / "known-servers"
    KnownServers(path).remember(HOME, "SHA256:aa")
    known = KnownServers(path)
    assert known.find(HOME) == "SHA256:aa"

    path.unlink()

    assert known.find(HOME) == "SHA256:aa"
    assert KnownServers(path).find(HOME) == ""


def test_a_file_that_cannot_be_written_is_named_in_the_error(tmp_path: Path) -> None:
    (tmp_path / "none").symlink_to(tmp_path / "nowhere")
    path = tmp_path / "none" / "known-servers"

    with pytest.raises(UnusableFile, match=f"^Can't write {path}: File exists.$"):
        KnownServers(path).remember(HOME, "SHA256:aa")


def test_a_line_that_makes_no_sense_is_named_by_its_number(tmp_path: Path) -> None:
    path = tmp_path / "known-servers"
    path.write_text("# mine\n\nthree words here\n")

    with pytest.raises(UnusableFile, match="known-servers, line 3 isn't"):
        KnownServers(path).find(HOME)


@pytest.mark.parametrize("text", [b"chat.example.org:7667\n", b"a b c\n", b"\xff\xfe\n"])
def test_a_damaged_file_is_named_in_the_error(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "known-servers"
    path.write_bytes(text)

    with pytest.raises(UnusableFile, match="known-servers"):
        KnownServers(path).find(HOME)
    with pytest.raises(UnusableFile, match="known-servers"):
        KnownServers(path).remember(HOME, "SHA256:aa")
    assert path.read_bytes() == text


def test_a_folder_in_place_of_the_file_gets_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UnusableFile, match="Can't read"):
        KnownServers(tmp_path).find(HOME)


def test_without_a_file_it_lasts_as_long_as_the_program() -> None:
    known = KnownServers()
    known.remember(HOME, "SHA256:aa")

    assert known.find(HOME) == "SHA256:aa"
    assert KnownServers().find(HOME) == ""


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("127.0.0.1:7667", "127.1"),
        ("127.1:7667", "127.0.0.1"),
        ("[0:0:0:0:0:0:0:1]:7667", "::1"),
        ("bücher.example:7667", "xn--bcher-kva.example"),
        ("Chat.Example.org.:7667", "chat.example.org"),
        ("\ufeffchat.example.org:7667", "chat.example.org"),
    ],
)
def test_a_server_is_known_in_every_spelling(tmp_path: Path, written: str, typed: str) -> None:
    path = tmp_path / "known-servers"
    path.write_text(f"{written} SHA256:aa\n")

    assert KnownServers(path).find(Address(typed)) == "SHA256:aa"


def test_lines_of_others_and_comments_stay_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "known-servers"
    path.write_text("# mine\n\nchat.example.org:7667  SHA256:aa\nOther.example:1 SHA256:bb")

    KnownServers(path).remember(HOME, AUTHORITY)

    assert path.read_text() == (
        "# mine\n\nOther.example:1 SHA256:bb\nchat.example.org:7667 authority\n"
    )


def test_leave_to_connect_without_encryption_is_no_knowledge_of_the_server(tmp_path: Path) -> None:
    known = KnownServers(tmp_path / "known-servers")
    plain = Address("chat.example.org", plain=True)
    known.remember(HOME, "SHA256:aa")
    known.remember(plain, UNENCRYPTED)

    assert known.find(HOME) == "SHA256:aa"
    assert KnownServers(known.path).find(plain) == UNENCRYPTED
