"""The load benchmark runs, counts exactly, and judges by its rules.

No figure is asserted: the speed of a machine that runs tests means nothing.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks import floor
from benchmarks.connections import Connection
from benchmarks.dialects import Irc
from benchmarks.machine import NotMeasured, Usage, choose_cores
from benchmarks.mixed import MixedTexts
from benchmarks.native import Native
from benchmarks.promise import Verdict, judge
from benchmarks.reader import CutOff, Reader
from benchmarks.results import Result
from benchmarks.texts import BODY_SIZE, body, sender_key, senders, stamps
from benchmarks.workloads import RATE

TESTS = Path(__file__).parents[1]

#: A valid round.
CALM = Usage(wall=1, generator=0.5, server=1, others=0)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder with a short path: that of a socket in it has 107 bytes at most."""
    with tempfile.TemporaryDirectory(prefix="smoke-") as short:
        yield Path(short)


@pytest.fixture(scope="module")
def report(folder: Path) -> Any:
    """The JSON of a smoke run."""
    subprocess.run(
        [sys.executable, "-m", "benchmarks.fanout", "--smoke", "--json", str(folder / "run.json")],
        cwd=TESTS,
        env=os.environ | {"XDG_CACHE_HOME": str(folder)},
        check=True,
        timeout=50,
        capture_output=True,
    )
    return json.loads((folder / "run.json").read_text())


@pytest.mark.parametrize("workload", ["smoke", "smoke-mixed", "smoke-ipv6"])
def test_every_message_of_a_smoke_run_is_counted_once_per_member(
    report: Any, workload: str
) -> None:
    smoke = report["workloads"][workload]["servers"]["chat-server"]

    assert smoke["trouble"] == ""
    assert len(smoke["counts"]) == 2
    for counts in smoke["counts"]:
        assert counts["messages"] > 0
        assert counts["deliveries"] == counts["messages"] * 6


def test_a_smoke_run_reports_rates_and_latencies_of_every_round(report: Any) -> None:
    rate = report["workloads"]["smoke"]["servers"]["chat-server"]["figures"]["deliveries/s"]
    latency = report["workloads"]["smoke-latency"]["servers"]["chat-server"]["figures"]

    assert rate["min"] <= rate["median"] <= rate["max"]
    assert len(rate["rounds"]) == 2
    assert 0 < latency["p50 ms"]["median"] <= latency["p99 ms"]["median"]


def test_a_smoke_run_reports_its_machine_and_gives_no_verdict(report: Any) -> None:
    assert report["machine"]["cores"] >= 1
    assert set(report["servers"]) == {"chat-server"}
    assert not [goal for goal in report["goals"] if goal["verdict"] != "no verdict"]


@pytest.mark.parametrize("size", [1, 7, 20, 21, 22, 64, 71, 200])
def test_a_delivery_split_by_reads_is_counted_once(size: int) -> None:
    data = b"".join(b"PRIVMSG #bench :" + body(number) + b"\r\n" for number in range(50))
    (counted, to_counted), (lined, to_lined) = connected(0), connected(1)
    reader = Reader()

    lines = b""
    for start in range(0, len(data), size):
        to_counted.sendall(data[start : start + size])
        to_lined.sendall(data[start : start + size])
        reader.count(counted)
        lines += reader.lines(lined)

    assert counted.deliveries == lined.deliveries == 50
    assert senders(lines) == {sender_key(number): 1 for number in range(50)}
    for end in (counted.stream, lined.stream, to_counted, to_lined):
        end.close()


def test_a_body_has_its_size_and_time_stamp() -> None:
    assert len(body(9999, 2**62)) == BODY_SIZE
    assert list(stamps(body(1, 17) + b"\n" + body(2, 2**62) + b"\n")) == [17, 2**62]


def test_mixed_texts_are_of_all_lengths_kinds_and_scripts() -> None:
    texts = MixedTexts()
    posts = [
        json.loads(texts.posts(Native(), "bench0", sender=7, count=1, seen=seen))
        for seen in range(1_000)
    ]
    bodies = [post["text"] for post in posts]
    replies = [seen - post["reply"] for seen, post in enumerate(posts) if "reply" in post]

    assert all(text.startswith("☃07") and text.count("☃") == 1 for text in bodies)
    assert min(map(len, bodies)) == 3
    assert 350 < max(map(len, bodies)) <= 400
    assert 150 < len(replies) < 250
    assert 0 <= min(replies) <= max(replies) <= 50
    for sign in ("@m00003", "привет", "你好", "👩🏽\u200d💻"):
        assert any(sign in text for text in bodies)


