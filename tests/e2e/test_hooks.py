"""Programs post by hooks to a real server with its gateway, whichever store it has."""

import json
import signal
import socket
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import trio

from chat_server.sessions.rate_limits import HOOK_POSTS
from chat_shared import messages as m
from support.bucket import bucket_service
from support.file_transfers import download
from support.peer import Peer
from support.postgresql import empty_database
from support.server_process import ServerProcess, running

PICTURE = bytes(range(256)) * 1_000


@dataclass
class Builds:
    """A server with the room builds, which is Ada's."""

    server: ServerProcess
    ada: Peer
    ben: Peer
    web: str  # the address of its pages

    async def create(self, name: str) -> m.HookCreated:
        request = m.CreateHook(room="builds", name=name, id=self.ada.number())
        return await self.ada.grant(request, m.HookCreated)

    async def post(self, hook: m.HookCreated, *arguments: str) -> tuple[int, str]:
        """Return the status and the sentence that curl is answered with."""
        command = ["curl", "--silent", "--write-out", "%{http_code}", *arguments]
        done = await trio.run_process(
            [*command, f"{self.web}hook/{hook.code}"], capture_stdout=True
        )
        answer = done.stdout.decode()
        return int(answer[-3:]), answer[:-3]


@pytest.fixture(params=["sqlite", "postgresql"])
async def builds(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Builds]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        web = f"http://127.0.0.1:{free.getsockname()[1]}"
    flags = ["--listen", web, "--web-url", f"{web}/"]
    async with AsyncExitStack() as stack:
        if request.param == "postgresql":
            service = stack.enter_context(bucket_service())
            url = stack.enter_context(empty_database())
            flags += ["--store", url, "--bucket", f"{service.new_bucket()}"]
            flags += ["--bucket-endpoint", service.endpoint]
        server = await stack.enter_async_context(running(tmp_path / "data", *flags))
        stack.push_async_callback(server.process.wait)
        stack.callback(server.process.send_signal, signal.SIGINT)  # ends the gateway as well
        ada, ben = await server.connect(), await server.connect()
        await ada.register("Ada")
        await ben.register("Ben")
        await ben.join("builds", await ada.create("builds"))
        yield Builds(server, ada, ben, f"{web}/")


async def test_a_program_posts_texts_and_files_until_its_hook_is_removed(builds: Builds) -> None:
    hook = await builds.create("ci")
    assert hook.web == builds.web

    slack = json.dumps({"text": "Build 7 is *green*", "channel": "#builds"})
    assert await builds.post(hook, "--data", "Build 7 is green") == (200, "Posted.\n")
    assert await builds.post(hook, "--json", slack) == (200, "Posted.\n")
    posted = await builds.ben.expect_posted(2)
    assert [(each.author, each.text) for each in posted] == [
        ("ci (hook)", "Build 7 is green"),
        ("ci (hook)", "Build 7 is *green*"),
    ]

    (listed,) = (await builds.ada.grant(m.Hooks(room="builds", id=1), m.HookList)).hooks
    assert listed.used
    await builds.ada.ok(m.RemoveHook(room="builds", hook=hook.hook, id=2))
    status, sentence = await builds.post(hook, "--data", "Build 8 is green")
    assert (status, sentence[:22]) == (404, "There is no such hook.")
    log = await builds.ben.grant(m.Audit("builds", id=3), m.AuditPage)
    assert [(entry.action, entry.name) for entry in log.entries][:2] == [
        ("remove_hook", "ci (hook)"),
        ("create_hook", "ci (hook)"),
    ]


async def test_a_picture_arrives_as_it_was_sent(builds: Builds, tmp_path: Path) -> None:
    hook, picture = await builds.create("camera"), tmp_path / "Tür 1.jpg"
    picture.write_bytes(PICTURE)

    form = ("--form", "text=Someone has rung", "--form", f"file=@{picture}")
    assert await builds.post(hook, *form) == (200, "Posted.\n")

    (posted,) = await builds.ben.expect_posted(1)
    (file,) = posted.files
    assert (posted.text, file.name, file.size) == ("Someone has rung", "Tür 1.jpg", len(PICTURE))
    assert await download(builds.ben, file.file, file.size) == PICTURE


async def test_a_loop_in_a_program_is_told_to_wait(builds: Builds) -> None:
    hook, other = await builds.create("loop"), await builds.create("alarm")

    statuses = [(await builds.post(hook, "--data", "more"))[0] for _ in range(2 * HOOK_POSTS)]

    assert statuses[:HOOK_POSTS] == [200] * HOOK_POSTS
    assert 429 in statuses[HOOK_POSTS:]
    assert await builds.post(other, "--data", "fire") == (200, "Posted.\n")
