from pathlib import Path

import pytest

from chat_shared import messages as m
from chat_shared.errors import Code
from chat_tui.model.address import AUTHORITY, UNENCRYPTED, Address
from chat_tui.net.disconnect import Disconnect, TrustMismatch
from chat_tui.storage.known_servers import KnownServers

HOME = Address("test.example")


def test_only_a_session_that_is_gone_is_final() -> None:
    assert Disconnect("Gone.", m.Error("bad_token", "Gone.", 1)).is_final
    assert not Disconnect("Full.", m.Error("server_full", "Full.", 1)).is_final
    assert not Disconnect("The server closed the connection.").is_final


def test_the_servers_wish_to_wait_is_kept() -> None:
    assert (
        Disconnect("Full.", m.Error("server_full", "Full.", 1, retry_after=2.5)).retry_after == 2.5
    )
    assert Disconnect("Full.", m.Error("server_full", "Full.", 1)).retry_after == 0
    assert Disconnect("Full.", m.Error("server_full", "Full.", 1)).code == "server_full"
    assert (Disconnect("Cut.").retry_after, Disconnect("Cut.").code) == (0, "")


def test_less_trust_than_before_is_named() -> None:
    changed = TrustMismatch("SHA256:aa", "SHA256:bb")
    unvouched = TrustMismatch(AUTHORITY, "SHA256:bb")
    plain = TrustMismatch("SHA256:aa", UNENCRYPTED)

    assert changed.sentence(HOME) == "The fingerprint of test.example has changed."
    assert unvouched.sentence(HOME) == "No certificate authority vouches for test.example any more."
    assert plain.sentence(Address("test.example", plain=True)) == (
        "tcp://test.example isn't encrypted, and test.example always was."
    )


def test_the_advice_is_a_line_that_the_file_of_known_servers_accepts(tmp_path: Path) -> None:
    address, path = Address("test.example", plain=True), tmp_path / "known-servers"
    advice = TrustMismatch(AUTHORITY, UNENCRYPTED).advice(address, path)
    path.write_text(advice.split('"')[1] + "\n")

    assert advice.startswith("It was authority and is unencrypted: ask its operator.")
    assert TrustMismatch(AUTHORITY, UNENCRYPTED).advice(address, None) == (
        "It was authority and is unencrypted: ask its operator."
    )
    assert KnownServers(path).find(address) == UNENCRYPTED

    path.write_text(TrustMismatch(AUTHORITY, "SHA256:bb").advice(HOME, path).split('"')[1])
    assert KnownServers(path).find(HOME) == "SHA256:bb"


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ("your time as a guest is over", "Your time as a guest is over."),
        ("The server closed the connection.", "The server closed the connection."),
        ("", "Log in again."),
    ],
)
def test_a_refused_token_is_explained_by_why_the_account_ended(reason: str, sentence: str) -> None:
    refused = Disconnect("Log in again.", m.Error(Code.BAD_TOKEN, "Log in again."))
    ending = refused.explained_by(Disconnect(reason))

    assert ending.reason == sentence
    assert ending.is_final
    assert ending.code == Code.BAD_TOKEN
