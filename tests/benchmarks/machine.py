"""The machine underneath: its cores, what a process uses of them, and how much memory it holds.

Reads /proc and knows nothing of chat.
"""

import os
import platform
import resource
import time
from dataclasses import dataclass
from pathlib import Path

#: Descriptors that are needed besides the connections: logs, listeners, databases, epoll.
_SPARE_FILES = 200

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")

#: Seconds: the kernel's clock of processor time knows nothing shorter.
CPU_TICK = 1 / _TICKS_PER_SECOND


class NotMeasured(Exception):
    """A measurement is impossible; the message says why, for the report."""


@dataclass(frozen=True)
class Cores:
    """The core of the server and the core of the generator."""

    server: int
    generator: int

    @property
    def shared(self) -> bool:
        """Whether both share one core, so that no figure is valid."""
        return self.server == self.generator


@dataclass(frozen=True)
class Usage:
    """The time used since the start of the machine or the process, in seconds."""

    wall: float
    generator: float
    server: float
    others: float

    def __sub__(self, earlier: "Usage") -> "Usage":
        return Usage(
            self.wall - earlier.wall,
            self.generator - earlier.generator,
            self.server - earlier.server,
            self.others - earlier.others,
        )


def choose_cores() -> Cores:
    """Return the first and the last core that this process may use."""
    allowed = sorted(os.sched_getaffinity(0))
    return Cores(server=allowed[0], generator=allowed[-1])


def usage(server_pid: int) -> Usage:
    """Return the processor time of the generator (this process), the server and all others.

    Others are counted by their time in user mode, and by what the hypervisor gave to other
    machines. The kernel's work for the loopback is charged to no process and would count as theirs.
    """
    mine = os.times()
    server_user, server_system = _process_times(server_pid)
    everyone_user = _machine_user_time()
    return Usage(
        wall=time.perf_counter(),
        generator=mine.user + mine.system,
        server=server_user + server_system,
        others=everyone_user - mine.user - server_user,
    )


def _process_times(pid: int) -> tuple[float, float]:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) / _TICKS_PER_SECOND, int(fields[12]) / _TICKS_PER_SECOND


def _machine_user_time() -> float:
    """Return the time in user mode of all processes on all cores, and the stolen time."""
    _, user, nice, _, _, _, _, _, steal, *_ = Path("/proc/stat").read_text().split()
    return (int(user) + int(nice) + int(steal)) / _TICKS_PER_SECOND


def memory_of(pid: int) -> int:
    """Return the memory of `pid` in bytes, including its share of shared pages (PSS)."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    raise NotMeasured(f"no Pss in /proc/{pid}/smaps_rollup")


def peak_memory(pid: int) -> int:
    """Return the most memory that the process ever had, in bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    (kib,) = (line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(kib) * 1024


def allow_files(count: int) -> None:
    """Raise the limit of open files for this process and its children to hold `count` connections.

    Raises NotMeasured if the hard limit is lower.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = count + _SPARE_FILES
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise NotMeasured(f"{needed} open files are needed, the hard limit is {hard}")
    if soft != resource.RLIM_INFINITY and soft < needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


def description(data: Path) -> dict[str, str | int]:
    """Return the relevant facts about the machine, and about the disk with `data`."""
    return {
        "cores": os.cpu_count() or 1,
        "cores_usable": len(os.sched_getaffinity(0)),
        "processor": _processor(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "data on": _filesystem(data),
    }


def _filesystem(folder: Path) -> str:
    """Return the type of the file system: on `tmpfs` durability costs nothing."""
    mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text().splitlines()]
    above = [(len(point), kind) for point, kind in mounts if folder.is_relative_to(point)]
    return max(above)[1] if above else "unknown"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
