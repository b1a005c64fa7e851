"""The server answers any requests in any order as a model in plain Python does.

Real requests on the real stores: several people on several devices, with
wrong passwords, lost connections and restarts in between. After each step every device
has received exactly what the model has for it: nothing of rooms that its account is not
a member of, and of the others everything once, in the order that is the same for all.

`MODEL_EXAMPLES` and `MODEL_STEPS` set how many runs are tried, and how long each is
at most. For the same numbers they are the same ones every time.
"""

import os
from collections.abc import Awaitable, Callable
from contextlib import ExitStack, suppress
from functools import partial
from itertools import count
from pathlib import Path
from typing import Final, TypeVar, TypeVarTuple, cast

import pytest
import trio
from hypothesis import HealthCheck, assume, settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from trio.testing import wait_all_tasks_blocked

from chat_server.clock import rfc3339
from chat_server.config import Config, Limits
from chat_server.store.api import Store
from chat_shared import messages as m
from chat_shared.errors import Code
from support.engines import ENGINES, Engine
from support.model import DEVICES, ROOMS, SPELLINGS, Device, Model, Refusal, key_of
from support.peer import Peer
from support.restartable_server import RestartableServer

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

_EXAMPLES: Final = int(os.environ.get("MODEL_EXAMPLES", "40"))
_STEPS: Final = int(os.environ.get("MODEL_STEPS", "30"))

_START: Final = 1_790_000_000_000  # milliseconds since 1970, before the first step
_MOST_CONNECTED: Final = 6
_PATIENCE: Final = 60.0  # seconds that a step may take on a busy machine
_UNANSWERED: Final = m.Ok(re=1)

_LIMITS: Final = Limits(
    sessions_per_account=DEVICES,
    rooms_per_account=ROOMS,
    posts=1_000_000,
    posts_per_second=1e6,
    requests=1_000_000,
    requests_per_second=1e6,
)

_numbers = count()

people = st.sampled_from([name for name, (_, key) in SPELLINGS.items() if key in {"ada", "ben"}])
names = people | st.sampled_from([*SPELLINGS, "two words", "", "#general"])
rooms = st.sampled_from(["general", "kitchen", "KITCHEN", "garden", "attic", "cellar"])
new_rooms = rooms | st.sampled_from(["no room", ""])
passwords = st.sampled_from(["correct horse", "battery staple", "short"])
right_or_not = st.just("") | passwords  # an empty one stands for the right one
texts = st.text(
    st.characters(exclude_categories=["Cc", "Cs"], include_characters="\n\t"),
    min_size=1,
    max_size=9,
)
bad_texts = st.sampled_from(["", "a\x1b[2J", "\x00", "a\x85", "long" * 2_001])
indexes = st.integers(0, 11)  # of whatever exists, modulo its number
places = indexes | indexes | rooms  # a room of the account, or any
seqs = st.none() | st.integers(0, 7)


def run(work: Callable[[*Ts], Awaitable[T]], *arguments: *Ts) -> T:
    """Return what `work` returns in the loop of the test."""

    async def bounded() -> T:
        with trio.fail_after(_PATIENCE):
            return await work(*arguments)

    return trio.from_thread.run(bounded)


