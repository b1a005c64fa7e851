"""Passwords are hashed slowly, in threads, and never too many at once."""

import os
import sys
import threading
from collections.abc import Iterator

import pytest
import trio
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from trio.testing import wait_all_tasks_blocked

from chat_server.accounts.passwords import HASHING_QUEUE, Passwords, argon2
from chat_shared.errors import Code, Refused
from support.hashers import CountingHasher
from support.running_server import fast_passwords


class HeldHasher(Argon2Hasher):
    """Hashes when the test says so, and counts how many do at the same time."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.go_on = threading.Event()
        self.go_on.set()
        self.working = 0
        self.most = 0
        self._lock = threading.Lock()

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        with self._lock:
            self.working += 1
            self.most = max(self.most, self.working)
        self.go_on.wait()
        with self._lock:
            self.working -= 1
        return super().hash(password, salt=salt)


class OldHasher(Argon2Hasher):
    """An outdated kind of hash: other parameters."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=16, parallelism=1)


class PriorityHasher(Argon2Hasher):
    """Notes the priority of the thread that it hashes in."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.niceness = 0

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        self.niceness = _niceness()
        return super().hash(password, salt=salt)


def _niceness() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


async def test_a_password_is_right_and_any_other_wrong() -> None:
    passwords = fast_passwords()
    kept = await passwords.hash("correct horse", "")

    assert await passwords.verify("correct horse", kept, "")
    assert not await passwords.verify("correct hearse", kept, "")
    assert not await passwords.verify("", kept, "")


async def test_a_hash_does_not_contain_the_password_and_is_never_the_same_twice() -> None:
    passwords = fast_passwords()
    first, second = [await passwords.hash("correct horse", "") for _ in range(2)]

    assert first != second
    assert "horse" not in first


@pytest.mark.parametrize("password", ["", "correct horse"])
async def test_without_a_hash_no_password_is_right(password: str) -> None:
    assert not await fast_passwords().verify(password, "", "")


@pytest.mark.parametrize(
    "kept", ["nonsense", "$argon2id$nonsense", "5baa61e4c9b93f3f0682250b6cf8331b"]
)
async def test_an_unreadable_hash_is_never_right(kept: str) -> None:
    assert await fast_passwords().verify_and_update("password", kept, "") == (False, None)


async def test_verifying_without_a_hash_costs_as_much_as_with_one() -> None:
    hasher = CountingHasher()
    passwords = Passwords(hasher)
    kept = await passwords.hash("correct horse", "")

    await passwords.verify("wrong horse", kept, "")
    await passwords.verify("wrong horse", "", "")

    assert hasher.compared[0] == kept
    something, nothing = hasher.work()
    assert something == nothing


async def test_an_outdated_hash_is_right_and_must_be_replaced() -> None:
    old = PasswordHash([OldHasher()]).hash("correct horse")
    passwords = Passwords(Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1), OldHasher())

    right, update = await passwords.verify_and_update("correct horse", old, "")
    assert right
    assert update is not None
    assert await passwords.verify_and_update("correct horse", update, "") == (True, None)
    assert await passwords.verify_and_update("wrong horse", old, "") == (False, None)


def test_new_hashes_have_the_recommended_parameters() -> None:
    assert argon2().hash("x").startswith("$argon2id$v=19$m=19456,t=2,p=1$")


async def test_as_many_hash_at_once_as_there_are_cores_and_the_loop_goes_on() -> None:
    hasher = HeldHasher()
    passwords = Passwords(hasher)
    hasher.go_on.clear()
    async with trio.open_nursery() as nursery:
        for number in range(20):
            nursery.start_soon(passwords.hash, "x", number)
        await wait_all_tasks_blocked()  # the loop is free: nothing on it waits for a hash
        hasher.go_on.set()

    assert hasher.most <= len(os.sched_getaffinity(0))


async def test_when_too_many_wait_the_next_is_refused() -> None:
    hasher = HeldHasher()
    passwords = Passwords(hasher)
    hasher.go_on.clear()
    async with trio.open_nursery() as nursery:
        for number in range(200 + len(os.sched_getaffinity(0))):
            nursery.start_soon(passwords.hash, "x", number)
        await wait_all_tasks_blocked()
        with pytest.raises(Refused) as caught:
            await passwords.verify("x", "", "")
        hasher.go_on.set()

    assert caught.value.code is Code.TOO_FAST
    assert caught.value.retry_after == 2.0
    assert not await passwords.verify("x", "", "")


@pytest.fixture
def one_core() -> Iterator[None]:
    """Lets this process use one core only, as a service manager or a container may."""
    usable = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(usable)})
    yield
    os.sched_setaffinity(0, usable)


@pytest.mark.usefixtures("one_core")  # or the other thread may do many while theirs is paused
async def test_a_newcomer_waits_for_one_of_those_who_have_a_hundred_waiting() -> None:
    hasher = HeldHasher()
    passwords = Passwords(hasher)
    hasher.go_on.clear()
    waiting_when_done: list[int] = []
    greedy = 0

    async def greedily() -> None:
        nonlocal greedy
        greedy += 1
        await passwords.hash("x", "192.0.2.1")
        greedy -= 1

    async def once() -> None:
        await passwords.hash("x", "192.0.2.2")
        waiting_when_done.append(greedy)

    async with trio.open_nursery() as nursery:
        for _ in range(100):
            nursery.start_soon(greedily)
        await wait_all_tasks_blocked()
        nursery.start_soon(once)
        await wait_all_tasks_blocked()
        hasher.go_on.set()

    assert waiting_when_done[0] >= 100 - 3


async def test_one_who_fills_the_queue_keeps_nobody_else_out() -> None:
    hasher = HeldHasher()
    passwords = Passwords(hasher)
    hasher.go_on.clear()
    refused = []

    async def greedily() -> None:
        try:
            await passwords.hash("x", "192.0.2.1")
        except Refused as exc:
            refused.append(exc.code)

    async with trio.open_nursery() as nursery:
        for _ in range(HASHING_QUEUE + len(os.sched_getaffinity(0))):
            nursery.start_soon(greedily)
        await wait_all_tasks_blocked()
        nursery.start_soon(passwords.hash, "x", "192.0.2.2")
        await wait_all_tasks_blocked()
        hasher.go_on.set()

    assert refused == [Code.TOO_FAST]


@pytest.mark.usefixtures("one_core")
async def test_on_one_usable_core_one_is_hashed_at_a_time() -> None:
    hasher = HeldHasher()
    passwords = Passwords(hasher)
    async with trio.open_nursery() as nursery:
        hasher.go_on.clear()
        for _ in range(3):
            nursery.start_soon(passwords.hash, "x", "")
        await wait_all_tasks_blocked()
        assert len(passwords._queue) == 2  # the others wait
        hasher.go_on.set()


@pytest.mark.skipif(sys.platform != "linux", reason="no other system has priorities of threads")
async def test_hashing_leaves_the_cores_to_everything_else() -> None:
    hasher = PriorityHasher()
    passwords, usual = Passwords(hasher), _niceness()

    await passwords.hash("correct horse", "")

    assert hasher.niceness == min(usual + 5, 19)
    assert _niceness() == usual
