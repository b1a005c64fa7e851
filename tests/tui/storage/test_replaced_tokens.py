"""A token is replaced in two steps, so that one that works is stored at every moment."""

from pathlib import Path

import pytest

from chat_tui.storage.tokens import StoredToken, Tokens, digest
from support.tui_keyring import Ring

SERVER = "host:1"


@pytest.fixture(params=["file", "keyring", "memory"])
def tokens(tmp_path: Path, request: pytest.FixtureRequest) -> Tokens:
    path = None if request.param == "memory" else tmp_path / "sessions.json"
    tokens = Tokens(path, Ring() if request.param == "keyring" else None)
    tokens.keep(SERVER, "Ada", "old")
    return tokens


def test_both_are_stored_until_it_is_known_which_one_it_is(tokens: Tokens) -> None:
    tokens.expect(SERVER, "old", "new")
    assert tokens.find(SERVER, "ada") == StoredToken("Ada", "old", next="new")
    assert tokens.others(SERVER, "old") == ["new"]

    tokens.settle(SERVER, "new")
    assert tokens.find(SERVER, "ada") == StoredToken("Ada", "new", was=digest("old"))


def test_one_that_was_not_replaced_after_all_stays(tokens: Tokens) -> None:
    tokens.expect(SERVER, "old", "new")

    tokens.settle(SERVER, "old")

    assert tokens.find(SERVER, "ada") == StoredToken("Ada", "old")
    assert tokens.others(SERVER, "old") == []


def test_another_client_with_the_replaced_token_finds_the_new_one(tokens: Tokens) -> None:
    tokens.expect(SERVER, "old", "new")
    tokens.settle(SERVER, "new")
    tokens.keep(SERVER, "Ada", "new", "authority")  # as a third client does that resumes it

    assert tokens.others(SERVER, "old") == ["new"]
    assert tokens.others(SERVER, "another account's") == []
    tokens.keep(SERVER, "Ada", "old")  # a late one stores no token that has ended
    tokens.forget(SERVER, "old")  # nor does it delete what is not its own
    assert tokens.find(SERVER, "") is not None
    tokens.forget(SERVER, "new")
    assert tokens.find(SERVER, "") is None
    assert tokens.others(SERVER, "new") == []


def test_a_session_that_is_not_stored_leaves_the_stored_one_alone(tokens: Tokens) -> None:
    tokens.expect(SERVER, "of a script", "new")
    tokens.settle(SERVER, "new")

    assert tokens.find(SERVER, "") == StoredToken("Ada", "old")
    assert tokens.keep(SERVER, "Ada", "old") == ""  # nothing to change, and nothing went wrong


def test_neither_is_in_the_file_if_there_is_a_keyring(tmp_path: Path) -> None:
    path = tmp_path / "sessions.json"
    tokens = Tokens(path, Ring())
    tokens.keep(SERVER, "Ada", "0ld-t0ken")
    tokens.expect(SERVER, "0ld-t0ken", "new-t0ken")

    assert "t0ken" not in path.read_text()
