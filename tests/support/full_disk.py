"""Disks that are full, or small, and files that cannot grow, as on one that is full."""

import resource
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Let no file grow beyond `size` bytes, in this process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)


@contextmanager
def small_disk(folder: Path, options: str) -> Iterator[Path]:
    """Have a file system of its own at `folder`, of `size=1m` or so many `nr_inodes`.

    The test is skipped if mounting is not allowed.
    """
    folder.mkdir(mode=0o700)
    if not mounted("-o", f"{options},mode=0700", "-t", "tmpfs", "tmpfs", str(folder)):
        pytest.skip("mounting is not allowed here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def mounted(*arguments: str) -> bool:
    """Mount, and return whether that is allowed."""
    return subprocess.run(["mount", *arguments], capture_output=True, check=False).returncode == 0


def fill_up(filler: Path) -> None:
    """Make `filler` a file that takes all that is left of its disk."""
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        for size in 65_536, 1:
            with suppress(OSError):
                while file.write(bytes(size)):
                    pass
