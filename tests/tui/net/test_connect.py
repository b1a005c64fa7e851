"""Which servers are believed, in TLS with certificates as the server makes them."""

import re
import ssl
from dataclasses import replace
from pathlib import Path

import pytest

from chat_tui.model.address import AUTHORITY, UNENCRYPTED, Address, Place, read_address
from chat_tui.net.connect import NotConnected, UnverifiedServer, connect
from chat_tui.net.disconnect import TrustMismatch
from chat_tui.storage.known_servers import KnownServers
from support.listener import greeting, listening

pytestmark = pytest.mark.asyncio

OTHER = f"SHA256:{'0' * 64}"


async def test_a_first_visit_stops_before_anything_is_sent_or_remembered(tmp_path: Path) -> None:
    known = KnownServers(tmp_path / "known-servers")
    async with listening(tmp_path / "tls") as there:
        with pytest.raises(UnverifiedServer, match="first connection") as refusal:
            await connect(there.address, known)

        assert refusal.value.mismatch == TrustMismatch("", there.fingerprint)
        assert known.find(there.address) == ""
        await there.done.wait()
        assert there.received == b""


async def test_a_server_is_connected_to_by_the_fingerprint_that_was_confirmed(
    tmp_path: Path,
) -> None:
    known = KnownServers(tmp_path / "known-servers")
    async with listening(tmp_path / "tls") as there:
        known.remember(there.address, there.fingerprint)
        transport = await connect(there.address, known)

        assert transport.problem == ""
        assert transport.place == Place(
            there.address, encrypted=True, fingerprint=there.fingerprint
        )
        assert await greeting(transport) == b"hello\n"


async def test_another_fingerprint_stops_before_anything_is_sent(tmp_path: Path) -> None:
    known = KnownServers(tmp_path / "known-servers")
    async with listening(tmp_path / "tls") as there:
        known.remember(there.address, OTHER)
        with pytest.raises(UnverifiedServer) as refusal:
            await connect(there.address, known)

        assert refusal.value.mismatch == TrustMismatch(OTHER, there.fingerprint)
        assert known.find(there.address) == OTHER
        await there.done.wait()
        assert there.received == b""


async def test_a_link_with_the_right_fingerprint_makes_no_first_visit(tmp_path: Path) -> None:
    known = KnownServers(tmp_path / "known-servers")
    async with listening(tmp_path / "tls") as there:
        transport = await connect(there.address, known, there.fingerprint)

        assert known.find(there.address) == there.fingerprint
        await greeting(transport)


async def test_a_link_with_another_fingerprint_goes_nowhere(tmp_path: Path) -> None:
    known = KnownServers(tmp_path / "known-servers")
    async with listening(tmp_path / "tls") as there:
        with pytest.raises(NotConnected) as refusal:
            await connect(there.address, known, OTHER)

        assert not isinstance(refusal.value, UnverifiedServer)
        assert OTHER in str(refusal.value)
        assert there.fingerprint in str(refusal.value)
        assert known.find(there.address) == ""
        await there.done.wait()
        assert there.received == b""


async def test_a_link_does_not_talk_anybody_out_of_what_is_known(tmp_path: Path) -> None:
    known = KnownServers(tmp_path / "known-servers")
    async with listening(tmp_path / "tls") as there:
        known.remember(there.address, OTHER)
        with pytest.raises(UnverifiedServer):
            await connect(there.address, known, there.fingerprint)


async def test_what_the_authorities_vouch_for_is_no_first_visit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = KnownServers(tmp_path / "known-servers")
    async with listening(tmp_path / "tls") as there:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "tls" / "tls.crt"))
        transport = await connect(there.address, known)

        assert transport.place == Place(there.address, encrypted=True)
        assert known.find(there.address) == AUTHORITY
        await greeting(transport)


async def test_what_the_authorities_vouch_for_is_believed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = KnownServers()
    async with listening(tmp_path / "tls") as there:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "tls" / "tls.crt"))
        await greeting(await connect(there.address, known))

        for link in ("", there.fingerprint):
            transport = await connect(there.address, known, link)
            assert transport.place == Place(there.address, encrypted=True)
            assert await greeting(transport) == b"hello\n"


async def test_a_server_that_authorities_vouched_for_is_believed_no_less_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = KnownServers(tmp_path / "known-servers")
    async with listening(tmp_path / "tls") as there:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "tls" / "tls.crt"))
        await greeting(await connect(there.address, known))
        there.received = b""
        monkeypatch.delenv("SSL_CERT_FILE")

        for link in ("", there.fingerprint):  # an attacker can send a link too
            with pytest.raises(UnverifiedServer, match="No certificate authority") as refusal:
                await connect(there.address, known, link)
            assert refusal.value.mismatch == TrustMismatch(AUTHORITY, there.fingerprint)
        assert known.find(there.address) == AUTHORITY

        known.remember(there.address, there.fingerprint)  # by the user's word
        await greeting(await connect(there.address, known))
        assert there.received == b""