class ServerMachine(RuleBasedStateMachine):
    """Runs each step on the server and then on the model. Runs in a thread beside the server."""

    steps = 0  # of all runs

    def __init__(self, nursery: trio.Nursery, engine: Engine, folder: Path) -> None:
        super().__init__()
        self._cleanup = ExitStack()
        self.model = Model(_START)
        self.restartable = RestartableServer(
            nursery,
            self._cleanup.enter_context(engine.storage(folder)),
            Config(limits=_LIMITS),
            lambda: self.model.now,
        )
        self.tokens = ["never a token"]  # and all that were ever issued
        self.peers: list[Peer] = []  # all that were ever connected
        run(self.restartable.open)

    def teardown(self) -> None:
        with self._cleanup:
            run(self._end)

    # --- logging in

    fewer_than_most = precondition(lambda self: len(self.model.devices) < _MOST_CONNECTED)
    someone_online = precondition(lambda self: self.model.devices)

    @initialize()
    def two_people_in_two_rooms(self) -> None:
        self.register("ada", "correct horse")
        self.register("ben", "battery staple")
        self.create(0, "kitchen")
        self.join(1, "kitchen")
        for room in ("general", "kitchen"):
            self.post_all_at_once(room, [(0, "first"), (1, "second"), (0, "third")])

    @fewer_than_most
    @rule(name=names, password=passwords)
    def register(self, name: str, password: str) -> None:
        self._connect(
            lambda number: m.Register(name, password, id=number),
            lambda reply, peer: self.model.register(reply, peer, name, password),
        )

    @fewer_than_most
    @rule(name=people | names, password=right_or_not)
    def log_in(self, name: str, password: str) -> None:
        person = self.model.people.get(key_of(name))
        password = password or (person and person.password) or "of nobody"
        self._connect(
            lambda number: m.Login(name, password, id=number),
            lambda reply, peer: self.model.log_in(reply, peer, name, password),
        )

    @fewer_than_most
    @rule(name=people, times=st.integers(2, 6))
    def log_in_with_wrong_passwords(self, name: str, times: int) -> None:
        for _ in range(times):
            self.log_in(name, "not the password")

    @fewer_than_most
    @rule(which=indexes, seen=st.dictionaries(rooms, st.integers(0, 12)))
    def resume(self, which: int, seen: dict[str, int]) -> None:
        self._resume(self.tokens[which % len(self.tokens)], seen)

    @fewer_than_most
    @rule(which=indexes)
    def resume_from_the_beginning(self, which: int) -> None:
        self._resume(self.tokens[-1 - which % len(self.tokens)], dict.fromkeys(self.model.rooms, 0))

    @someone_online
    @rule(which=indexes, back=st.booleans())
    def disconnect(self, which: int, back: bool) -> None:
        device = self._device(which)
        seen = self.model.seen()
        run(self._disconnect, device.peer)
        self.model.disconnect(device)
        if back:
            self._resume(device.token.text, seen)

    @someone_online
    @rule(which=indexes)
    def log_out(self, which: int) -> None:
        device = self._device(which)
        self._ask(device, lambda number: m.Logout(id=number), self.model.log_out)

    # --- the account

    @someone_online
    @rule(which=indexes, session=st.none() | indexes)
    def revoke(self, which: int, session: int | None) -> None:
        device = self._device(which)
        listed = self._ask(device, lambda number: m.Sessions(id=number), self.model.sessions)
        assert isinstance(listed, m.SessionList)
        index = None if session is None else session % len(listed.sessions)
        name = "" if index is None else listed.sessions[index].session
        self._ask(
            device,
            lambda number: m.Revoke(name, id=number),
            lambda reply, device: self.model.revoke(reply, device, index),
        )

    @someone_online
    @rule(which=indexes, old=right_or_not, new=passwords)
    def change_password(self, which: int, old: str, new: str) -> None:
        device = self._device(which)
        old = old or device.person.password or ""
        self._ask(
            device,
            lambda number: m.Password(old, new, id=number),
            lambda reply, device: self.model.change_password(reply, device, old, new),
        )

    @someone_online
    @rule(which=indexes, password=passwords)
    def delete_account(self, which: int, password: str) -> None:
        self._ask(
            self._device(which),
            lambda number: m.DeleteAccount(password, id=number),
            lambda reply, device: self.model.delete_account(reply, device, password),
        )

    # --- rooms

    @someone_online
    @rule(which=indexes, name=new_rooms)
    def create(self, which: int, name: str) -> None:
        self._ask(
            self._device(which),
            lambda number: m.Create(name, id=number),
            lambda reply, device: self.model.create(reply, device, name),
        )

    @someone_online
    @rule(which=indexes, name=rooms, wrong=st.sampled_from(["", "k7qm-2vxh-9rtd"]))
    def join_with_a_wrong_password(self, which: int, name: str, wrong: str) -> None:
        self._join(which, name, wrong)

    @someone_online
    @rule(which=indexes, name=st.sampled_from(["KITCHEN", "garden", "attic"]))
    def join(self, which: int, name: str) -> None:
        room = self.model.rooms.get(name.lower())
        assume(room is not None)
        assert room is not None
        self._join(which, name, room.password.upper())
        self._post_by_a_member_of(name)

    @someone_online
    @rule(which=indexes, place=places)
    def exit(self, which: int, place: int | str) -> None:
        device = self._device(which)
        name = self._room(device, place)
        self._ask(
            device,
            lambda number: m.Exit(name, id=number),
            lambda reply, device: self.model.exit(reply, device, name),
        )
        self._post_by_a_member_of(name)

    @someone_online
    @rule(which=indexes, place=places, after=st.just("") | people)
    def members(self, which: int, place: int | str, after: str) -> None:
        device = self._device(which)
        name = self._room(device, place)
        self._ask(
            device,
            lambda number: m.Members(name, after, id=number),
            lambda reply, device: self.model.members(reply, device, name, after),
        )

    # --- messages

    @someone_online
    @rule(which=indexes, place=places, text=texts | bad_texts)
    def post(self, which: int, place: int | str, text: str) -> None:
        device = self._device(which)
        self._post(device, self._room(device, place), text, self._nonce())

    @someone_online
    @rule(which=indexes, place=places, text=texts, nonce=st.sampled_from(["one", "two"]))
    def post_with_a_nonce_that_may_be_used(
        self, which: int, place: int | str, text: str, nonce: str
    ) -> None:
        device = self._device(which)
        self._post(device, self._room(device, place), text, nonce)

    @someone_online
    @rule(place=places, drafts=st.lists(st.tuples(indexes, texts), min_size=2, max_size=8))
    def post_all_at_once(self, place: int | str, drafts: list[tuple[int, str]]) -> None:
        """The server may choose the order; it is the same for all."""
        self.model.now += 1
        room = self._room(self._device(0), place)
        posts = [(self._device(which), self._draft(room, text)) for which, text in drafts]
        replies = run(self._ask_all_at_once, posts)
        for (device, post), reply in sorted(
            zip(posts, replies, strict=True), key=lambda answered: getattr(answered[1], "seq", 0)
        ):
            self._compare(reply, partial(self.model.post, device=device, request=post))

    @someone_online
    @rule(which=indexes, place=places, before=seqs, after=seqs, limit=st.integers(1, 5))
    def history(
        self, which: int, place: int | str, before: int | None, after: int | None, limit: int
    ) -> None:
        device = self._device(which)
        request = m.History(self._room(device, place), before, after, limit, id=1)
        self._ask(
            device,
            lambda _: request,
            lambda reply, device: self.model.history(reply, device, request),
        )

    @someone_online
    @rule(which=indexes, place=places, text=texts)
    def post_disconnect_and_post_again(self, which: int, place: int | str, text: str) -> None:
        """A request that was sent completely is posted, even if its author disconnects at once."""
        self.model.now += 1
        device, seen = self._device(which), self.model.seen()
        post = self._draft(self._room(device, place), text)
        run(self._send_and_disconnect, device.peer, post)
        self.model.disconnect(device)
        with suppress(Refusal):
            self.model.post(_UNANSWERED, device, post)
        self._resume(device.token.text, seen)
        self._post(self.model.devices[-1], post.room, text, post.nonce)

    # --- time and the machine

    @rule(seconds=st.sampled_from([1, 2, 5, 60, 900, 86_400]))
    def pass_time(self, seconds: int) -> None:
        self.model.now += 1_000 * seconds

    @rule(back=st.integers(0, 3))
    def restart(self, back: int) -> None:
        """Some devices resume, as clients do by themselves."""
        devices, seen = list(self.model.devices), self.model.seen()
        run(self._restart)
        self.model.restart()
        for device in devices[:back]:
            self._resume(device.token.text, seen)

    @someone_online
    @rule(which=indexes, posted=st.lists(texts, min_size=1, max_size=6), turns=st.integers(0, 40))
    def restart_amid_posts(self, which: int, posted: list[str], turns: int) -> None:
        """The first ones were stored; all are posted again, and each is there once."""
        self.model.now += 1
        author = self._device(which)
        posts = [self._draft("general", text) for text in posted]
        before = self.model.seen()["general"]
        run(self._send_and_restart, author.peer, posts, turns)
        self.model.restart()
        stored = run(self._last_seq) - before
        for post in posts[:stored]:
            self.model.post(_UNANSWERED, author, post)
        self._resume(author.token.text, {"general": before})
        for post in posts:
            self._post(self.model.devices[-1], post.room, post.text, post.nonce)

    # --- invariants

    @invariant()
    def every_device_has_received_its_messages_and_no_others(self) -> None:
        ServerMachine.steps += 1
        devices = self.model.devices
        for device, received in zip(devices, run(self._receive_all), strict=True):
            assert received == device.due, device.person.name
            device.due.clear()
        for device in self.model.disconnected:
            assert run(device.peer.receive_all) == device.due, device.person.name
        self.model.disconnected.clear()

    @invariant()
    def the_store_has_the_posted_messages_and_no_others(self) -> None:
        stored = run(self.restartable.server.storage.read, _everything)
        assert stored == [
            (
                room.name,
                room.owner,
                sorted(self.model.people[key].name for key in room.members),
                [(p.seq, p.author, p.text, p.at, p.nonce) for p in room.messages],
            )
            for room in self.model.rooms.values()
        ]

    # --- parts

    def _device(self, which: int) -> Device:
        return self.model.devices[which % len(self.model.devices)]

    def _room(self, device: Device, place: int | str) -> str:
        """Return the name that `place` means; a number is an index of the rooms of `device`."""
        if isinstance(place, str):
            return place
        rooms = self.model.rooms_of(device.person)
        return rooms[place % len(rooms)][1].name

    def _post_by_a_member_of(self, name: str) -> None:
        """Show whether all members of the room, and only they, receive what is posted."""
        room = self.model.rooms.get(key_of(name))
        members = [d for d in self.model.devices if room and d.person.key in room.members]
        if members:
            self._post(members[-1], name, "Who is online?", self._nonce())

    def _nonce(self) -> str:
        return f"nonce {next(_numbers)}"

    def _draft(self, room: str, text: str) -> m.Post:
        number = next(_numbers) + 1
        return m.Post(room, text, self._nonce(), id=number)

    def _connect(
        self,
        request: Callable[[int], m.Request],
        due: Callable[[m.Reply, Peer], m.Reply],
    ) -> None:
        self.model.now += 1
        peer = run(self.restartable.server.connect)
        self.peers.append(peer)
        reply = run(peer.ask, request(peer.number()))
        self._compare(reply, lambda reply: due(reply, peer))
        if isinstance(reply, m.Welcome):
            self.tokens.append(reply.token)
        else:
            run(self._disconnect, peer)

    def _resume(self, token: str, seen: dict[str, int]) -> None:
        """Resume with the times of what is named, so that nothing is taken for lost."""
        spelt = {name: SPELLINGS[name][1] for name in seen if name in SPELLINGS}
        known = {key: seen[name] for name, key in spelt.items()}
        at = {name: self.model.time_of(key, seen[name]) for name, key in spelt.items()}
        self._connect(
            lambda number: m.Resume(token, seen, at=at, id=number),
            lambda reply, peer: self.model.resume(reply, peer, token, known),
        )

    def _join(self, which: int, name: str, password: str) -> None:
        self._ask(
            self._device(which),
            lambda number: m.Join(name, password, id=number),
            lambda reply, device: self.model.join(reply, device, name, password),
        )

    def _post(self, device: Device, room: str, text: str, nonce: str) -> None:
        request = m.Post(room, text, nonce, id=1)
        self._ask(
            device, lambda _: request, lambda reply, device: self.model.post(reply, device, request)
        )

    def _ask(
        self,
        device: Device,
        request: Callable[[int], m.Request],
        due: Callable[[m.Reply, Device], m.Reply],
    ) -> m.Reply:
        self.model.now += 1
        reply = run(device.peer.ask, request(device.peer.number()))
        self._compare(reply, lambda reply: due(reply, device))
        return reply

    def _compare(self, reply: m.Reply, due: Callable[[m.Reply], m.Reply]) -> None:
        try:
            expected: m.Reply | Code = due(reply)
        except Refusal as refusal:
            expected = refusal.code
        answer = Code(reply.code) if isinstance(reply, m.Error) else reply
        assert answer == expected, reply

    # These run in the event loop, where the server is.

    async def _receive_all(self) -> list[list[m.Message]]:
        received = []
        for device in self.model.devices:
            await device.peer.ping()
            received.append(list(device.peer.unread))
            device.peer.unread.clear()
        return received

    async def _ask_all_at_once(self, posts: list[tuple[Device, m.Post]]) -> list[m.Reply]:
        replies: dict[int, m.Reply] = {}

        async def ask(device: Device) -> None:
            own = [post for poster, post in posts if poster is device]
            await device.peer.send(*own)
            for post in own:
                replies[post.id] = await device.peer.reply_to(post.id)

        async with trio.open_nursery() as nursery:
            for device in {device for device, _ in posts}:
                nursery.start_soon(ask, device)
        return [replies[post.id] for _, post in posts]

    async def _disconnect(self, peer: Peer) -> None:
        await peer.aclose()
        await wait_all_tasks_blocked()

    async def _send_and_disconnect(self, peer: Peer, post: m.Post) -> None:
        await peer.send(post)
        await self._disconnect(peer)
        # The journal's write is before this one, and so is what it has published.
        await self.restartable.server.storage.write(lambda _: None)
        await wait_all_tasks_blocked()

    async def _send_and_restart(self, peer: Peer, posts: list[m.Post], turns: int) -> None:
        await peer.send(*posts)
        for _ in range(turns):
            await trio.lowlevel.checkpoint()
        await self._restart()

    async def _restart(self) -> None:
        await self.restartable.close()
        await self._close_peers()
        await self.restartable.open()

    async def _last_seq(self) -> int:
        return self.restartable.server.services.rooms.general.last_seq

    async def _close_peers(self) -> None:
        for peer in self.peers:
            await peer.aclose()
        self.peers.clear()

    async def _end(self) -> None:
        await self.restartable.close()
        await self._close_peers()


