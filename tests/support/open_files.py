"""What this process has open."""

import os
from contextlib import suppress
from pathlib import Path


def open_files(folder: Path) -> list[str]:
    """Return what is open of `folder`: what others have open comes and goes meanwhile."""
    links = []
    for name in os.listdir("/dev/fd"):
        with suppress(FileNotFoundError):  # closed since
            links.append(os.readlink(os.path.join("/dev/fd", name)))
    return sorted(link for link in links if Path(link).is_relative_to(folder))
