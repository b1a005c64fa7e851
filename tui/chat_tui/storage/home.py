"""The user's own folders, wherever the system wants them."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

APP: Final = "trialogue"


class NoHome(Exception):
    """Nobody says where the user's folders are; the message says what to do."""


def user_folder(find: Callable[[str], Path]) -> Path:
    """Return the folder that `find`, of platformdirs, has for this program. Raises NoHome.

    Without HOME, and with a user id that the system does not know, there is none.
    """
    try:
        folder = find(APP)
    except RuntimeError:
        folder = Path()
    if not folder.is_absolute():  # earlier versions of platformdirs return ~/… as it is
        raise NoHome("Your home folder isn't known. Set HOME to its absolute path.")
    return folder


def shown_path(path: Path) -> str:
    """Return `path` as people know it, with ~ for their home folder."""
    try:
        return f"~/{path.relative_to(Path.home())}"
    except (ValueError, RuntimeError):
        return str(path)
