"""Any file, environment and flags give a config, or one sentence.

`CONFIG_EXAMPLES` sets how many of each kind are tried; they are the same every time.
"""

import io
import json
import os
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import fields
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, example, given, settings, strategies as st

from chat_server import cli
from chat_server.config import Config, Limits
from chat_server.keep import parse_keep
from chat_shared.text import clean_line
from support.server_process import run

_EXAMPLES: Final = int(os.environ.get("CONFIG_EXAMPLES", "60"))
_FUZZ: Final = settings(
    max_examples=_EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

_SETTINGS: Final = [field.name for field in fields(Config) if field.name != "limits"]
_LIMITS: Final = [field.name for field in fields(Limits)]

# Valid and almost valid values of the settings.
_LIKELY: Final = [
    "tls://[::]:7667", "tcp://127.0.0.1:0", "tcp://0.0.0.0:1", "tcp://127.0.0.1:65536",
    "unix:///tmp/x", "unix://x", "90d", "forever", "0d", "open", "invite", "maybe", "power",
    "json", "debug", "true", "false", "no", "1", "0", "-1", "1.5", "1e400", "nan", "inf", "٣",
    "1_000", "0x10", "", " ", "chat.example.org", "::1", "[::1]", "/etc/passwd", "/dev/null",
    "[", "{", '{"a": 1}', "[1, 2]", "--data", "-", "--", "\x1b[2J", "a\nb",
]  # fmt: skip

words = st.sampled_from(_LIKELY) | st.text(max_size=20)
# As the system passes them: any bytes but NUL.
system_words = st.sampled_from(_LIKELY) | st.binary(max_size=20).map(
    lambda data: os.fsdecode(data.replace(b"\0", b""))
)
numbers = st.integers() | st.floats() | st.sampled_from([0, 1, -1, 2**63, 10**30])
values = st.recursive(
    words | numbers | st.booleans() | st.dates() | st.times() | st.datetimes(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=5,
)
keys = st.sampled_from([*_SETTINGS, *(name.replace("_", "-") for name in _SETTINGS)])
tables = st.dictionaries(keys | keys | words, values, max_size=4)
limits = st.dictionaries(st.sampled_from(_LIMITS) | words, values, max_size=3)
flags = st.sampled_from(
    [
        *(f"--{name.replace('_', '-')}" for name in _SETTINGS),
        *(f"--limits.{name.replace('_', '-')}" for name in _LIMITS),
        *("--config", "--no-insecure", "--limits", "--empty-listen"),
    ]
)
variables = st.sampled_from(
    [f"CHAT_{name.upper()}" for name in (*_SETTINGS, "config", "limits", "nonsense")]
    + [f"CHAT_LIMITS_{name.upper()}" for name in _LIMITS]
)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A file for --config, without the environment of the user who runs the tests."""
    monkeypatch.chdir(tmp_path)
    for name in os.environ:
        if name.startswith("CHAT_"):
            monkeypatch.delenv(name)
    config = cli._app.config
    yield tmp_path / "chat.toml"
    cli._app.config = config


def _outcome(*arguments: str) -> Config | str:
    """Return the config, or the error sentence."""
    errors, output = io.StringIO(), io.StringIO()
    config = cli._app.config  # --config changes this for the whole process
    code: object = 0
    result: object = None
    with redirect_stderr(errors), redirect_stdout(output):
        try:
            result = cli.run_command(arguments)
        except SystemExit as exc:
            code = exc.code
    cli._app.config = config
    if isinstance(result, Config):
        return result
    assert code == 2, (code, errors.getvalue(), output.getvalue())
    return errors.getvalue()


def _check(outcome: Config | str, *sources: str) -> None:
    """Assert that a config is valid, or that a sentence is one line and names its source."""
    if isinstance(outcome, Config):
        assert outcome.addresses
        assert parse_keep(outcome.keep) >= 0
        assert outcome.grace >= 0
        return
    assert outcome.startswith("chat-server: ")
    assert outcome.endswith("\n")
    assert outcome[:-1] == clean_line(outcome[:-1])
    named = [name for source in sources for name in (clean_line(source), repr(source)[1:-1])]
    assert any(name in outcome for name in named), outcome


def _toml(value: Any) -> str:
    """Return `value` as TOML."""
    match value:
        case bool() | date() | time() | datetime():
            return str(value).lower()
        case str():
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case list():
            return f"[{', '.join(map(_toml, value))}]"
        case dict():
            return f"{{{', '.join(f'{_toml(k)} = {_toml(v)}' for k, v in value.items())}}}"
    return repr(value)


@_FUZZ
@given(data=st.binary(max_size=200))
@example(data=b"listen = " + b"[" * 50_000)
@example(data=b"grace = " + b"9" * 5_000)
@example(data=b'name = "\xff"')
@example(data=b'\xef\xbb\xbfname = "with a mark"')
def test_any_bytes_in_the_file(file: Path, data: bytes) -> None:
    file.write_bytes(data)

    _check(_outcome("--config", str(file)), str(file))


@_FUZZ
@given(table=tables, limits=limits)
@example(table={"grace": float("nan")}, limits={})
@example(table={"grace": float("inf")}, limits={})
@example(table={"config": "other.toml"}, limits={})
@example(table={"limits": 5}, limits={})
@example(table={"listen": [[date(2000, 1, 1)]]}, limits={})
@example(table={"until_eof": "maybe"}, limits={})
@example(table={}, limits={"posts": 1.5})
def test_any_values_in_the_file(file: Path, table: dict[str, Any], limits: dict[str, Any]) -> None:
    lines = [f"{_toml(key)} = {_toml(value)}\n" for key, value in table.items()]
    if limits and "limits" not in table:
        lines += [f"limits.{_toml(key)} = {_toml(value)}\n" for key, value in limits.items()]
    file.write_text("".join(lines))

    # A key in brackets is from the file; an error about a duplicate key does not name the path.
    written = [f"[{key}]" for key in table]
    _check(_outcome("--config", str(file)), str(file), *written, "--tls-cert", "tcp://")


@_FUZZ
@given(values=st.dictionaries(variables, system_words, max_size=3))
def test_any_values_in_the_environment(file: Path, values: dict[str, str]) -> None:
    with pytest.MonkeyPatch.context() as environment:
        for name, value in values.items():
            environment.setenv(name, value)
        outcome = _outcome()

    _check(outcome, *values, "config file ", "--limits", "--tls-cert", "tcp://")


@_FUZZ
@given(arguments=st.lists(flags | system_words, max_size=6))
def test_any_flags(file: Path, arguments: list[str]) -> None:
    _check(_outcome(*arguments), *arguments, "config file ", "--limits", "--tls-cert", "tcp://")


@pytest.mark.parametrize(
    ("data", "environment"),
    [(b"grace = " + b"9" * 5_000, {}), (b"", {"CHAT_LISTEN": "\x1b]0;title\x07"})],
    ids=["file", "environment"],
)
async def test_the_installed_command_prints_no_traceback(
    file: Path, data: bytes, environment: dict[str, str]
) -> None:
    file.write_bytes(data)  # noqa: ASYNC240 - nothing else runs

    done = await run("--config", file, environment=environment)

    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("chat-server: ")
    assert done.err.count("\n") == 1
    assert "\x1b" not in done.err
