"""Settings of all tests: async tests run on trio unless their module says asyncio."""

import gc
import inspect
import os
import signal
from collections.abc import Generator, Iterator

# Before Textual reads it: the tests' output must not depend on the terminal.
os.environ["TEXTUAL_COLOR_SYSTEM"] = "truecolor"

import pytest
from hypothesis import settings

# Properties are tested with the same examples every time, so that failures can be reproduced.
settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.load_profile("repeatable")


def pytest_xdist_auto_num_workers() -> int:
    """Run more tests at a time than there are cores: each waits for a third of its time."""
    allowed = getattr(os, "sched_getaffinity", None)  # not everywhere
    cores = len(allowed(0)) if allowed else os.cpu_count() or 1
    return cores + cores // 2


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage among modules and tests: they stay, and there are very many of them."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark async tests for trio. `trio_mode` would claim Textual's tests as well."""
    for item in items:
        function = getattr(item, "function", None)
        if inspect.iscoroutinefunction(function) and not item.get_closest_marker("asyncio"):
            item.add_marker(pytest.mark.trio)


@pytest.fixture
def heeded_signals() -> Iterator[None]:
    """Let this process and those it starts heed SIGINT and SIGHUP, whatever it was started with.

    Both are ignored where the tests run under `nohup`, or in the background of a script.
    """
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGHUP)}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
