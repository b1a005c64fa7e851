"""What becomes of workers is told to the front: their exit codes, and what they fail with."""

import subprocess
import sys

_FORKS = """
import os, select, socket
from chat_tui.gateway.spawner import MAX_ERROR, Spawner, _Children

class Front(Spawner):
    def __init__(self, control):
        self.control = control

ours, theirs = socket.socketpair()
children, front = _Children(theirs), Front(ours)

def fail():
    raise ValueError("what somebody typed")

for run in fail, os.abort, lambda: None:
    error, worker = socket.socketpair()
    with worker:
        children.fork(worker, run)
    select.select([children.ends], [], [])
    children.report()
    print(front.read_ended(), error.recv(MAX_ERROR).decode().partition(chr(10))[0])
children.fork(theirs.dup(), lambda: None)
front.close()
select.select([children.ends], [], [])
children.report()  # to nobody

ours, theirs = socket.socketpair()
theirs.close()
print(Front(ours).read_ended())
"""


def test_ends_are_told_with_their_reasons_and_without_what_anyone_typed() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _FORKS], capture_output=True, text=True, timeout=30, check=True
    )

    assert done.stdout.splitlines() == ["(0, 1) ValueError", "(1, -6) ", "(2, 0) ", "None"]
    assert "typed" not in done.stderr