def _everything(store: Store) -> list[object]:
    """Return every room with its owner, its members and its messages."""
    return [
        (
            room.name,
            room.owner,
            sorted(member.name for member in store.members(room.id, "", 100)),
            [
                (record.seq, record.author, record.text, rfc3339(record.at), record.nonce)
                for record in store.messages_after(room.id, 0, 10_000)
            ],
        )
        for room in store.rooms()
    ]


@pytest.mark.usefixtures("logged")
@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
async def test_the_server_answers_any_requests_as_the_model_does(
    engine: Engine, tmp_path: Path
) -> None:
    bounds = settings(
        # Stores are compared by tests of their own: here it is what servers do with one.
        max_examples=_EXAMPLES if engine is ENGINES[0] else _EXAMPLES // 4,
        stateful_step_count=_STEPS,
        suppress_health_check=list(HealthCheck),
    )
    async with trio.open_nursery() as nursery:
        # Any callable that makes one will do, whatever the signature says.
        machine = cast(
            "type[RuleBasedStateMachine]", lambda: ServerMachine(nursery, engine, tmp_path)
        )
        await trio.to_thread.run_sync(partial(run_state_machine_as_test, machine, settings=bounds))
    print(f"{ServerMachine.steps} steps compared")  # noqa: T201 - shown by `pytest -s`
