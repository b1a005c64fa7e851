"""Holds SIGHUP back while a server starts: it would end a process that cannot reload yet.

Imported before anything else by the command, since its other imports take a while, too.
"""

import signal
import sys
from pathlib import Path


def hold() -> None:
    """Keep SIGHUP pending until `release`."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})


def release() -> None:
    """Deliver SIGHUP, now if it is pending."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGHUP})


if Path(sys.argv[0]).name == "chat-server":  # and not a program that imports it
    hold()
