"""What every test shares: async tests run on trio unless their module says asyncio."""

import inspect

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark async tests for trio. `trio_mode` would claim Textual's tests as well."""
    for item in items:
        function = getattr(item, "function", None)
        if inspect.iscoroutinefunction(function) and not item.get_closest_marker("asyncio"):
            item.add_marker(pytest.mark.trio)
