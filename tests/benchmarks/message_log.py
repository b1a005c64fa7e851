"""The cost of the message log: `cd tests && ../.venv/bin/python -m benchmarks.message_log`.

Runs the log above a composer in a terminal of its own (headless, Textual draws
nothing) and measures CPU from a change to the frame that shows it. Figures that
include waiting for the next frame are wall times and are marked so.
"""

import asyncio
import fcntl
import json
import os
import pty
import signal
import statistics
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from textual.app import App, ComposeResult
from textual.widgets import TextArea

from chat_tui.ui.log.log_model import LogModel
from chat_tui.ui.log.message_log import MessageLog
from chat_tui.ui.log.rows import MessageRow, with_days

SIZES = (1_000, 10_000, 100_000)
ROUNDS = 40
COLUMNS, LINES = 120, 40
START = datetime(2026, 1, 1, tzinfo=UTC)
WORDS = "the kettle is on and nobody knows why the build broke again on friday".split()  # noqa: SIM905


def messages(start: int, end: int) -> Iterator[MessageRow]:
    for seq in range(start, end):
        text = " ".join(WORDS[(seq * 7 + n) % len(WORDS)] for n in range(seq * 13 % 37 + 1))
        at = START + timedelta(minutes=seq)
        yield MessageRow(("seq", seq), f"author{seq // 3 % 11}", text, at)


class Bench(App[None]):
    """Measures itself and exits; figures in milliseconds."""

    CSS = "TextArea { height: 3; }"

    def __init__(self, count: int) -> None:
        super().__init__()
        self.count = count
        self.figures: dict[str, float] = {}

    def compose(self) -> ComposeResult:
        yield MessageLog(zone=UTC)
        yield TextArea()

    def on_mount(self) -> None:
        self.run_worker(self.measure())

    async def measure(self) -> None:
        await self.frame()
        log, composer = self.query_one(MessageLog), self.query_one(TextArea)
        rows = list(with_days(messages(0, self.count)))
        started = time.perf_counter()
        log.show(LogModel(rows))
        await self.frame()
        self.record("load (wall)", time.perf_counter() - started)

        newer = messages(self.count, self.count + 10 * ROUNDS)
        await self.repeat("append, following", lambda: log.model.append([next(newer)]))
        await self.repeat("keystroke", lambda: composer.insert("x"))
        log.page_up()
        log.page_up()
        await self.repeat("append, reading", lambda: log.model.append([next(newer)]))
        await self.repeat("page up", log.page_up)
        page = list(with_days(messages(-200, 0)))
        self.record("prepend 200", await self.cost(lambda: log.model.prepend(page)))
        await self.resize(log)
        self.exit()

    async def resize(self, log: MessageLog) -> None:
        for columns in (80, 160):
            place = log.model.place
            started = time.perf_counter()
            size = struct.pack("HHHH", LINES, columns, 0, 0)
            fcntl.ioctl(sys.__stdin__ or 0, termios.TIOCSWINSZ, size)
            os.kill(os.getpid(), signal.SIGWINCH)
            while log.size.width != columns:
                await self.frame()
            await self.frame()
            self.record(f"resize to {columns} (wall)", time.perf_counter() - started)
            assert log.model.place == place, "the reader's place was lost"

    async def repeat(self, name: str, change: Callable[[], object]) -> None:
        self.record(name, statistics.median([await self.cost(change) for _ in range(ROUNDS)]))

    async def cost(self, change: Callable[[], object]) -> float:
        """Return the CPU seconds from `change` to the frame after it."""
        await self.frame()
        started = time.process_time()
        change()
        await self.frame()
        return time.process_time() - started

    async def frame(self) -> None:
        drawn = asyncio.Event()
        self.screen.call_after_refresh(drawn.set)
        await drawn.wait()

    def record(self, name: str, seconds: float) -> None:
        self.figures[name] = round(1000 * seconds, 2)


def measured(count: int) -> dict[str, float]:
    """Run the benchmark with `count` messages in a terminal of its own."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    answer, report = os.pipe()
    command = [sys.executable, "-m", "benchmarks.message_log", str(count), str(report)]
    environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    threading.Thread(target=drain, args=(ours,), daemon=True).start()
    subprocess.run(
        command,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        pass_fds=[report],
        env=environment,
        start_new_session=True,
        check=True,
        timeout=120,
    )
    os.close(report)
    with os.fdopen(answer) as lines:
        figures: dict[str, float] = json.load(lines)
    return figures


def drain(terminal: int) -> None:
    """Read the output of the terminal, or the app would block once its buffer is full."""
    while os.read(terminal, 65536):
        pass


def report_to(descriptor: int, count: int) -> None:
    app = Bench(count)
    app.run()
    with os.fdopen(descriptor, "w") as lines:
        json.dump(app.figures, lines)


def main() -> None:
    columns = {count: measured(count) for count in SIZES}
    table = [f"{'milliseconds of CPU, median':<28}" + "".join(f"{n:>10,}" for n in SIZES)]
    table += [
        f"{name:<28}" + "".join(f"{columns[n][name]:>10.1f}" for n in SIZES)
        for name in columns[SIZES[0]]
    ]
    sys.stdout.write("\n".join(table) + "\n")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        report_to(int(sys.argv[2]), int(sys.argv[1]))
    else:
        main()
