"""A server whose store is in PostgreSQL does all that one with a file does."""

import re
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import psycopg
import pytest
import trio

from chat_server.errors import UnreachableStoreError
from chat_server.store.postgresql.storage import find_leader
from support.authority import Authority
from support.postgresql import empty_database, knows_tls
from support.postgresql_pair import postgresql_server
from support.searching import wait_found
from support.server_process import run, running


@pytest.fixture
def url() -> Iterator[str]:
    with empty_database() as url:
        yield url


def _metrics(log: str) -> str:
    """Return the metrics of the server with this log, which listens anew when it leads."""
    address = re.findall(r"metrics listening +addresses=\['tcp://([^']+)'\]", log)[-1]
    with urlopen(f"http://{address}/metrics", timeout=30) as answer:
        text: str = answer.read().decode()
    return text


async def test_people_talk_find_and_come_back_after_a_restart(url: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with running(data, "--store", url) as server:
        ada, ben = await server.connect(), await server.connect()
        await ada.register("Ada")
        await ben.register("Ben")
        password = await ada.create("Kitchen")
        await ben.join("Kitchen", password)
        soup = await ada.post("the soup is ready", "Kitchen")
        bread = await ada.post("the bread is ready", "Kitchen")
        await ben.expect_posted(2)
        await ada.edit(soup.seq, "the soup is cold", "Kitchen")
        await ada.delete(bread.seq, "Kitchen")

        assert await wait_found(ben, "cold") == ["the soup is cold"]
        assert await wait_found(ben, "the is") == ["the soup is cold"]

    async with running(data, "--store", url, "--metrics", "tcp://127.0.0.1:0") as server:
        again = await server.connect()
        welcome = await again.log_in("Ben")
        assert [room.room for room in welcome.rooms] == ["general", "Kitchen"]
        assert [line.text for line in (await again.history("Kitchen")).messages][0:1] == [
            "the soup is cold"
        ]
        assert await wait_found(again, "soup") == ["the soup is cold"]
        listed = await run("admin", "accounts", "list", "--data", data)
        metrics = await trio.to_thread.run_sync(_metrics, server.log())
    assert [line.split()[0] for line in listed.out.splitlines()] == ["account", "Ada", "Ben"]
    assert not (data / "chat.db").exists()
    for line in "trialogue_leader 1.0", "trialogue_epoch 2.0", "trialogue_synchronous_standbys 0.0":
        assert line in metrics.splitlines()


@pytest.mark.skipif(not knows_tls(), reason="this PostgreSQL was built without TLS")
async def test_the_database_is_known_by_its_certificate(tmp_path: Path) -> None:
    authority, port = Authority(), _free_port()
    (tmp_path / "root.crt").write_bytes(authority.certificate)
    (tmp_path / "other.crt").write_bytes(Authority("another").certificate)
    where = f"postgresql://chat@localhost:{port}/postgres"
    url = f"{where}?sslmode=verify-full&sslrootcert={tmp_path}/root.crt"
    with postgresql_server() as database:
        certificate, key = authority.issue("localhost")
        database.add_file("own.crt", certificate)
        database.add_file("own.key", key)
        database.stop()
        database.start(
            f"-c listen_addresses=localhost -c port={port} -c ssl=on"
            f" -c ssl_cert_file={database.folder}/own.crt"
            f" -c ssl_key_file={database.folder}/own.key"
        )
        async with running(tmp_path / "data", "--store", url) as server:
            ada = await server.connect()
            await ada.register("Ada")
            await ada.post("over TLS")
            with psycopg.connect(url) as db:
                assert db.execute(_ENCRYPTED).fetchone() == (True,)

        with pytest.raises(UnreachableStoreError, match="certificate verify failed"):
            find_leader(url.replace("root.crt", "other.crt"))
        with pytest.raises(UnreachableStoreError, match="does not match host name"):
            find_leader(url.replace("localhost", "127.0.0.1"))


_ENCRYPTED = """
    SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
    WHERE application_name = 'chat-server'
"""


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
