"""Programs post to a room with a code of its owner's, and can do nothing else."""

from collections.abc import AsyncGenerator

import pytest
import trio
from trio.testing import MockClock

from chat_server.config import Config, Limits
from chat_server.rooms.hooks import MAX_HOOKS
from chat_server.sessions.rate_limits import HOOK_POSTS, HOOK_POSTS_PER_SECOND
from chat_shared import messages as m
from chat_shared.errors import Code
from support.clock import Clock
from support.inline_storage import InlineStorage
from support.kitchen import kitchen
from support.peer import Peer
from support.running_server import RunningServer, running_server


@pytest.fixture
async def server(storage: InlineStorage) -> AsyncGenerator[RunningServer]:
    async with running_server(storage, now=Clock()) as server:
        yield server


async def create(owner: Peer, name: str = "builds") -> m.HookCreated:
    request = m.CreateHook(room="kitchen", name=name, id=owner.number())
    return await owner.grant(request, m.HookCreated)


async def opened(server: RunningServer, code: str) -> Peer:
    peer = await server.connect()
    await peer.grant(m.OpenHook(code, id=peer.number()), m.HookOpened)
    return peer


async def hooks(owner: Peer) -> list[m.HookInfo]:
    request = m.Hooks(room="kitchen", id=owner.number())
    return (await owner.grant(request, m.HookList)).hooks


async def test_a_hook_posts_to_its_room_under_its_name(server: RunningServer) -> None:
    _, (ada, ben) = await kitchen(server, "Ben")
    hook = await create(ada)
    assert (hook.room, hook.name) == ("Kitchen", "builds (hook)")
    entry = (await ben.expect(m.Audited)).entry
    assert (entry.by, entry.action, entry.name) == ("Ada", "create_hook", "builds (hook)")

    program = await server.connect()
    reply = await program.grant(m.OpenHook(hook.code, id=1), m.HookOpened)
    assert (reply.room, reply.name) == ("Kitchen", "builds (hook)")
    accepted = await program.post("@Ben it is green", "Kitchen")

    posted = await ben.expect(m.Posted)
    assert (posted.author, posted.text) == ("builds (hook)", "@Ben it is green")
    assert (posted.seq, posted.mentions) == (accepted.seq, ["Ben"])
    assert [line.author for line in (await ben.history("Kitchen")).messages] == ["builds (hook)"]
    await program.expect_nothing_more()  # it hears nothing, not even of itself


async def test_a_hook_can_do_nothing_but_post_to_its_room(server: RunningServer) -> None:
    _, (ada,) = await kitchen(server)
    await ada.create("cellar")
    program = await opened(server, (await create(ada)).code)

    for request in (
        m.History("Kitchen", id=1),
        m.Members("Kitchen", id=2),
        m.Sessions(id=3),
        m.Direct("Ada", id=4),
        m.Delete("Kitchen", 1, "n", id=5),
        m.Search("green", id=6),
        m.Hooks(room="Kitchen", id=7),
    ):
        refusal = await program.refusal(request)
        assert refusal.message == "A hook can only post to its room."
    for room in ("general", "cellar", "nowhere"):
        assert await program.code(program.draft("x", room)) is Code.NOT_A_MEMBER


def test_what_hooks_may_send_is_a_short_list() -> None:
    assert {request.__name__ for request in m.REQUESTS if request.by_hooks} == {
        *("Post", "Ping", "Upload", "SendChunk", "CancelUpload"),
    }


async def test_a_hook_is_nobody_who_is_there(server: RunningServer) -> None:
    _, (ada,) = await kitchen(server)
    program = await opened(server, (await create(ada)).code)
    await program.post("green", "Kitchen")

    members = await ada.grant(m.Members("Kitchen", id=1), m.MemberPage)
    assert [member.name for member in members.members] == ["Ada"]
    assert await ada.code(m.Direct("builds (hook)", id=2)) is Code.UNKNOWN_ACCOUNT
    stranger = await server.connect()
    assert await stranger.code(m.Login("builds (hook)", "", id=1)) is Code.UNKNOWN_ACCOUNT


async def test_only_the_owner_makes_lists_and_removes_hooks(server: RunningServer) -> None:
    _, (ada, ben) = await kitchen(server, "Ben")
    await create(ada)

    for request in (
        m.CreateHook(room="kitchen", name="x", id=1),
        m.Hooks(room="kitchen", id=2),
        m.RemoveHook(room="kitchen", hook=1, id=3),
        m.CreateHook(room="general", name="x", id=4),
    ):
        assert await ben.code(request) is Code.FORBIDDEN


