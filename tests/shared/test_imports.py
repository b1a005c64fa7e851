"""The protocol package does no I/O, and neither does anything that it imports."""

import json
import pkgutil
import subprocess
import sys

import chat_shared

_FORBIDDEN = {
    "trio", "asyncio", "socket", "ssl", "select", "selectors", "subprocess", "textual", "apsw",
    "sqlite3", "logging", "structlog", "chat_server", "chat_tui",
}  # fmt: skip

# Without site-packages' start-up files (-S) and without the environment (-I): what
# is loaded afterwards, the package imported. Its first argument is our path.
_PROGRAM = """
import importlib, json, sys
path, modules = json.loads(sys.argv[1])
sys.path[:] = path
for module in modules:
    importlib.import_module(module)
print(json.dumps(sorted(sys.modules)))
"""


def _brought_by(modules: list[str]) -> set[str]:
    """Return the names of all modules that a fresh interpreter has after importing `modules`."""
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _PROGRAM, json.dumps([sys.path, modules])],
        capture_output=True,
        check=True,
        env={},
        timeout=30,
    )
    return set(json.loads(run.stdout))


def _ours() -> list[str]:
    return [f"chat_shared.{module.name}" for module in pkgutil.iter_modules(chat_shared.__path__)]


def test_the_package_imports_no_input_or_output() -> None:
    brought = _brought_by(_ours())

    assert set(_ours()) <= brought
    assert not _FORBIDDEN & {name.partition(".")[0] for name in brought}


def test_its_dependencies_import_none_either() -> None:
    assert not _FORBIDDEN & _brought_by(["msgspec", "precis_i18n"])


def test_this_check_would_notice() -> None:
    assert {"socket", "asyncio", "ssl"} <= _brought_by(["asyncio"])
