"""A server starts, serves on every listener, and shuts down in order."""

from dataclasses import replace
from pathlib import Path

import pytest
import trio

from chat_server.config import Config, Limits
from chat_server.errors import StartError
from chat_server.files.folder import FolderBlobs
from chat_server.files.sweeping import FileSweeper
from chat_server.run.serving import serve
from chat_server.run.signals import Stop
from chat_shared import messages as m
from support.file_transfers import post, upload
from support.peer import Peer, connected
from support.running_server import WIDE


class Serving:
    """A server in this process, and the way to stop it."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self.stop = Stop()
        self.addresses: list[str] = []
        self._ready = trio.Event()
        self.ended = trio.Event()

    async def run(self) -> None:
        await serve(self._config, self.stop, self._announce)
        self.ended.set()

    async def wait_ready(self) -> str:
        await self._ready.wait()
        return self.addresses[0]

    def _announce(self, addresses: list[str]) -> None:
        self.addresses = addresses
        self._ready.set()


def _config(folder: Path, *listen: str, **more: float) -> Config:
    return Config(
        listen=listen or ("tcp://127.0.0.1:0",),
        data=folder,
        durability="process",
        name="Kitchen table",
        limits=WIDE,
        **more,  # type: ignore[arg-type]  # only `grace`
    )


async def _start(nursery: trio.Nursery, config: Config) -> tuple[Serving, str]:
    serving = Serving(config)
    nursery.start_soon(serving.run)
    return serving, await serving.wait_ready()


async def test_all_listeners_serve_the_same_chat(nursery: trio.Nursery, tmp_path: Path) -> None:
    config = _config(tmp_path / "data", "tcp://127.0.0.1:0", f"unix://{tmp_path}/chat.sock")
    serving, _ = await _start(nursery, config)
    assert serving.addresses[0].startswith("tcp://127.0.0.1:")
    assert serving.addresses[1] == f"unix://{tmp_path}/chat.sock"
    ada, ben = [await connected(address) for address in serving.addresses]
    await ada.register("Ada")
    await ben.register("Ben")
    await ada.post("hello")

    assert (await ben.expect_posted(1))[0].text == "hello"
    serving.stop.set()
    for peer in (ada, ben):
        await peer.expect(m.Bye)
        await peer.aclose()
    await serving.ended.wait()


async def test_the_greeting_has_the_name_and_the_registration_mode(
    nursery: trio.Nursery, tmp_path: Path
) -> None:
    serving, address = await _start(nursery, _config(tmp_path))
    peer = Peer(await trio.open_tcp_stream("127.0.0.1", int(address.rpartition(":")[2])))
    hello = await peer.receive()

    assert isinstance(hello, m.Hello)
    assert (hello.protocol, hello.server, hello.registration) == (1, "Kitchen table", "open")
    await peer.aclose()
    serving.stop.set()
    await serving.ended.wait()


async def test_the_greeting_has_the_size_of_files_and_a_start_removes_what_none_needs(
    nursery: trio.Nursery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = replace(_config(tmp_path), limits=replace(WIDE, max_file=5_000, free_disk=0))
    serving, address = await _start(nursery, config)
    peer = Peer(await trio.open_tcp_stream("127.0.0.1", int(address.rpartition(":")[2])))
    assert (await peer.expect(m.Hello)).max_file == 5_000
    await peer.register("Ada")
    accepted = await post(peer, await upload(peer, b"soup"))
    await peer.delete(accepted.seq)
    await peer.aclose()
    serving.stop.set()
    await serving.ended.wait()
    blobs = FolderBlobs(tmp_path / "files")
    assert len(list(dict(blobs.sizes()))) == 1

    swept, sweep = trio.Event(), FileSweeper.sweep

    async def sweep_and_tell(sweeper: FileSweeper) -> None:
        await sweep(sweeper)
        swept.set()

    monkeypatch.setattr(FileSweeper, "sweep", sweep_and_tell)
    serving, _ = await _start(nursery, config)
    await swept.wait()
    assert list(dict(blobs.sizes())) == []
    serving.stop.set()
    await serving.ended.wait()


async def test_shutdown_refuses_connections_notifies_clients_and_waits_for_readers(
    nursery: trio.Nursery, tmp_path: Path
) -> None:
    serving, address = await _start(nursery, _config(tmp_path))
    ada, visitor = await connected(address), await connected(address)
    await ada.register("Ada")
    await ada.post("before")
    serving.stop.set()

    received = await ada.receive_all()
    assert received[-1] == m.Bye("the server is shutting down")
    assert await visitor.receive_all() == [m.Bye("the server is shutting down")]
    await serving.ended.wait()
    with pytest.raises(OSError, match="connect"):
        await connected(address)
    for peer in (ada, visitor):
        await peer.aclose()


async def test_shutdown_waits_for_stalled_readers_as_long_as_the_grace_period(
    nursery: trio.Nursery, tmp_path: Path
) -> None:
    serving, address = await _start(nursery, _config(tmp_path, grace=0.2))
    ada, ben = await connected(address), await connected(address)
    await ada.register("Ada")
    await ben.register("Ben")
    for _ in range(400):  # more than Ben's connection buffers
        await ada.post("x" * 8_000)
    start = trio.current_time()
    serving.stop.set()
    await ada.expect(m.Bye)
    await serving.ended.wait()

    assert 0.2 <= trio.current_time() - start < 4.0
    for peer in (ada, ben):
        await peer.aclose()


async def test_acknowledged_messages_survive_a_restart(
    nursery: trio.Nursery, tmp_path: Path
) -> None:
    serving, address = await _start(nursery, _config(tmp_path))
    ada = await connected(address)
    await ada.register("Ada")
    await ada.create("Kitchen")
    first = await ada.post("hello", "kitchen", "n")
    serving.stop.set()
    await ada.expect(m.Bye)
    await ada.aclose()
    await serving.ended.wait()

    serving, address = await _start(nursery, _config(tmp_path))
    again = await connected(address)
    welcome = await again.resume(ada.token, {"Kitchen": 0})
    assert [(room.room, room.last_seq) for room in welcome.rooms] == [
        ("general", 0),
        ("Kitchen", 1),
    ]
    assert (await again.expect_posted(1))[0].text == "hello"
    repeated = await again.post("hello", "kitchen", "n")
    assert (repeated.seq, repeated.at) == (first.seq, first.at)
    await again.expect_nothing_more()
    await again.aclose()
    serving.stop.set()
    await serving.ended.wait()


async def test_two_servers_cannot_share_a_folder(nursery: trio.Nursery, tmp_path: Path) -> None:
    serving, _ = await _start(nursery, _config(tmp_path))
    with pytest.raises(StartError, match="Another chat-server is using the data folder"):
        await serve(_config(tmp_path), Stop(), print)

    serving.stop.set()
    await serving.ended.wait()


async def test_a_port_in_use_leaves_nothing_running(nursery: trio.Nursery, tmp_path: Path) -> None:
    serving, address = await _start(nursery, _config(tmp_path / "a"))
    with pytest.RaisesGroup(StartError, flatten_subgroups=True):
        await serve(_config(tmp_path / "b", address), Stop(), print)

    serving.stop.set()
    await serving.ended.wait()
    again, _ = await _start(nursery, _config(tmp_path / "b"))
    again.stop.set()
    await again.ended.wait()


async def test_the_configured_limits_are_enforced(nursery: trio.Nursery, tmp_path: Path) -> None:
    config = Config(
        listen=("tcp://127.0.0.1:0",), data=tmp_path, limits=Limits(connections_per_address=1)
    )
    serving, address = await _start(nursery, config)
    ada = await connected(address)
    other = await connected(address)

    assert (await other.expect(m.Error)).code == "server_full"
    for peer in (ada, other):
        await peer.aclose()
    serving.stop.set()
    await serving.ended.wait()


async def test_what_a_bucket_needs_is_missed_before_this_server_stands_by(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat_server.files.bucket.find_spec", lambda _: None)
    config = Config(data=tmp_path, store="postgresql:///chat?host=/nowhere", bucket="s3://chat")

    with pytest.raises(StartError, match=r"^--bucket needs the extra s3"), trio.fail_after(5):
        await serve(config, Stop(), lambda _: None)
