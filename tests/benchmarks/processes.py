"""Server processes: started on their own core, awaited, and terminated by their id."""

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

#: Seconds for a server to accept connections, and to exit.
_START_DEADLINE = 30.0
_END_DEADLINE = 15.0


@contextlib.contextmanager
def running(argv: Sequence[str], folder: Path, core: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run `argv` in `folder`, pinned to `core`, while the block runs.

    Its output goes to the files `stdout` and `stderr` there: a pipe that is not read fills up,
    and then a server that logs would block.
    """
    with (folder / "stdout").open("wb") as output, (folder / "stderr").open("wb") as errors:
        process = subprocess.Popen(
            argv,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            env={name: value for name, value in os.environ.items() if name[:5] != "CHAT_"},
            preexec_fn=partial(_prepare_process, core),
        )
    try:
        yield process
    finally:
        _end(process)


def _prepare_process(core: int) -> None:
    """Pin this process to its core, and let the kernel end it if the benchmark is killed."""
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
    """Run `argv` in `folder` until it ends; raises NotMeasured if it fails."""
    try:
        subprocess.run(argv, cwd=folder, capture_output=True, timeout=_START_DEADLINE, check=True)
    except subprocess.CalledProcessError as exc:
        raise NotMeasured(f"{exc}: {exc.stderr.decode(errors='replace')[-200:]}") from exc
    except (OSError, subprocess.TimeoutExpired) as exc:
        raise NotMeasured(str(exc)) from exc


def free_port(host: str = "127.0.0.1") -> int:
    """Return a port of the loopback that is free now."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port


def wait_accepting(
    process: subprocess.Popen[bytes], address: tuple[str, int], folder: Path
) -> None:
    """Return once `address` accepts; raises NotMeasured when the process ends or takes too long."""
    for _ in _until_deadline(process, folder):
        with contextlib.suppress(OSError), socket.create_connection(address, 1):
            return


def wait_line(process: subprocess.Popen[bytes], folder: Path) -> str:
    """Return the first line that the process prints; raises NotMeasured as above."""
    for _ in _until_deadline(process, folder):
        line, end, _ = (folder / "stdout").read_text().partition("\n")
        if end:
            return line
    raise AssertionError("_until_deadline ends with an exception")


def _until_deadline(process: subprocess.Popen[bytes], folder: Path) -> Iterator[None]:
    deadline = time.monotonic() + _START_DEADLINE
    while time.monotonic() < deadline and process.poll() is None:
        yield
        time.sleep(0.02)
    raise NotMeasured(f"did not start: {last_error(folder)}")


def last_error(folder: Path) -> str:
    """Return the last line that the process in `folder` wrote to standard error."""
    errors = (folder / "stderr").read_text(errors="replace").strip()
    return errors.rpartition("\n")[2] or "nothing on stderr"
