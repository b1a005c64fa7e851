"""While people come, all objects are not searched for garbage, and those of the start never are."""

import subprocess
import sys
from pathlib import Path

# Makes as many objects as some thousand sessions have, and prints how often all were looked at.
_GROW = """
import gc
full = 0
def count(phase, info):
    global full
    full += phase == "start" and info["generation"] == 2
{first}
gc.callbacks.append(count)
there = [[n] for n in range(300_000)]
print(full)
"""

# Starts a server that ends at once, and prints whether its modules are left out.
_SERVE = """
import atexit, gc, sys
from chat_server.cli import main
atexit.register(lambda: print(gc.get_freeze_count() > 10_000 > len(gc.get_objects())))
main()
"""


def _output(script: str, *arguments: str) -> str:
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.check_output(command, stdin=subprocess.DEVNULL, text=True, timeout=60)


def test_what_comes_to_stay_causes_no_full_collection() -> None:
    rarely = "from chat_server.garbage import collect_rarely; collect_rarely()"

    assert int(_output(_GROW.format(first=""))) > 0
    assert int(_output(_GROW.format(first=rarely))) == 0


def test_what_a_server_has_at_its_start_is_left_out(tmp_path: Path) -> None:
    listen = ("--listen", f"unix://{tmp_path}/chat.sock", "--until-eof")

    assert _output(_SERVE, "--data", str(tmp_path / "data"), *listen).endswith("True\n")
