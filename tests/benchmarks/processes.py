"""Server processes: started on a core of their own, waited for, and ended by their own id."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from benchmarks.machine import NotMeasured

_PR_SET_PDEATHSIG = 1  # from <linux/prctl.h>

#: Seconds that a server may take until it accepts connections, and until it has ended.
_START_DEADLINE = 30.0
_END_DEADLINE = 15.0


@contextlib.contextmanager
def running(argv: Sequence[str], folder: Path, core: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run `argv` in `folder`, pinned to `core`, for as long as the block lasts.

    What it prints goes to the files `stdout` and `stderr` there: a pipe that nobody reads fills
    up, and then a server that logs stands still.
    """
    with (folder / "stdout").open("wb") as output, (folder / "stderr").open("wb") as errors:
        process = subprocess.Popen(
            argv,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            env={name: value for name, value in os.environ.items() if name[:5] != "CHAT_"},
            preexec_fn=partial(_settle_in, core),
        )
    try:
        yield process
    finally:
        _end(process)


def _settle_in(core: int) -> None:
    """Pin this process to its core, and have the kernel end it should the benchmark be killed."""
    os.sched_setaffinity(0, {core})
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_END_DEADLINE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def run_to_end(argv: Sequence[str], folder: Path) -> None:
    """Run `argv` in `folder` until it ends; raises NotMeasured where it fails."""
    try:
        subprocess.run(argv, cwd=folder, capture_output=True, timeout=_START_DEADLINE, check=True)
    except subprocess.CalledProcessError as exc:
        raise NotMeasured(f"{exc}: {exc.stderr.decode(errors='replace')[-200:]}") from exc
    except (OSError, subprocess.TimeoutExpired) as exc:
        raise NotMeasured(str(exc)) from exc


def free_port() -> int:
    """Return a port of the loopback that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_accepting(process: subprocess.Popen[bytes], port: int, folder: Path) -> None:
    """Return once `port` accepts; raises NotMeasured when the process ends or takes too long."""
    for _ in _patience(process, folder):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return


def wait_line(process: subprocess.Popen[bytes], folder: Path) -> str:
    """Return the first line that the process prints; raises NotMeasured as above."""
    for _ in _patience(process, folder):
        line, end, _ = (folder / "stdout").read_text().partition("\n")
        if end:
            return line
    raise AssertionError("patience ends with an exception")


def _patience(process: subprocess.Popen[bytes], folder: Path) -> Iterator[None]:
    deadline = time.monotonic() + _START_DEADLINE
    while time.monotonic() < deadline and process.poll() is None:
        yield
        time.sleep(0.02)
    raise NotMeasured(f"did not start: {last_words(folder)}")


def last_words(folder: Path) -> str:
    """Return the last line that the process in `folder` wrote to standard error."""
    words = (folder / "stderr").read_text(errors="replace").strip()
    return words.rpartition("\n")[2] or "no word on stderr"
