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
        "# mine\n\nchat.example.org:7667 authority\nOther.example:1 SHA256:bb\n"
    )


def test_leave_to_connect_without_encryption_is_no_knowledge_of_the_server(tmp_path: Path) -> None:
    known = KnownServers(tmp_path / "known-servers")
    plain = Address("chat.example.org", plain=True)
    known.remember(HOME, "SHA256:aa")
    known.remember(plain, UNENCRYPTED)

    assert known.find(HOME) == "SHA256:aa"
    assert KnownServers(known.path).find(plain) == UNENCRYPTED


# --- other addresses of a server

OTHER = Address("chat2.example.org")
NAMES = "chat.example.org:7667", "chat2.example.org:7667"


def test_other_addresses_stand_behind_the_fingerprint_for_the_next_run(tmp_path: Path) -> None:
    path = tmp_path / "known-servers"
    known = KnownServers(path)
    known.remember(HOME, "SHA256:aa")
    known.learn(HOME, [OTHER, Address("2001:db8::6", 99), HOME, OTHER])

    assert path.read_text().splitlines()[-1] == (
        "chat.example.org:7667 SHA256:aa chat2.example.org:7667 [2001:db8::6]:99"
    )
    assert KnownServers(path).others(HOME) == (OTHER, Address("2001:db8::6", 99))
    assert KnownServers(path).find(HOME) == "SHA256:aa"


def test_they_are_replaced_by_what_is_learned_next_and_nothing_forgets_them(
    tmp_path: Path,
) -> None:
    known = KnownServers(tmp_path / "known-servers")
    known.remember(HOME, AUTHORITY)
    known.learn(HOME, [Address("chat3.example.org")])
    known.learn(HOME, [OTHER])
    known.remember(HOME, AUTHORITY)
    assert known.others(HOME) == (OTHER,)

    known.learn(HOME, [])

    assert known.others(HOME) == ()
    assert (tmp_path / "known-servers").read_text().splitlines()[-1] == f"{NAMES[0]} authority"


def test_a_server_with_another_key_is_another_server_at_other_addresses() -> None:
    known = KnownServers()
    known.remember(HOME, "SHA256:aa")
    known.learn(HOME, [OTHER])

    known.remember(HOME, "SHA256:bb")

    assert known.others(HOME) == ()


def test_of_more_than_five_the_first_five_are_known(tmp_path: Path) -> None:
    known = KnownServers(tmp_path / "known-servers")
    many = [Address(f"chat{n}.example.org") for n in range(2, 1_000)]
    known.remember(HOME, "SHA256:aa")
    known.learn(HOME, many)

    assert known.others(HOME) == tuple(many[:5])
    assert len((tmp_path / "known-servers").read_text()) < 400


def test_a_server_that_is_not_known_has_no_other_addresses(tmp_path: Path) -> None:
    path = tmp_path / "known-servers"
    known = KnownServers(path)
    known.learn(HOME, [OTHER])
    assert known.others(HOME) == ()

    known.remember(HOME, "SHA256:aa")
    path.write_text("")  # by hand, while the client runs
    known.learn(HOME, [OTHER])

    assert path.read_text() == ""
    assert known.others(HOME) == (OTHER,)


@pytest.mark.parametrize(
    "line",
    [
        f"{NAMES[0]} unencrypted {NAMES[1]}",
        f"{NAMES[0]} SHA256:aa tcp://{NAMES[1]}",
        f"{NAMES[0]} SHA256:aa unix:///run/chat.sock",
        f"{NAMES[0]} SHA256:aa chat2.example.org:0",
        f"{NAMES[0]} {NAMES[1]} SHA256:aa",
    ],
)
def test_other_addresses_that_could_not_be_verified_are_no_addresses(
    tmp_path: Path, line: str
) -> None:
    (tmp_path / "known-servers").write_text(f"{line}\n")

    with pytest.raises(UnusableFile, match="line 1 isn't"):
        KnownServers(tmp_path / "known-servers").others(HOME)


@pytest.mark.parametrize(
    ("lines", "is_one"),
    [
        # The same key, and one of them says so.
        ((f"{NAMES[0]} SHA256:aa {NAMES[1]}", f"{NAMES[1]} SHA256:aa"), True),
        ((f"{NAMES[0]} SHA256:aa", f"{NAMES[1]} SHA256:aa {NAMES[0]}"), True),
        # Both say so.
        ((f"{NAMES[0]} authority {NAMES[1]}", f"{NAMES[1]} authority {NAMES[0]}"), True),
        ((f"{NAMES[0]} authority {NAMES[1]}", f"{NAMES[1]} SHA256:aa {NAMES[0]}"), True),
        # One certificate for two communities is no reason, nor is what only one says.
        ((f"{NAMES[0]} SHA256:aa", f"{NAMES[1]} SHA256:aa"), False),
        ((f"{NAMES[0]} SHA256:aa {NAMES[1]}", f"{NAMES[1]} SHA256:bb"), False),
        ((f"{NAMES[0]} authority {NAMES[1]}", f"{NAMES[1]} authority"), False),
        ((f"{NAMES[0]} SHA256:aa {NAMES[1]}",), False),
    ],
)
def test_two_lines_are_one_server_if_nobody_but_that_server_can_have_said_so(
    tmp_path: Path, lines: tuple[str, ...], is_one: bool
) -> None:
    path = tmp_path / "known-servers"
    path.write_text("x.example:1 SHA256:cc\n" + "".join(f"{line}\n" for line in lines))

    known = KnownServers(path)

    assert known.home(HOME) == HOME
    assert known.home(OTHER) == (HOME if is_one else OTHER)
    path.write_text("".join(f"{line}\n" for line in reversed(lines)))
    assert known.home(HOME) == (OTHER if is_one else HOME)


def test_its_place_in_the_file_decides_which_address_was_known_first(tmp_path: Path) -> None:
    known = KnownServers(tmp_path / "known-servers")
    known.remember(HOME, "SHA256:aa")
    known.remember(OTHER, "SHA256:aa")
    known.learn(HOME, [OTHER])
    known.learn(OTHER, [HOME])
    known.learn(HOME, [OTHER, Address("chat3.example.org")])

    assert known.home(OTHER) == HOME
    assert known.home(HOME) == HOME
