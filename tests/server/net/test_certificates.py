"""A key and a certificate are created once, kept private, and replaced only by valid ones."""

import ssl
from collections.abc import MutableMapping
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from socket import gethostname
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from chat_server.config import Config
from chat_server.errors import StartError
from chat_server.net.certificates import CERTIFICATE, KEY, Credentials
from chat_shared.links import fingerprint_of
from support.tls import own_credentials


def _certificate(folder: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate((folder / CERTIFICATE).read_bytes())


def _own(tmp_path: Path) -> tuple[Path, Path]:
    """Return a certificate and its key outside the data folder."""
    folder = tmp_path / "authority"
    own_credentials(folder)
    return folder / CERTIFICATE, folder / KEY


def _credentials(tmp_path: Path, certificate: Path, key: Path) -> Credentials:
    return Credentials(Config(data=tmp_path, tls_cert=certificate, tls_key=key))


def test_the_created_key_and_certificate_match_and_are_private(tmp_path: Path) -> None:
    own_credentials(tmp_path)
    key = serialization.load_pem_private_key((tmp_path / KEY).read_bytes(), None)

    assert isinstance(key, ec.EllipticCurvePrivateKey)
    assert key.curve.name == "secp256r1"
    assert key.public_key() == _certificate(tmp_path).public_key()
    assert {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {
        KEY: 0o600,
        CERTIFICATE: 0o600,
    }


def test_the_certificate_is_valid_for_ten_years_and_allows_for_clock_skew(tmp_path: Path) -> None:
    own_credentials(tmp_path)
    certificate = _certificate(tmp_path)
    length = certificate.not_valid_after_utc - certificate.not_valid_before_utc

    assert length == timedelta(days=3651)


def test_the_certificate_names_the_configured_host_and_this_machine(
    tmp_path: Path,
) -> None:
    own_credentials(tmp_path)
    names = _certificate(tmp_path).extensions.get_extension_for_class(x509.SubjectAlternativeName)

    assert names.value.get_values_for_type(x509.DNSName) == [
        "chat.example.org",
        gethostname(),
        "localhost",
    ]


def test_an_ip_address_is_named_as_an_address(tmp_path: Path) -> None:
    own_credentials(tmp_path, host="2001:db8::7")
    names = _certificate(tmp_path).extensions.get_extension_for_class(x509.SubjectAlternativeName)

    assert names.value.get_values_for_type(x509.IPAddress) == [ip_address("2001:db8::7")]


def test_the_pair_is_created_once(tmp_path: Path, logged: list[MutableMapping[str, Any]]) -> None:
    first = own_credentials(tmp_path).fingerprint
    second = own_credentials(tmp_path).fingerprint

    assert first == second
    assert [line["event"] for line in logged] == ["certificate created"]
    assert logged[0]["fingerprint"] == first


def test_links_name_the_fingerprint_of_the_certificate(tmp_path: Path) -> None:
    assert own_credentials(tmp_path).fingerprint == fingerprint_of(
        _certificate(tmp_path).public_bytes(serialization.Encoding.DER)
    )


def test_a_key_without_a_certificate_is_replaced(tmp_path: Path) -> None:
    own_credentials(tmp_path)
    (tmp_path / CERTIFICATE).rename(tmp_path / f"{CERTIFICATE}.new")  # not yet renamed into place

    own_credentials(tmp_path)

    assert {path.name for path in tmp_path.iterdir()} == {KEY, CERTIFICATE}


def test_a_certificate_that_clients_know_is_never_replaced_silently(tmp_path: Path) -> None:
    own_credentials(tmp_path)
    (tmp_path / KEY).unlink()

    with pytest.raises(
        StartError, match=r"The key of .*tls\.crt is missing\. Restore .*tls\.key from a backup"
    ):
        own_credentials(tmp_path)
    assert not (tmp_path / KEY).exists()


def test_a_certificate_that_cannot_be_created_is_reported(tmp_path: Path) -> None:
    credentials = Credentials(Config(data=tmp_path / "nowhere"))

    with pytest.raises(StartError) as caught:
        credentials.load()

    assert str(caught.value) == (
        f"Cannot create a certificate in {tmp_path / 'nowhere'}: No such file or directory. "
        "Check that this user can write there."
    )


def test_a_configured_certificate_is_used_unchanged(tmp_path: Path) -> None:
    certificate, key = _own(tmp_path)
    credentials = _credentials(tmp_path, certificate, key)
    credentials.load()

    assert not (tmp_path / KEY).exists()
    assert credentials.fingerprint == ""


def test_a_missing_file_is_named(tmp_path: Path) -> None:
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
    return b"not a key"


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (_other_key, "{certificate} and {key} are not a matching certificate and key."),
        (_locked_key, "The key {key} has a passphrase. Remove it: nobody is there to type it."),
        (_no_key, "{key} is not a private key in PEM."),
    ],
)
def test_a_key_that_cannot_be_used_is_reported_without_asking_for_a_passphrase(
    tmp_path: Path, make: Any, sentence: str
) -> None:
    certificate, key = _own(tmp_path)
    key.write_bytes(make(tmp_path))

    with pytest.raises(StartError) as caught:
        _credentials(tmp_path, certificate, key).load()
    assert str(caught.value) == sentence.format(certificate=certificate, key=key)


