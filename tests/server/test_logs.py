"""Log lines say what happened, never what members typed, and never stop the server."""

import json
import os
import select
import socket
import sys
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest
import structlog

from chat_server import logs
from chat_server.config import LogFormat
from chat_server.logs import LineLimit, set_up_logging

log = structlog.get_logger()

both_formats = pytest.mark.parametrize("log_format", ["pretty", "json"])


@pytest.fixture(autouse=True)
def reset_logging() -> Iterator[None]:
    yield
    structlog.reset_defaults()


@contextmanager
def _at_stderr(fd: int) -> Iterator[None]:
    stderr = os.dup(2)
    os.dup2(fd, 2)
    try:
        yield
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)


@contextmanager
def _full_disk_at_stderr() -> Iterator[None]:
    with open("/dev/full", "wb") as full, _at_stderr(full.fileno()):
        yield


def _crash_over(secret: str) -> None:
    local = secret
    raise KeyError(local)


def _logged(crash: Callable[[], Any], capfd: pytest.CaptureFixture[str]) -> str:
    try:
        crash()
    except Exception:
        log.exception("session crashed")
    return capfd.readouterr().err


def test_a_json_log_line_is_one_object(capfd: pytest.CaptureFixture[str]) -> None:
    set_up_logging("info", "json")
    log.info("session closed", account="Ada", reason="client disconnected")

    captured = capfd.readouterr()
    line = json.loads(captured.err)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "account": "Ada",
        "event": "session closed",
        "level": "info",
        "reason": "client disconnected",
    }
    assert captured.out == ""


def test_a_readable_line_has_no_colours_outside_a_terminal(
    capfd: pytest.CaptureFixture[str],
) -> None:
    set_up_logging("info", "pretty")
    log.info("session closed", account="Ada")

    line = capfd.readouterr().err
    assert "session closed" in line
    assert "account=Ada" in line
    assert "\x1b" not in line


@both_formats
def test_lines_below_the_level_are_not_written(
    log_format: LogFormat, capfd: pytest.CaptureFixture[str]
) -> None:
    set_up_logging("warning", log_format)
    log.debug("no")
    log.info("no")
    log.warning("yes")
    log.error("yes")

    lines = capfd.readouterr().err.splitlines()
    assert len(lines) == 2
    assert all("yes" in line for line in lines)


@both_formats
def test_a_crash_logs_the_exception_and_its_frames_but_not_its_message(
    log_format: LogFormat, capfd: pytest.CaptureFixture[str]
) -> None:
    set_up_logging("debug", log_format)
    text = _logged(lambda: _crash_over("s3cr3t words"), capfd)

    assert "session crashed" in text
    assert "KeyError" in text
    assert "_crash_over" in text
    assert "s3cr3t" not in text


@both_formats
def test_a_crash_of_several_tasks_logs_every_exception_and_its_causes(
    log_format: LogFormat, capfd: pytest.CaptureFixture[str]
) -> None:
    def crash_twice() -> None:
        try:
            _crash_over("s3cr3t words")
        except KeyError as exc:
            raise ExceptionGroup("s3cr3t", [OSError("s3cr3t"), ValueError("s3cr3t")]) from exc

    set_up_logging("debug", log_format)
    text = _logged(crash_twice, capfd)

    for name in ("ExceptionGroup", "OSError", "ValueError", "KeyError", "_crash_over"):
        assert name in text
    assert "s3cr3t" not in text


@both_formats
def test_a_line_that_cannot_be_written_raises_nothing_and_is_not_kept(
    log_format: LogFormat, capfd: pytest.CaptureFixture[str]
) -> None:
    set_up_logging("info", log_format)
    with _full_disk_at_stderr():
        for write in (log.info, log.warning, log.error, log.critical):
            write("lost")
    log.info("written")

    assert "lost" not in capfd.readouterr().err


def test_too_many_lines_are_omitted_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 0.1, 0.2, 0.3, 60.0, 60.1])
    monkeypatch.setattr(logs, "monotonic", lambda: next(clock))
    limit = LineLimit(2, 60.0)

    assert [limit.admit() for _ in range(6)] == [{}, {}, None, None, {"omitted": 2}, {}]


def _terminal() -> tuple[int, int]:
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    return ours, theirs


def _connection() -> tuple[int, int]:
    ours, theirs = socket.socketpair()
    return ours.detach(), theirs.detach()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere pipes and terminals are waited for")
@pytest.mark.parametrize("opened", [os.pipe, _terminal, _connection])
def test_a_reader_that_has_stalled_holds_nothing_up(
    opened: Callable[[], tuple[int, int]],
) -> None:
    ours, theirs = opened()
    with _at_stderr(theirs):
        set_up_logging("info", "json")
        for number in range(10_000):  # more than any of them takes
            log.info("session closed", number=number)
        read = b""
        while select.select([ours], [], [], 0)[0]:
            read += os.read(ours, 65_536)
        attempts = count()  # a terminal may hold what it does not show yet
        while not (b"session opened" in read and read.endswith(b"\n")):
            log.info("session opened", attempt=next(attempts))
            read += os.read(ours, 65_536)
    os.close(ours)
    os.close(theirs)

    lines = [json.loads(line) for line in read.decode().splitlines()]
    earlier = [line["number"] for line in lines if line["event"] == "session closed"]
    first = lines[len(earlier)]
    assert earlier == list(range(len(earlier)))
    assert first["event"] == "session opened"
    assert first["dropped"] == 10_000 - len(earlier) + first["attempt"]