def test_other_servers_get_the_same_texts_as_far_as_a_line_of_irc_goes() -> None:
    ours, theirs = MixedTexts(), MixedTexts()
    for _ in range(300):
        post = json.loads(ours.posts(Native(), "bench0", sender=7, count=1, seen=0))
        line = theirs.posts(Irc(), "bench0", sender=7, count=1, seen=0).decode()
        text = line.removeprefix("PRIVMSG #bench0 :").removesuffix("\r\n")

        assert post["text"].startswith(text)
        assert text == post["text"] or 396 < len(text.encode()) <= 400


def test_mixed_texts_are_told_apart_by_their_senders() -> None:
    texts = MixedTexts()
    data = b"".join(texts.posts(Irc(), "bench0", sender, 3, 0) for sender in range(50))

    assert texts.senders(data) == {texts.sender_key(sender): 3 for sender in range(50)}


def test_a_connection_closed_by_the_server_raises() -> None:
    connection, other_end = connected(3)
    other_end.close()

    with pytest.raises(CutOff, match="connection 3 was cut off"):
        Reader().count(connection)
    connection.stream.close()


def test_a_goal_is_judged_by_the_ratio_of_the_median_round() -> None:
    verdict = judged(ours=[1.0, 4.0, 9.0], theirs=[2.0, 2.0, 2.0])

    assert (verdict.value, verdict.lowest, verdict.highest) == (2.0, 0.5, 4.5)
    assert verdict.word == "reached"
    assert judged(ours=[1.9], theirs=[2.0]).word == "missed"


def test_a_peer_that_is_not_installed_allows_no_verdict() -> None:
    absent = Result(reason="inspircd is not installed")

    (verdict, *_) = judge({"n100": {"chat-server": result([1.0]), "InspIRCd": absent}})

    assert verdict.word == "no verdict"
    assert "inspircd is not installed" in verdict.doubt


@pytest.mark.parametrize(
    ("usage", "reason"),
    [
        (Usage(wall=1, generator=0.95, server=0.5, others=0), "generator was busy 95%"),
        (Usage(wall=1, generator=0.5, server=0.5, others=0.5), "others took 0.50 cores"),
    ],
)
def test_a_busy_generator_or_machine_allows_no_verdict(usage: Usage, reason: str) -> None:
    verdict = judged(ours=[3.0], theirs=[2.0], usage=usage)

    assert verdict.word == "no verdict"
    assert reason in verdict.doubt


def test_a_failed_server_has_the_reason_in_its_result() -> None:
    broken = Result()

    with broken.recording_failure():
        raise NotMeasured("it crashed")

    assert not broken.measured
    assert broken.doubt() == "it crashed"


def connected(number: int) -> tuple[Connection, socket.socket]:
    """Return a connection as the load reads it, and its other end."""
    near, far = socket.socketpair()
    near.setblocking(False)
    return Connection(number, near), far


def judged(
    *,
    ours: list[float],
    theirs: list[float],
    usage: Usage = CALM,
) -> Verdict:
    """Return the verdict on the first goal: to be as fast as InspIRCd."""
    run = {"chat-server": result(ours, usage), "InspIRCd": result(theirs, usage)}
    return judge({"n100": run})[0]


def result(rates: list[float], usage: Usage = CALM) -> Result:
    """Return a result with these rates, all taken under the same conditions."""
    return Result(figures={RATE: rates}, usages=[usage] * len(rates))


def test_the_floor_is_measured_with_blocks_of_real_length(folder: Path) -> None:
    blocks = floor.blocks()

    assert {block.count(b"~load-benchmark-line~") for block in blocks.values()} == {floor.MESSAGES}
    for label, block in blocks.items():
        measured = floor.measure(5, label, block, 2, choose_cores())
        assert (measured.block, len(measured.costs)) == (len(block), 2)
        assert min(measured.costs) > 0
    assert len(floor.sync(folder, 2)) == 2


@pytest.mark.parametrize("scheme", ["tcp", "tls"])
def test_all_who_return_at_once_receive_what_they_missed(folder: Path, scheme: str) -> None:
    run = subprocess.run(
        [
            *(sys.executable, "-m", "benchmarks.catching_up", "--schemes", scheme),
            *("--members", "5", "--missed", "120", "--returns", "1"),
        ],
        cwd=TESTS,
        env=os.environ | {"XDG_CACHE_HOME": str(folder)},
        check=True,
        timeout=50,
        capture_output=True,
        text=True,
    )

    assert run.stdout.count("the last has caught up after") == 1
