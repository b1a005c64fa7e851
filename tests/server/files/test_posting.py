"""A post in flight holds its uploads until it is stored or refused, whatever else happens."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from trio.testing import wait_all_tasks_blocked

from chat_shared import messages as m
from chat_shared.errors import Code
from support.file_transfers import begin, post, post_of, send, server_with_files, upload
from support.peer import Peer
from support.running_server import RunningServer
from support.store_faults import FaultyStorage


@pytest.fixture
async def server(faults: FaultyStorage, tmp_path: Path) -> AsyncGenerator[RunningServer]:
    async with server_with_files(faults, tmp_path) as server:
        yield server


@pytest.fixture
async def ada(server: RunningServer) -> Peer:
    return await server.log_in("Ada")


@pytest.fixture
async def phone(server: RunningServer) -> Peer:
    return await server.log_in("Ada")


async def test_another_device_cannot_take_or_cancel_what_is_being_sent(
    faults: FaultyStorage, ada: Peer, phone: Peer
) -> None:
    id = await upload(ada, b"soup")
    first = post_of(ada, id, nonce="first")
    with faults.commits_held() as held:
        await ada.send(first)
        await held.wait_reached()
        other, cancel = post_of(phone, id, nonce="other"), m.CancelUpload(id, id=1)
        refused = [await phone.refusal(request) for request in (other, cancel)]
        assert [(each.code, each.retry_after) for each in refused] == [(Code.TOO_FAST, 1.0)] * 2
        again = post_of(phone, id, nonce="first")
        await phone.send(again)

    assert isinstance(await ada.reply_to(first.id), m.Accepted)
    assert isinstance(await phone.reply_to(again.id), m.Accepted)
    assert [len(line.files) for line in (await ada.history()).messages] == [1]


async def test_what_is_just_being_cancelled_cannot_be_sent(
    faults: FaultyStorage, ada: Peer, phone: Peer
) -> None:
    id = await upload(ada, b"soup")
    cancel, request = m.CancelUpload(id, id=1), post_of(ada, id)
    with faults.commits_held() as held:
        await phone.send(cancel)
        await held.wait_reached()
        await ada.send(request)
        await wait_all_tasks_blocked(0.05)

    reply = await ada.reply_to(request.id)
    assert isinstance(reply, m.Error)
    assert reply.code == Code.NO_SUCH_FILE


async def test_a_post_that_was_stored_before_lets_go_of_its_uploads(
    faults: FaultyStorage, server: RunningServer, ada: Peer
) -> None:
    """Sent again, it is looked up while the first one is stored and its author is removed."""
    ben = await server.log_in("Ben")
    await ben.join("kitchen", await ada.create("kitchen"))
    again = await server.log_in("Ben")
    id = await upload(ben, b"soup", room="kitchen")
    request = post_of(again, id, room="kitchen", nonce="once")
    with faults.queries_held() as held:
        await again.send(request)
        await held.wait_reached()
        held.let_others_pass()
        first = await post(ben, id, room="kitchen", nonce="once")
        await ada.grant(m.Kick("kitchen", "Ben", id=1), m.Ok)

    reply = await again.reply_to(request.id)
    assert isinstance(reply, m.Accepted)
    assert reply.seq == first.seq
    assert id not in server.services.uploads.claims


async def test_a_post_that_could_not_be_stored_lets_go_of_its_uploads(
    faults: FaultyStorage, server: RunningServer, ada: Peer
) -> None:
    id = await upload(ada, b"soup")
    with faults.full_disk():
        assert await ada.code(post_of(ada, id)) == Code.INTERNAL
    with faults.unexpected_errors():
        assert await ada.code(post_of(ada, id)) == Code.INTERNAL

    assert id not in server.services.uploads.claims
    await post(ada, id)
    assert id not in server.services.uploads.claims


async def test_who_was_removed_while_their_uploads_were_looked_up_posts_nothing(
    faults: FaultyStorage, server: RunningServer, ada: Peer
) -> None:
    ben = await server.log_in("Ben")
    await ben.join("kitchen", await ada.create("kitchen"))
    id = await upload(ben, b"soup", room="kitchen")
    request = post_of(ben, id, room="kitchen")
    with faults.queries_held() as held:
        await ben.send(request)
        await held.wait_reached()
        held.let_others_pass()
        await ada.grant(m.Kick("kitchen", "Ben", id=1), m.Ok)

    reply = await ben.reply_to(request.id)
    assert isinstance(reply, m.Error)
    assert reply.code == Code.NOT_A_MEMBER
    assert id not in server.services.uploads.claims
    assert (await ada.history("kitchen")).messages == []


async def test_who_leaves_while_their_uploads_are_looked_up_keeps_them_from_nobody(
    faults: FaultyStorage, server: RunningServer, ada: Peer
) -> None:
    id = await upload(ada, b"soup")
    with faults.queries_held() as held:
        await ada.send(post_of(ada, id))
        await held.wait_reached()
        held.let_others_pass()
        (account,) = server.services.registry.online_accounts
        account.sessions[0].disconnect("for a test")
        await ada.receive_all()

    await post(await server.log_in("Ada"), id)


async def test_an_upload_that_could_not_be_recorded_as_whole_is_begun_again(
    faults: FaultyStorage, ada: Peer
) -> None:
    state = await begin(ada, b"soup")
    with faults.nearly_full_disk():
        chunk = m.SendChunk(state.upload, 0, b"soup", id=1)
        assert await ada.code(chunk) == Code.INTERNAL

    assert (await begin(ada, b"soup")).at == 4
    await post(ada, state.upload)


async def test_two_devices_that_send_the_same_upload_do_not_mix_it(
    faults: FaultyStorage, ada: Peer, phone: Peer
) -> None:
    content = bytes(range(200))
    state = await begin(ada, content)
    assert (await begin(phone, content)).upload == state.upload
    chunk = m.SendChunk(state.upload, 0, content[:100], id=1)
    await ada.send(chunk)
    await phone.send(chunk)
    for peer in (ada, phone):
        assert (await peer.expect(m.UploadState)).at == 100

    assert await send(phone, state.upload, 100, content[100:]) == 200
    await post(ada, state.upload)
