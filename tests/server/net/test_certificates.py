"""A key and a certificate are made once, kept private, and replaced only by better ones."""

import ssl
from collections.abc import MutableMapping
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from socket import gethostname
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from chat_server.config import Config
from chat_server.errors import StartError
from chat_server.net.certificates import CERTIFICATE, KEY, Credentials
from chat_shared.links import fingerprint_of, parse_link
from support.tls import own_credentials


def _certificate(folder: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate((folder / CERTIFICATE).read_bytes())


def _own(tmp_path: Path) -> tuple[Path, Path]:
    """Return a certificate and its key that are not in the data folder."""
    folder = tmp_path / "authority"
    own_credentials(folder)
    return folder / CERTIFICATE, folder / KEY


def _credentials(tmp_path: Path, certificate: Path, key: Path) -> Credentials:
    return Credentials(Config(data=tmp_path, tls_cert=certificate, tls_key=key))


def test_the_pair_that_is_made_belongs_together_and_to_nobody_else(tmp_path: Path) -> None:
    own_credentials(tmp_path)
    key = serialization.load_pem_private_key((tmp_path / KEY).read_bytes(), None)

    assert isinstance(key, ec.EllipticCurvePrivateKey)
    assert key.curve.name == "secp256r1"
    assert key.public_key() == _certificate(tmp_path).public_key()
    assert {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {
        KEY: 0o600,
        CERTIFICATE: 0o600,
    }


def test_the_certificate_holds_for_ten_years_and_for_clocks_that_are_behind(tmp_path: Path) -> None:
    own_credentials(tmp_path)
    certificate = _certificate(tmp_path)
    length = certificate.not_valid_after_utc - certificate.not_valid_before_utc

    assert length == timedelta(days=3651)


def test_the_certificate_names_the_server_as_people_reach_it_and_this_machine(
    tmp_path: Path,
) -> None:
    own_credentials(tmp_path)
    names = _certificate(tmp_path).extensions.get_extension_for_class(x509.SubjectAlternativeName)

    assert names.value.get_values_for_type(x509.DNSName) == [
        "chat.example.org",
        gethostname(),
        "localhost",
    ]


def test_an_address_is_named_as_one(tmp_path: Path) -> None:
    own_credentials(tmp_path, host="2001:db8::7")
    names = _certificate(tmp_path).extensions.get_extension_for_class(x509.SubjectAlternativeName)

    assert names.value.get_values_for_type(x509.IPAddress) == [ip_address("2001:db8::7")]


def test_it_is_made_once(tmp_path: Path, logged: list[MutableMapping[str, Any]]) -> None:
    first = own_credentials(tmp_path).link(7667)
    second = own_credentials(tmp_path).link(7667)

    assert first == second
    assert [line["event"] for line in logged] == ["certificate created"]
    assert logged[0]["fingerprint"] == first.fingerprint


def test_the_link_says_where_and_by_what_to_know_it(tmp_path: Path) -> None:
    link = parse_link(str(own_credentials(tmp_path).link(99)))

    assert (link.host, link.port, link.room, link.password) == ("chat.example.org", 99, "", "")
    assert link.fingerprint == fingerprint_of(
        _certificate(tmp_path).public_bytes(serialization.Encoding.DER)
    )


def test_a_key_that_a_crash_left_alone_is_replaced(tmp_path: Path) -> None:
    own_credentials(tmp_path)
    (tmp_path / CERTIFICATE).rename(tmp_path / f"{CERTIFICATE}.new")  # half-way into place

    own_credentials(tmp_path)

    assert {path.name for path in tmp_path.iterdir()} == {KEY, CERTIFICATE}


def test_a_certificate_that_people_know_is_not_replaced_behind_their_backs(tmp_path: Path) -> None:
    own_credentials(tmp_path)
    (tmp_path / KEY).unlink()

    with pytest.raises(
        StartError, match=r"The key of .*tls\.crt is missing\. Restore .*tls\.key from a backup"
    ):
        own_credentials(tmp_path)
    assert not (tmp_path / KEY).exists()


def test_where_none_can_be_written_a_sentence_says_so(tmp_path: Path) -> None:
    credentials = Credentials(Config(data=tmp_path / "nowhere"))

    with pytest.raises(StartError, match=r"Cannot create a certificate in .*nowhere: "):
        credentials.load()


def test_one_of_the_operators_own_is_used_as_it_is(tmp_path: Path) -> None:
    certificate, key = _own(tmp_path)
    credentials = _credentials(tmp_path, certificate, key)
    credentials.load()

    assert not (tmp_path / KEY).exists()
    assert credentials.link(7667).fingerprint == ""


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    certificate, key = _own(tmp_path)
    for missing in (certificate, key):
        missing.rename(tmp_path / "away")
        with pytest.raises(StartError, match=f"Cannot read {missing}: No such file"):
            _credentials(tmp_path, certificate, key).load()
        (tmp_path / "away").rename(missing)


def _other_key(tmp_path: Path) -> bytes:
    own_credentials(tmp_path / "other")
    return (tmp_path / "other" / KEY).read_bytes()


def _locked_key(_: Path) -> bytes:
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"open sesame"),
    )


def _no_key(_: Path) -> bytes:
    return b"dear diary"


@pytest.mark.parametrize("make", [_other_key, _locked_key, _no_key])
def test_what_does_not_belong_together_is_a_sentence_and_asks_nobody_for_a_passphrase(
    tmp_path: Path, make: Any
) -> None:
    certificate, key = _own(tmp_path)
    key.write_bytes(make(tmp_path))

    with pytest.raises(StartError, match=r"are not a certificate and its key. Both must be PEM"):
        _credentials(tmp_path, certificate, key).load()


def test_new_files_are_taken_up_and_bad_ones_are_not(
    tmp_path: Path, logged: list[MutableMapping[str, Any]]
) -> None:
    certificate, key = _own(tmp_path)
    credentials = _credentials(tmp_path, certificate, key)
    credentials.load()
    first = credentials.context

    credentials.reload()
    second = credentials.context
    key.write_bytes(_no_key(tmp_path))
    credentials.reload()

    assert first is not second
    assert credentials.context is second
    assert [line["event"] for line in logged][-2:] == [
        "certificate reloaded",
        "certificate not reloaded",
    ]
    assert str(key) in logged[-1]["reason"]


def test_before_there_is_anything_to_read_again_nothing_is_read(
    tmp_path: Path, logged: list[MutableMapping[str, Any]]
) -> None:
    Credentials(Config(data=tmp_path)).reload()

    assert not logged


def test_nothing_older_than_tls_1_3_is_spoken(tmp_path: Path) -> None:
    assert own_credentials(tmp_path).context.minimum_version is ssl.TLSVersion.TLSv1_3
