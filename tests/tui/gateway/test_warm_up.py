"""What a worker finds ready, because a client ran before it was forked."""

import json
import os
import subprocess
import sys
from pathlib import Path

_REPORT = """
import json, os, sys, threading
from pathlib import Path
from chat_tui.gateway.warm_up import warm_up

before = len(os.listdir("/proc/self/fd"))
warm_up(Path(sys.argv[1]) / "proxy.sock")

from chat_tui.terminal.stylesheet import SharedStylesheet

print(json.dumps({
    "threads": threading.active_count(),
    "left open": len(os.listdir("/proc/self/fd")) - before,
    "chat": "chat_tui.ui.chat.screen" in sys.modules,
    "log styled": any("LogView" in key[0] for key in SharedStylesheet._parsed.keys()),
}))
"""


def test_a_client_was_shown_and_nothing_of_it_is_left_running(tmp_path: Path) -> None:
    reported = subprocess.run(
        [sys.executable, "-c", _REPORT, str(tmp_path)],
        env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip

    assert reported.stderr == ""
    assert json.loads(reported.stdout) == {
        "threads": 1,
        "left open": 0,
        "chat": True,
        "log styled": True,
    }
