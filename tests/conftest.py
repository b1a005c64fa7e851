"""Settings of all tests: async tests run on trio unless their module says asyncio."""

import inspect
import os

# Before Textual reads it: the tests' output must not depend on the terminal.
os.environ["TEXTUAL_COLOR_SYSTEM"] = "truecolor"

import pytest


def pytest_xdist_auto_num_workers() -> int:
    """Run more tests at a time than there are cores: each waits for a third of its time."""
    allowed = getattr(os, "sched_getaffinity", None)  # not everywhere
    cores = len(allowed(0)) if allowed else os.cpu_count() or 1
    return cores + cores // 2


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark async tests for trio. `trio_mode` would claim Textual's tests as well."""
    for item in items:
        function = getattr(item, "function", None)
        if inspect.iscoroutinefunction(function) and not item.get_closest_marker("asyncio"):
            item.add_marker(pytest.mark.trio)
