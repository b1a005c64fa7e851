"""What the end-to-end tests share."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from support.terminal import Desk, desk


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let tests fork terminals although threads of earlier tests may still be idle."""
    forks = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
    for item in items:
        if "table" in getattr(item, "fixturenames", ()):
            item.add_marker(forks)


@pytest.fixture
def table() -> Iterator[Desk]:
    """A desk with terminals; whatever still runs on them ends with the test.

    Its homes have names as short as people's: pytest's own folders are so deep
    that no Unix socket fits into them.
    """
    with TemporaryDirectory(prefix="desk-") as folder, desk(Path(folder)) as own:
        yield own
