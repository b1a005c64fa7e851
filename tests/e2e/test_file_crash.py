"""A server killed while people upload, post and delete files loses none and leaks none.

`FILE_CRASH_ROUNDS` sets how often it is killed, `CRASH_SEED` the moments.
"""

import os
import random
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import trio

from chat_server import clock
from chat_server.config import Config
from chat_server.files.sweeping import FileSweeper
from chat_server.services import build_services
from chat_server.store.api.files import blob_of
from chat_server.store.sqlite.storage import open_storage
from support.bucket import BucketService, bucket_service
from support.file_senders import FileSender
from support.server_process import ServerProcess, running

_ROUNDS = int(os.environ.get("FILE_CRASH_ROUNDS", "2"))
_SEED = int(os.environ.get("CRASH_SEED", "1"))

_SENDERS = 4
_FLAGS = [
    *("--limits.posts", "1000000", "--limits.requests", "1000000", "--limits.free-disk", "0"),
    *("--limits.transfers", "1000", "--limits.transfers-per-account", "1000"),
    *("--limits.transfer-burst", "1000000000", "--limits.uploads", "1000000"),
]


@pytest.fixture
def service() -> Iterator[BucketService]:
    with bucket_service() as service:
        yield service


async def _send_until_killed(server: ServerProcess, senders: list[FileSender], seed: int) -> None:
    chance = random.Random(seed)
    missing, enough = chance.randrange(1, 150), trio.Event()

    def answered() -> None:
        nonlocal missing
        missing -= 1
        if missing <= 0:
            enough.set()

    peers = [await sender.log_in(server.connect) for sender in senders]
    async with trio.open_nursery() as nursery:
        for sender, peer in zip(senders, peers, strict=True):
            nursery.start_soon(sender.send_until_cut, peer, answered)
        await enough.wait()
        await trio.sleep(chance.uniform(0, 0.005))  # to any point of any step
        server.process.send_signal(signal.SIGKILL)


async def _sweep(config: Config) -> tuple[int, int]:
    """Sweep as a server does at its start; return how many blobs and uploads are there then.

    All that is on the disk is what the database names, and the other way round.
    """
    async with open_storage(config.data / "chat.db") as storage:
        services = await build_services(config, storage)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(services.file_threads.run)
            await FileSweeper(storage, services.uploads, clock.now).sweep()
            services.file_threads.close()
        blobs, spooled = services.uploads.blobs, services.uploads.spool.ids()
        sizes = dict(blobs.sizes())
        named = {
            key: size for key, size, _ in await storage.read(lambda store: store.blobs("", 100_000))
        }
        # It was killed before the row of an upload said that it is whole: it goes on as such.
        half = {*spooled, *(blob_of(key)[1] for key in sizes.keys() - named)}
        uploads = await storage.read(lambda store: store.uploads(half))
        assert await storage.read(lambda store: store.unneeded_blobs(1)) == []

    assert {key: sizes.get(key) for key in named} == named
    assert sorted(upload.id for upload in uploads) == sorted(half)
    assert not any(upload.whole for upload in uploads)
    return len(sizes), len(spooled)


@pytest.mark.timeout(180 + 10 * _ROUNDS)
@pytest.mark.parametrize("place", ["folder", "bucket"])
async def test_files_survive_every_kill_and_nothing_else_does(
    tmp_path: Path, place: str, request: pytest.FixtureRequest
) -> None:
    """One folder for all rounds: the server checked after a kill is killed next.

    What one server leaves is removed by the next one in every second round, while people delete
    more, and it may be killed at that.
    """
    config, flags = Config(data=tmp_path / "data"), list(_FLAGS)
    if place == "bucket":
        service: BucketService = request.getfixturevalue("service")
        where = f"{service.new_bucket('chat/')}"
        config = Config(data=config.data, bucket=where, bucket_endpoint=service.endpoint)
        flags += ["--bucket", where, "--bucket-endpoint", service.endpoint]
    senders = [FileSender(f"sender{n}", random.Random(n)) for n in range(_SENDERS)]
    for seed in range(_SEED, _SEED + _ROUNDS + 1):
        async with running(config.data, *flags) as server:
            if seed > _SEED:
                peers = [await sender.log_in(server.connect) for sender in senders]
                size = sum(
                    [await sender.check(peer) for sender, peer in zip(senders, peers, strict=True)]
                )
                answers = sum(sender.acknowledged for sender in senders)
                print(  # noqa: T201 - the counts of the round, shown by `pytest -s`
                    f"round {seed - _SEED}: {answers} posts and deletions acknowledged, "
                    f"{size:,} bytes compared"
                )
            if seed < _SEED + _ROUNDS:
                await _send_until_killed(server, senders, seed)
        if (seed - _SEED) % 2 or seed == _SEED + _ROUNDS:
            blobs, uploads = await _sweep(config)
            print(f"  after the sweep: {blobs} blobs, {uploads} unfinished uploads")  # noqa: T201