async def test_a_removed_hook_is_disconnected_and_useless(server: RunningServer) -> None:
    _, (ada,) = await kitchen(server)
    hook = await create(ada)
    program = await opened(server, hook.code)
    (listed,) = await hooks(ada)
    assert (listed.name, listed.by) == ("builds (hook)", "Ada")
    assert listed.used

    await ada.grant(m.RemoveHook(room="kitchen", hook=hook.hook, id=1), m.Ok)

    assert (await program.expect(m.Bye)).reason == "this hook was removed"
    stranger = await server.connect()
    assert await stranger.code(m.OpenHook(hook.code, id=1)) is Code.BAD_TOKEN
    assert await hooks(ada) == []
    assert await ada.code(m.RemoveHook(room="kitchen", hook=hook.hook, id=2)) is Code.FORBIDDEN


async def test_a_deleted_room_takes_its_hooks_along(server: RunningServer) -> None:
    _, (ada,) = await kitchen(server)
    hook = await create(ada)
    program = await opened(server, hook.code)

    await ada.grant(m.DeleteRoom(room="kitchen", id=1), m.Ok)

    assert await program.code(program.draft("x", "Kitchen")) is Code.NOT_A_MEMBER
    stranger = await server.connect()
    assert await stranger.code(m.OpenHook(hook.code, id=1)) is Code.BAD_TOKEN


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", Code.BAD_NAME),
        ("two words", Code.BAD_NAME),
        ("a" * 26, Code.BAD_NAME),
        ("builds", Code.NAME_TAKEN),
    ],
)
async def test_a_hook_needs_a_name_of_its_own(server: RunningServer, name: str, code: Code) -> None:
    _, (ada,) = await kitchen(server)
    await create(ada, "builds")

    assert await ada.code(m.CreateHook(room="kitchen", name=name, id=1)) is code


async def test_a_room_has_few_hooks(server: RunningServer) -> None:
    _, (ada,) = await kitchen(server)
    for number in range(MAX_HOOKS):
        await create(ada, f"hook{number}")

    refusal = await ada.refusal(m.CreateHook(room="kitchen", name="more", id=1))

    assert refusal.message == "This room has 10 hooks, which is the limit. Remove one with /hooks."


async def test_a_hook_is_slow_however_often_it_connects(
    storage: InlineStorage, mock_clock: MockClock
) -> None:
    limits = Limits(posts=1_000, posts_per_second=1_000.0, requests=1_000)
    async with running_server(storage, Config(limits=limits), now=Clock()) as server:
        _, (ada,) = await kitchen(server)
        code = (await create(ada)).code
        for number in range(HOOK_POSTS):
            program = await opened(server, code)
            await program.post(f"{number}", "Kitchen")
            await program.aclose()

        program = await opened(server, code)
        refusal = await program.refusal(program.draft("one more", "Kitchen"))

    assert refusal.code == Code.TOO_FAST
    assert refusal.retry_after == pytest.approx(2, abs=0.01)


async def test_programs_that_do_not_wait_keep_nobody_from_posting(
    storage: InlineStorage, autojump_clock: MockClock
) -> None:
    limits = Limits(posts=1_000, posts_per_second=1_000.0, requests=1_000)
    async with running_server(storage, Config(limits=limits), now=Clock()) as server:
        _, (ada,) = await kitchen(server)
        code = (await create(ada)).code
        posted, waits = 0, [0.0]
        for number in range(160):  # in 40 seconds
            program = await opened(server, code)
            reply = await program.ask(program.draft(f"{number}", "Kitchen"))
            await program.aclose()
            if isinstance(reply, m.Accepted):
                posted += 1
            else:
                assert isinstance(reply, m.Error)
                waits.append(reply.retry_after or 0)
            await trio.sleep(0.25)

    assert posted == pytest.approx(HOOK_POSTS + 40 * HOOK_POSTS_PER_SECOND, abs=1)
    assert max(waits) <= 1 / HOOK_POSTS_PER_SECOND


async def test_refused_programs_that_have_gone_do_not_count_as_connections(
    storage: InlineStorage, autojump_clock: MockClock
) -> None:
    limits = Limits(posts=1_000, posts_per_second=1_000.0, requests=1_000)
    async with running_server(storage, Config(limits=limits), now=Clock()) as server:
        _, (ada,) = await kitchen(server)
        code = (await create(ada)).code
        first = await opened(server, code)
        for number in range(HOOK_POSTS + 2 * limits.sessions_per_account):
            program = await opened(server, code)
            await program.ask(program.draft(f"{number}", "Kitchen"))
            await program.aclose()
            await trio.sleep(0.05)

        await first.ping()


async def test_an_open_connection_cannot_open_another_hook(server: RunningServer) -> None:
    _, (ada,) = await kitchen(server)
    code = (await create(ada)).code
    program = await opened(server, code)

    assert await program.code(m.OpenHook(code, id=1)) is Code.ALREADY_LOGGED_IN
