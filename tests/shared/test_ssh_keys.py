"""Which public keys can log in, compared with those that OpenSSH makes."""

import subprocess
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, strategies as st

from chat_shared.errors import BadSshKey
from chat_shared.limits import MAX_SSH_KEY, MAX_SSH_KEY_COMMENT
from chat_shared.ssh_keys import is_end_of_private, is_private, parse_key
from support.ssh_keys import KEY, OTHER, line_of

_RSA_2048 = (1 << 2047 | 1).to_bytes(257)
_P256 = b"\4" + bytes(64)


def _refused(text: str) -> str:
    with pytest.raises(BadSshKey) as caught:
        parse_key(text)
    return str(caught.value)


@pytest.mark.parametrize(
    "options", ["-t ed25519", "-t rsa -b 2048", *(f"-t ecdsa -b {n}" for n in (256, 384, 521))]
)
def test_a_key_of_openssh_is_known_by_the_same_fingerprint(tmp_path: Path, options: str) -> None:
    file = tmp_path / "id"
    comment = "ada @ laptop"
    made = ["ssh-keygen", "-q", "-N", "", "-C", comment, *options.split(), "-f", str(file)]
    subprocess.run(made, check=True)
    shown = subprocess.run(
        ["ssh-keygen", "-l", "-f", file], capture_output=True, text=True, check=True
    ).stdout

    parsed = parse_key(file.with_suffix(".pub").read_text())

    assert parsed.fingerprint == shown.split()[1]
    assert parsed.comment == comment
    assert parse_key(str(parsed)) == parsed
    assert "private key" in _refused(file.read_text())


@pytest.mark.parametrize(
    "text",
    [
        line_of("sk-ssh-ed25519@openssh.com", bytes(32), b"ssh:"),
        line_of("sk-ecdsa-sha2-nistp256@openssh.com", b"nistp256", _P256, b"ssh:"),
    ],
)
def test_a_key_of_a_security_token_can_log_in(text: str) -> None:
    assert str(parse_key(text)) == text


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "isn't a public key"),
        ("ssh-ed25519", "isn't a public key"),
        ("ssh-ed25519 AAAA", "isn't a public key"),
        ("ssh-ed25519 not/base64! ada", "isn't a public key"),
        (f"{KEY}\n{OTHER}", "isn't a public key"),
        (f'from="10.0.0.1" {KEY}', "isn't a public key"),
        (KEY.replace("ssh-ed25519", "ssh-rsa"), "isn't a public key"),
        (f"{KEY} {'x' * MAX_SSH_KEY}", "The key has 4,092 characters; the limit is 4,000."),
        (line_of("ssh-ed25519", bytes(31)), "isn't a public key"),
        (line_of("ssh-ed25519", bytes(32), b"more"), "isn't a public key"),
        (line_of("ssh-ed25519"), "isn't a public key"),
        (line_of("ssh-rsa", b"\1\0\1"), "isn't a public key"),
        (line_of("ssh-rsa", b"\1" + bytes(255), _RSA_2048), "isn't a public key"),
        (line_of("ssh-rsa", b"\1\0\1", b"\1" + bytes(2_300)), "isn't a public key"),
        (line_of("ssh-rsa", b"\1\0\1", b"\1" + bytes(254)), "at least 2,048 bits"),
        (line_of("ecdsa-sha2-nistp256", b"nistp256", bytes(33)), "isn't a public key"),
        (line_of("ssh-dss", bytes(129), bytes(21), bytes(128), bytes(128)), "of this type"),
        (line_of("ssh-ed25519-cert-v01@openssh.com", bytes(32)), "Certificates"),
        (line_of("\x1b[2J", bytes(32)), "of this type"),
    ],
)
def test_what_cannot_log_in_gets_a_sentence(text: str, sentence: str) -> None:
    assert sentence in _refused(text)


@pytest.mark.parametrize(
    "begin",
    [
        "-----BEGIN OPENSSH PRIVATE KEY-----",
        "-----BEGIN RSA PRIVATE KEY-----",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----",
        "PuTTY-User-Key-File-3: ssh-ed25519",
        "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ",
    ],
)
def test_of_a_private_key_the_first_line_is_enough(begin: str) -> None:
    assert is_private(begin)
    assert "Replace it" in _refused(begin)


@pytest.mark.parametrize("end", ["-----END OPENSSH PRIVATE KEY-----", "Private-MAC: 8bf0a9"])
def test_the_end_of_a_private_key_is_recognized(end: str) -> None:
    assert is_end_of_private(end)
    assert not is_end_of_private("b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ")


def test_a_comment_is_cleaned_and_cut() -> None:
    assert parse_key(f"{KEY}\x1b[2J").comment == "ada@laptop␛[2J"
    assert (
        parse_key(f"{KEY} {'x' * 200}").comment == f"ada@laptop {'x' * 200}"[:MAX_SSH_KEY_COMMENT]
    )
    assert parse_key(f"{KEY} about my private key").comment.endswith("private key")


@given(st.text() | st.builds("ssh-ed25519 {}".format, st.text()))
def test_anything_is_a_key_or_gets_a_sentence_that_does_not_quote_it(text: str) -> None:
    assert len(text) < 20 or text not in _sentence(text)


def _sentence(text: str) -> str:
    try:
        parse_key(text)
    except BadSshKey as exc:
        return str(exc)
    return ""


def test_a_key_that_was_cut_off_or_changed_in_its_sizes_is_none() -> None:
    kind, encoded, _ = KEY.split()
    for length in range(len(encoded)):
        assert _refused(f"{kind} {encoded[:length]}")
    chance = Random(7)
    for _ in range(200):
        at = chance.randrange(0, 20)  # in the sizes and the type
        changed = chance.choice([sign for sign in "ABCDxyz0189+/" if sign != encoded[at]])
        assert _refused(f"{kind} {encoded[:at]}{changed}{encoded[at + 1 :]}")