def test_a_chain_that_begins_with_the_authority_is_reported_as_such(tmp_path: Path) -> None:
    certificate, key = _own(tmp_path)
    own_credentials(tmp_path / "other")
    authority = (tmp_path / "other" / CERTIFICATE).read_bytes()
    certificate.write_bytes(authority + certificate.read_bytes())

    with pytest.raises(StartError) as caught:
        _credentials(tmp_path, certificate, key).load()
    assert str(caught.value) == (
        f"The server's own certificate must be the first in {certificate}, before the authorities'."
    )


def test_a_file_without_a_certificate_is_reported(tmp_path: Path) -> None:
    certificate, key = _own(tmp_path)
    certificate.write_text("garbage")

    with pytest.raises(StartError, match=f"{certificate} is not a certificate in PEM."):
        _credentials(tmp_path, certificate, key).load()


def _expire(certificate: Path, key_file: Path) -> None:
    """Replace a pair by one that was valid until yesterday."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now, day = datetime.now(UTC), timedelta(days=1)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now - 9 * day, now - day)
    pem = serialization.Encoding.PEM
    certificate.write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(pem))
    key_file.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def test_an_expired_certificate_does_not_replace_a_good_one(
    tmp_path: Path, logged: list[MutableMapping[str, Any]]
) -> None:
    certificate, key = _own(tmp_path)
    credentials = _credentials(tmp_path, certificate, key)
    credentials.load()
    good = credentials.context
    _expire(certificate, key)
    credentials.reload()

    assert credentials.context is good
    assert logged[-1]["event"] == "certificate not reloaded"
    assert "valid from" in logged[-1]["reason"]


def test_a_server_starts_with_an_expired_certificate_and_says_so(
    tmp_path: Path, logged: list[MutableMapping[str, Any]]
) -> None:
    certificate, key = _own(tmp_path)
    _expire(certificate, key)
    credentials = _credentials(tmp_path, certificate, key)
    credentials.load()

    assert logged[-1]["event"] == "certificate not valid now"
    _expire(certificate, key)
    expired = credentials.context
    credentials.reload()
    assert credentials.context is not expired  # neither is valid: the newer one is meant


def test_valid_new_files_are_loaded_and_invalid_ones_are_not(
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


def test_reloading_before_loading_does_nothing(
    tmp_path: Path, logged: list[MutableMapping[str, Any]]
) -> None:
    Credentials(Config(data=tmp_path)).reload()

    assert not logged


def test_tls_1_3_is_the_minimum(tmp_path: Path) -> None:
    assert own_credentials(tmp_path).context.minimum_version is ssl.TLSVersion.TLSv1_3
