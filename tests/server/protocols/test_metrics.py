"""The metrics: current values over plain HTTP, without names."""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import cast

import pytest
import trio
import trio.testing
from prometheus_client.parser import text_string_to_metric_families
from trio.testing import memory_stream_pair

from chat_server.protocols.metrics import exposition, role_exposition
from chat_server.protocols.metrics_endpoint import MetricsEndpoint
from chat_server.requests.handlers import HANDLERS
from chat_server.sessions.blocks import INTERRUPTED
from chat_server.store.api import StoreError
from chat_server.store.postgresql.replication import Standby
from chat_server.store.threads import Storage
from chat_shared import messages as m
from support.file_transfers import begin, download, post, send, server_with_files, upload
from support.inline_storage import InlineStorage
from support.running_server import RunningServer, running_server
from support.store_faults import FaultyStorage


async def read_samples(server: RunningServer) -> dict[str, float]:
    """Return the samples by name, followed by their labels."""
    text = (await exposition(server.services, server.storage)).decode()
    return {
        sample.name + "".join(sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_metrics_show_the_current_values(server: RunningServer) -> None:
    ada, ben = await server.log_in("Ada"), await server.log_in("Ben")
    await server.log_in("Ben")
    await server.connect()
    await ada.create("kitchen")
    await ada.post("to three devices")
    await ada.post("to one", room="kitchen")
    await ben.aclose()
    await trio.testing.wait_all_tasks_blocked()

    samples = await read_samples(server)

    assert samples["trialogue_sessions"] == 3
    assert samples["trialogue_accounts_online"] == 2
    assert samples["trialogue_accounts"] == 2
    assert samples["trialogue_rooms"] == 2
    assert samples["trialogue_posts_total"] == 2
    assert samples["trialogue_posts_refused_total"] == 0
    assert samples["trialogue_deliveries_total"] == 4
    assert samples["trialogue_journal_batches_total"] == 2
    assert samples["trialogue_journal_store_seconds_total"] > 0
    assert samples["trialogue_database_bytes"] > 0


async def test_files_are_counted(disk_storage: Storage, tmp_path: Path) -> None:
    async with server_with_files(disk_storage, tmp_path) as server:
        ada = await server.log_in("Ada")
        id = await upload(ada, bytes(50_000))
        accepted = await post(ada, id)
        await download(ada, id, 50_000, limit=20_000)
        await ada.delete(accepted.seq)
        await begin(ada, bytes(6_000))
        other = await begin(ada, bytes(5_000))
        await send(ada, other.upload, 0, b"\0")
        samples = await read_samples(server)

    assert samples["trialogue_file_bytes"] == 11_000
    assert samples["trialogue_file_bytes_received_total"] == 50_001
    assert samples["trialogue_file_bytes_sent_total"] == 50_000
    assert samples["trialogue_transfers"] == 1
    assert samples["trialogue_unneeded_blobs"] == 1


async def test_sessions_that_ended_are_counted_by_their_reason(server: RunningServer) -> None:
    ada = await server.log_in("Ada")
    await ada.send_bytes(b"garbage\n")
    await ada.receive_all()
    await (await server.log_in("Ben")).aclose()
    await trio.testing.wait_all_tasks_blocked()

    samples = await read_samples(server)

    ended = {name: value for name, value in samples.items() if "ended" in name}
    assert ended == {
        "trialogue_sessions_ended_totalprotocol error": 1,
        "trialogue_sessions_ended_totalclient disconnected": 1,
    }


async def test_the_parts_of_the_server_and_their_failures_are_shown(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    ada = await faulty_server.log_in("Ada")
    with faults.unexpected_errors():
        await ada.refusal(ada.draft("lost"))
    await trio.testing.wait_all_tasks_blocked()  # until it runs again

    samples = await read_samples(faulty_server)

    assert samples["trialogue_part_failures_totaljournal"] == 1
    assert samples["trialogue_part_runningjournal"] == 1
    assert samples["trialogue_part_failures_totalpresence"] == 0


async def test_a_crash_is_counted_as_such(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(HANDLERS, cast("type[m.Request]", m.Ping), None)
    ada = await server.log_in("Ada")
    await ada.send(m.Ping(id=1))

    assert (await ada.receive_all())[-1] == m.Bye(INTERRUPTED)
    await trio.testing.wait_all_tasks_blocked()
    samples = await read_samples(server)
    assert samples[f"trialogue_sessions_ended_total{INTERRUPTED}"] == 1


async def test_refused_posts_are_counted(storage: InlineStorage) -> None:
    faulty = FaultyStorage(storage)
    async with running_server(faulty) as server:
        ada = await server.log_in("Ada")
        with faulty.full_disk():
            await ada.refusal(ada.draft("lost"))

        samples = await read_samples(server)

    assert samples["trialogue_posts_refused_total"] == 1
    assert samples["trialogue_posts_total"] == 0


async def test_metrics_contain_no_names(server: RunningServer) -> None:
    ada = await server.log_in("Ada")
    await ada.create("kitchen")
    await ada.post("private text")

    text = await exposition(server.services, server.storage)

    assert not re.search(rb"(?i)ada\b|kitchen|private", text)


async def exposed() -> bytes:
    return b"trialogue_sessions 3.0\n"


async def cannot_read() -> bytes:
    raise StoreError("disk I/O error")


async def fetch(request: bytes, source: Callable[[], Awaitable[bytes]] = exposed) -> bytes:
    """Return the response to `request`."""
    theirs, ours = memory_stream_pair()
    await theirs.send_all(request)
    await theirs.send_eof()
    await MetricsEndpoint(source)(ours)
    answer = b""
    async for data in theirs:
        answer += data
    return answer


async def test_a_metrics_request_is_answered_and_the_connection_closed() -> None:
    answer = await fetch(b"GET /metrics HTTP/1.1\r\nHost: localhost:9667\r\n\r\n")

    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    assert b"Content-Length: 23" in head
    assert b"Connection: close" in head
    assert body == b"trialogue_sessions 3.0\n"


async def test_a_query_string_is_ignored() -> None:
    assert b" 200 " in await fetch(b"GET /metrics?x=1 HTTP/1.1\r\nHost: localhost:9667\r\n\r\n")


async def test_other_paths_and_methods_are_refused() -> None:
    assert b" 404 " in await fetch(b"GET / HTTP/1.1\r\nHost: localhost:9667\r\n\r\n")
    assert b" 405 " in await fetch(b"DELETE /metrics HTTP/1.1\r\nHost: localhost:9667\r\n\r\n")


async def test_a_store_that_cannot_be_read_is_a_503() -> None:
    assert b" 503 " in await fetch(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n", cannot_read)


@pytest.mark.parametrize(
    "request_",
    [
        b"",
        b"\x16\x03\x01garbage\r\n\r\n",
        b"GET /metrics",
        b"GET / HTTP/1.1\r\n\r\n",
        b"x" * 99_999,
    ],
    ids=["nothing", "tls", "half", "no-host", "endless"],
)
async def test_an_invalid_http_request_gets_no_metrics(request_: bytes) -> None:
    assert b" 200 " not in await fetch(request_)


async def test_a_silent_metrics_connection_is_closed(autojump_clock: trio.abc.Clock) -> None:
    theirs, ours = memory_stream_pair()

    with trio.fail_after(3):
        await MetricsEndpoint(exposed)(ours)

    assert await theirs.receive_some() == b""


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:9667", "[::1]:9667", "127.3.2.1"])
async def test_metrics_are_for_those_who_ask_this_machine(host: str) -> None:
    answer = await fetch(f"GET /metrics HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())

    assert answer.startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:9667", "", "127.0.0.1.evil.example"]
)
async def test_a_page_whose_name_leads_here_gets_no_metrics(host: str) -> None:
    answer = await fetch(f"GET /metrics HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())

    assert answer.startswith(b"HTTP/1.1 421 ")
    assert b"trialogue" not in answer


def test_servers_with_the_same_store_tell_which_one_leads() -> None:
    families = text_string_to_metric_families(role_exposition(leads=True, epoch=3).decode())

    assert {family.name: family.samples[0].value for family in families} == {
        "trialogue_leader": 1,
        "trialogue_epoch": 3,
    }


def test_a_leader_tells_how_far_the_standbys_of_its_database_are_behind() -> None:
    standbys = (
        Standby("db2", is_synchronous=True, lag=0),
        Standby("db3", is_synchronous=False, lag=4_096),
    )

    text = role_exposition(leads=True, epoch=3, standbys=standbys).decode()

    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert samples == {
        ("trialogue_leader",): 1,
        ("trialogue_epoch",): 3,
        ("trialogue_synchronous_standbys",): 1,
        ("trialogue_standby_lag_bytes", "db2"): 0,
        ("trialogue_standby_lag_bytes", "db3"): 4_096,
    }
