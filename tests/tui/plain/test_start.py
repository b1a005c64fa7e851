"""Where a program's token comes from."""

from pathlib import Path

import pytest

from chat_tui.model.address import Address, Invitation
from chat_tui.plain.gave_up import GaveUp
from chat_tui.plain.start import _resume, token_in
from chat_tui.storage.paths import Paths


def test_the_environment_may_hold_the_token() -> None:
    assert token_in({"CHAT_TOKEN": " abc\n", "CHAT_TOKEN_FILE": "/nowhere"}) == "abc"


def test_or_name_the_file_that_does(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("abc\n")

    assert token_in({"CHAT_TOKEN_FILE": str(tmp_path / "token")}) == "abc"


def test_without_either_there_is_none() -> None:
    assert token_in({}) == ""


@pytest.mark.parametrize("token", ["", "\n", "x" * 100, "soß"])
def test_what_can_be_no_token_is_shown_rather_than_left_out(tmp_path: Path, token: str) -> None:
    (tmp_path / "token").write_text(token)

    with pytest.raises(GaveUp, match=r"token, named by CHAT_TOKEN_FILE, holds no token"):
        token_in({"CHAT_TOKEN_FILE": str(tmp_path / "token")})


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(GaveUp, match=r"/nowhere, named by CHAT_TOKEN_FILE"):
        token_in({"CHAT_TOKEN_FILE": "/nowhere"})


@pytest.mark.asyncio
async def test_without_a_token_a_script_uses_the_session_that_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CHAT_TOKEN", raising=False)
    monkeypatch.delenv("CHAT_TOKEN_FILE", raising=False)
    folder, to = Paths(tmp_path), Invitation(Address("test.example"))
    folder.tokens.keep(to.address.key, "ada", "kept")

    assert (await _resume(folder, to, "ada")).token == "kept"
    with pytest.raises(GaveUp):
        await _resume(folder, to, "ben")
