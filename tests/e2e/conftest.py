"""Fixtures of the end-to-end tests."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from support.terminal import Desk, desk


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The data folder of a server, which is not there yet."""
    return tmp_path / "data"


@pytest.fixture
def table(tmp_path: Path) -> Iterator[Desk]:
    """Terminals side by side; programs that still run are ended with the test.

    Their home folders have short paths: those of pytest are too long for a Unix
    socket.
    """
    with TemporaryDirectory(prefix="desk-") as folder:
        with desk(Path(folder)) as own:
            yield own
        _end_gateways(folder, str(tmp_path))


def _end_gateways(*folders: str) -> None:
    """End the gateways of servers in these folders: they outlive a server that is killed."""
    found = subprocess.run(
        ["pgrep", "-f", f"chat_tui.gateway.*({'|'.join(folders)})/"],
        capture_output=True,
        check=False,
    )
    for pid in map(int, found.stdout.split()):
        os.kill(pid, signal.SIGTERM)
