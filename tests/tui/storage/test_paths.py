from pathlib import Path

import pytest

from chat_tui.model.address import AUTHORITY, UNENCRYPTED, Address
from chat_tui.model.draft import Draft
from chat_tui.model.outbox import Unsent
from chat_tui.storage.paths import Paths, state_path


def test_without_a_path_nothing_is_written() -> None:
    folder = Paths()

    assert folder.known.path is None
    assert folder.tokens.keep("host:1", "ada", "t0ken") == ""
    assert folder.outbox("host:1", "ada") is None


def test_each_account_on_each_server_has_its_own_messages(tmp_path: Path) -> None:
    folder = Paths(tmp_path)
    mine = folder.outbox("host:1", "Ada")
    assert mine is not None
    mine.keep(Unsent("n", "general", "hi"))
    mine.close()

    left = {}
    for server, account in (("host:2", "ada"), ("host:1", "grace"), ("host:1", "ADA")):
        file = folder.outbox(server, account)
        assert file is not None
        left[server, account] = len(file.take_over())
        file.close()

    assert left == {("host:2", "ada"): 0, ("host:1", "grace"): 0, ("host:1", "ADA"): 1}


def test_messages_to_an_address_that_turns_out_to_be_the_servers_are_taken_over(
    tmp_path: Path,
) -> None:
    folder = Paths(tmp_path)
    first, second = Address("chat1.example"), Address("chat2.example")
    for address, fingerprint in ((first, "SHA256:aa"), (second, "SHA256:aa"), (TLS, "SHA256:bb")):
        folder.known.remember(address, fingerprint)
        file = folder.outbox(folder.key_of(address), "ada")
        assert file is not None
        file.keep(Unsent(address.host, "general", "hi"))
        file.close()
    folder.known.learn(second, [first, TLS])

    assert folder.key_of(second) == first.key
    file = folder.outbox(folder.key_of(second), "ada")
    assert file is not None
    assert [unsent.nonce for unsent in file.take_over()] == [first.host, second.host]
    file.close()


def test_each_account_on_each_server_has_its_own_drafts(tmp_path: Path) -> None:
    mine = Paths(tmp_path).drafts("host:1", "Ada")
    mine.put("general", Draft("soup"))
    mine.keep()
    mine.close()

    folder = Paths(tmp_path)
    assert folder.drafts("host:1", "ADA").get("general") == Draft("soup")
    assert not folder.drafts("host:2", "Ada").get("general")
    assert not folder.drafts("host:1", "grace").get("general")
    assert not Paths().drafts("host:1", "Ada").get("general")


def test_the_files_have_the_names_that_the_guide_gives_them(tmp_path: Path) -> None:
    folder = Paths(tmp_path)
    folder.known.remember(TLS, "SHA256:aa")
    folder.tokens.keep("host:1", "ada", "t0ken")
    drafts, unsent = folder.drafts("host:1", "ada"), folder.outbox("host:1", "ada")
    assert unsent is not None
    drafts.put("general", Draft("soup"))
    drafts.keep()
    drafts.close()
    unsent.keep(Unsent("n", "general", "hi"))
    unsent.close()

    guide = (Path(__file__).parents[3] / "tui" / "README.md").read_text()
    for path in tmp_path.iterdir():
        assert f"| `{path.name}{'/' if path.is_dir() else ''}` |" in guide
    assert len(list(tmp_path.iterdir())) == 5


def test_names_cannot_lead_out_of_the_folder(tmp_path: Path) -> None:
    file = Paths(tmp_path / "state").outbox("unix:///../..", "../../x")
    assert file is not None
    file.keep(Unsent("n", "general", "hi"))
    file.close()

    assert [path.name for path in tmp_path.iterdir()] == ["state"]


def test_it_is_in_the_users_state_folder() -> None:
    assert state_path().name == "trialogue"


TLS, PLAIN = Address("chat.example.org"), Address("chat.example.org", plain=True)
HERE = Address("localhost")


@pytest.mark.parametrize(
    ("trust", "address", "is_offered", "known"),
    [
        ("SHA256:aa", TLS, True, "SHA256:aa"),
        (AUTHORITY, TLS, True, AUTHORITY),
        (UNENCRYPTED, TLS, True, ""),  # to more than it was stored for
        (UNENCRYPTED, PLAIN, True, ""),
        ("SHA256:aa", PLAIN, False, ""),
        (AUTHORITY, PLAIN, False, ""),
        ("", TLS, True, AUTHORITY),  # stored by an earlier version
        ("", PLAIN, False, ""),
        ("", HERE, True, ""),
    ],
)
def test_a_session_goes_only_to_a_server_known_as_it_was(
    tmp_path: Path, trust: str, address: Address, is_offered: bool, known: str
) -> None:
    folder = Paths(tmp_path)
    folder.tokens.keep(address.key, "ada", "t0ken", trust)

    assert (folder.find_session(address, "ada") is not None) is is_offered
    assert folder.known.find(address) == known


def test_what_is_known_of_a_server_is_not_replaced_by_what_a_session_knew(tmp_path: Path) -> None:
    folder = Paths(tmp_path)
    folder.tokens.keep(TLS.key, "ada", "t0ken", AUTHORITY)
    folder.known.remember(TLS, "SHA256:bb")

    assert folder.find_session(TLS, "grace") is None
    assert folder.find_session(TLS, "ada") is not None
    assert folder.known.find(TLS) == "SHA256:bb"


def test_a_session_is_offered_where_nothing_can_be_written(tmp_path: Path) -> None:
    folder = Paths(tmp_path)
    folder.tokens.keep(TLS.key, "ada", "t0ken", AUTHORITY)
    (tmp_path / "known-servers").symlink_to(tmp_path / "none" / "none")
    (tmp_path / "none").symlink_to(tmp_path / "nowhere")

    assert folder.find_session(TLS, "ada") is not None
    assert folder.known.find(TLS) == AUTHORITY