async def test_a_link_with_another_fingerprint_leads_to_no_vouched_server_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = KnownServers()
    async with listening(tmp_path / "tls") as there:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "tls" / "tls.crt"))
        await greeting(await connect(there.address, known))

        with pytest.raises(NotConnected, match="Ask the person who gave you the link"):
            await connect(there.address, known, OTHER)


async def test_what_was_known_in_this_run_holds_without_its_file(tmp_path: Path) -> None:
    known = KnownServers(tmp_path / "known-servers")
    async with listening(tmp_path / "tls") as there:
        known.remember(there.address, OTHER)
        (tmp_path / "known-servers").unlink()

        with pytest.raises(UnverifiedServer):
            await connect(there.address, known)


@pytest.mark.parametrize("trust", [OTHER, AUTHORITY])
async def test_an_encrypted_server_is_reached_without_encryption_only_by_the_users_word(
    trust: str,
) -> None:
    known = KnownServers()
    async with listening() as there:
        plain = replace(there.address, plain=True)
        known.remember(there.address, trust)
        with pytest.raises(UnverifiedServer, match="isn't encrypted") as refusal:
            await connect(plain, known)
        assert refusal.value.mismatch == TrustMismatch(trust, UNENCRYPTED)
        assert there.received == b""

        known.remember(plain, UNENCRYPTED)
        transport = await connect(plain, known)
        assert not transport.place.encrypted
        assert known.find(there.address) == trust
        await greeting(transport)


async def test_who_asks_for_tls_gets_tls_on_this_computer_too() -> None:
    async with listening() as there:
        address = read_address(f"tls://127.0.0.1:{there.address.port}")
        plain = re.escape(f"tcp://127.0.0.1:{there.address.port} connects without encryption")

        with pytest.raises(NotConnected, match=plain):
            await connect(address, KnownServers())


@pytest.mark.parametrize(
    "host", ["127.1", "0x7f.1", "2130706433", "127.0.0.1.", "::ffff:127.0.0.1"]
)
async def test_another_spelling_is_the_same_server(tmp_path: Path, host: str) -> None:
    known = KnownServers(tmp_path / "known-servers")
    async with listening(tmp_path / "tls") as there:
        known.remember(there.address, OTHER)

        with pytest.raises(UnverifiedServer):
            await connect(replace(there.address, host=host), known)


async def test_they_vouch_for_a_name_and_for_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with listening(tmp_path / "tls", host="chat.example.org") as there:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "tls" / "tls.crt"))
        with pytest.raises(UnverifiedServer, match="first connection"):
            await connect(there.address, KnownServers())


async def test_a_server_that_once_spoke_tls_is_not_believed_without_it() -> None:
    known = KnownServers()
    async with listening() as there:
        known.remember(there.address, OTHER)

        with pytest.raises(NotConnected, match=r"does not support TLS 1\.3"):
            await connect(there.address, known)
        assert there.received[:1] in (b"", b"\x16")  # at most a handshake


async def test_a_link_with_a_fingerprint_is_never_followed_without_tls() -> None:
    async with listening() as there:
        with pytest.raises(NotConnected, match=r"does not support TLS 1\.3"):
            await connect(there.address, KnownServers(), OTHER)


async def test_elsewhere_nothing_is_shown_without_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Address, "is_loopback", False)
    async with listening() as there:
        with pytest.raises(NotConnected) as refusal:
            await connect(there.address, KnownServers())

        assert f"tcp://{there.address} connects without encryption" in str(refusal.value)


async def test_older_tls_is_none(tmp_path: Path) -> None:
    known = KnownServers()
    async with listening(tmp_path / "tls", newest=ssl.TLSVersion.TLSv1_2) as there:
        known.remember(there.address, there.fingerprint)

        with pytest.raises(NotConnected):
            await connect(there.address, known)
        assert there.received == b""


async def test_a_file_that_cannot_be_read_makes_no_server_a_new_one(tmp_path: Path) -> None:
    path = tmp_path / "known-servers"
    path.write_text("two words\nand three words\n")
    async with listening(tmp_path / "tls") as there:
        with pytest.raises(NotConnected, match="line 2"):
            await connect(there.address, KnownServers(path))


async def test_a_fingerprint_that_cannot_be_remembered_is_shown_with_the_reason(
    tmp_path: Path,
) -> None:
    (tmp_path / "file").write_text("")
    async with listening(tmp_path / "tls") as there:
        known = KnownServers(tmp_path / "none" / "known-servers")
        (tmp_path / "none").symlink_to(tmp_path / "nowhere")
        transport = await connect(there.address, known, there.fingerprint)

        assert "Can't write" in transport.problem
        await greeting(transport)
