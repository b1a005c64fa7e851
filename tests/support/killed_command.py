"""A command of `chat-server` that is killed at its nth step on the disk."""

import multiprocessing
import os
import signal
import sys
from pathlib import Path
from typing import Final

from chat_server.cli import run_command

_FORKING: Final = multiprocessing.get_context("forkserver")
_FORKING.set_forkserver_preload(["chat_server.cli"])

# What Python reports of what a process does to the disk.
_STEPS: Final = ("open", "os.link", "os.mkdir", "os.remove", "os.rename", "shutil.copyfile")


def kill_at(step: int, *arguments: str | Path) -> bool:
    """Run a command, and kill its process before the step with this number, from 1 on.

    Return whether there was such a step.
    """
    command = [str(argument) for argument in arguments]
    process = _FORKING.Process(target=_run, args=(step, command))
    process.start()
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode != 0


def _run(step: int, command: list[str]) -> None:
    left = step

    def count(event: str, _: tuple[object, ...]) -> None:
        nonlocal left
        if event not in _STEPS:
            return
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - for as long as the process
    sys.addaudithook(count)
    code = run_command(command)
    assert code == 0
