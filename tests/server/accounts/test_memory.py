"""Without memory, a password is neither right nor wrong: its owner can try again."""

import sys
from typing import Final

import trio

_OUT_OF_MEMORY: Final = """
import resource
from pathlib import Path

import trio
from chat_server.accounts.passwords import Passwords, argon2
from chat_shared.errors import Refused

hasher = argon2()
hashed = hasher.hash("correct horse")


def limit(more):
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + more, -1))


async def log_in():
    passwords = Passwords()
    # Not even enough for a thread; for one beside two that are ending, but not to hash.
    for more in (2**20, 26 * 2**20):
        limit(more)
        for attempt in (passwords.hash("x", ""), passwords.verify("correct horse", hashed, "")):
            try:
                print(await attempt)
            except Refused as refused:
                print(refused.code, refused.retry_after)
    resource.setrlimit(resource.RLIMIT_AS, (-1, -1))
    print(await passwords.verify("correct horse", hashed, ""))


trio.run(log_in)
"""


async def test_it_is_refused_as_busy_and_works_again_later() -> None:
    with trio.fail_after(60):
        done = await trio.run_process(
            [sys.executable, "-c", _OUT_OF_MEMORY], capture_stdout=True, capture_stderr=True
        )

    lines = done.stdout.decode().splitlines()
    reasons = [line.rpartition("=")[2] for line in lines if "password not hashed" in line]
    assert reasons == ["'no memory for a thread'"] * 2 + ["'Memory allocation error'"] * 2
    assert [line for line in lines if "password" not in line] == ["too_fast 2.0"] * 4 + ["True"]
