"""Asks the running server, over its admin socket."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from chat_server.admin import messages as m
from chat_server.data_folder import ADMIN_SOCKET
from chat_server.errors import StartError

# Seconds to wait for each part of the answer: deleting an account with many rooms takes a while.
_TIMEOUT: Final = 60.0


class NotRunningError(StartError):
    """No server runs on the data folder."""


def answers(data: Path, request: m.Request) -> Iterator[m.Answer]:
    """Yield the answers of the server on the folder `data`. Raises StartError."""
    try:
        yield from _exchange(data / ADMIN_SOCKET, request)
    except (FileNotFoundError, ConnectionRefusedError):
        raise NotRunningError(
            f"No chat-server is running with the data folder {data}. "
            "Start it, or choose another folder with --data."
        ) from None
    except OSError as exc:
        denied = isinstance(exc, PermissionError)
        advice = "Run it as the server's user or root." if denied else "See the server's log."
        raise StartError(
            f"Cannot reach the server with the data folder {data}: {exc.strerror or exc}. {advice}"
        ) from None


def _exchange(path: Path, request: m.Request) -> Iterator[m.Answer]:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(_TIMEOUT)
        sock.connect(str(path))
        sock.sendall(m.encode(request))
        with sock.makefile("rb") as lines:
            yield from map(m.decode_answer, lines)
