"""The wheel and the source distribution contain everything, and the wheel runs once installed.

Builds offline, with the development environment's own libraries.
"""

import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest
import textual

_ROOT = Path(__file__).parents[2]
_PACKAGES = ("server/chat_server", "tui/chat_tui", "shared/chat_shared")
_NAME = f"trialogue-{version('trialogue')}"
_KEPT_BY_TOOLS = {"__pycache__", ".hypothesis", ".mypy_cache", ".pytest_cache", ".ruff_cache"}
_DATA = f"{_NAME}.data/data/"


def _build(root: Path, folder: Path, target: str) -> Path:
    build = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", f"{folder}"]
    subprocess.run(build, cwd=root, check=True, capture_output=True)
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _build(_ROOT, tmp_path_factory.mktemp("sdist"), "sdist")


@pytest.fixture(scope="module")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from the source distribution, as an installer builds it."""
    folder = tmp_path_factory.mktemp("source")
    with tarfile.open(sdist) as archive:
        if hasattr(tarfile, "data_filter"):  # since 3.11.4
            archive.extractall(folder, filter="data")
        else:
            archive.extractall(folder)
    (source,) = folder.iterdir()
    return _build(source, tmp_path_factory.mktemp("wheel"), "wheel")


def _sources(*folders: str) -> set[str]:
    """Return the files below `folders`, as paths from the root; not what tools keep there."""
    paths = (path for folder in folders for path in (_ROOT / folder).rglob("[!.]*"))
    files = [path.relative_to(_ROOT) for path in paths if path.is_file()]
    return {path.as_posix() for path in files if not _KEPT_BY_TOOLS & {*path.parts}}


def test_the_source_distribution_contains_everything(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        found = {name.partition("/")[2] for name in archive.getnames()}

    pages = {path.name for path in _ROOT.glob("*.md")}
    assert _sources("server", "tui", "shared", "tests", ".ci") | pages <= found


def test_the_wheel_contains_the_packages_and_what_is_shared(wheel: Path) -> None:
    found = set(zipfile.ZipFile(wheel).namelist())

    code = {path.partition("/")[2] for path in _sources(*_PACKAGES)}
    shared = {path.removeprefix("shared/") for path in _sources("shared/share")}
    pages = {path.relative_to(_ROOT).as_posix() for path in _ROOT.glob("[!.]*/*.md")}
    assert code <= found
    assert {f"{_DATA}{path}" for path in shared} <= found
    assert {f"{_DATA}share/doc/trialogue/{path}" for path in pages} <= found
    assert {name.partition("/")[0] for name in found} == {
        *("chat_server", "chat_shared", "chat_tui"),
        *(f"{_NAME}.data", f"{_NAME}.dist-info"),
    }


def test_the_long_description_has_no_link_into_the_repository(wheel: Path) -> None:
    metadata = zipfile.ZipFile(wheel).read(f"{_NAME}.dist-info/METADATA").decode()
    description = metadata.partition("\n\n")[2]

    assert description.startswith("# Trialogue")
    assert description.count("](") == description.count("](https://")


def test_both_commands_run_from_the_installed_wheel(wheel: Path, tmp_path: Path) -> None:
    """In an environment that has this wheel, and the libraries of this one."""
    environment = tmp_path / "environment"
    venv.create(environment, with_pip=True, symlinks=True)
    pip = [f"{environment}/bin/pip", "--disable-pip-version-check", "--quiet"]
    subprocess.run(
        [*pip, "install", "--no-index", "--no-deps", "--no-compile", f"{wheel}"], check=True
    )
    (packages,) = environment.glob("lib/*/site-packages")
    libraries = Path(textual.__file__).parents[1]
    (packages / "libraries.pth").write_text(f"{libraries}\n")

    for command in ("chat-server", "chat-tui"):
        shown = subprocess.run(
            [environment / "bin" / command, "--version"],
            cwd=tmp_path,
            env={"HOME": f"{tmp_path}", "PATH": os.defpath},
            capture_output=True,
            text=True,
        )
        assert (shown.stdout, shown.stderr) == (f"{command} {version('trialogue')}\n", "")
    assert (environment / "share" / "man" / "man1" / "chat-tui.1").exists()
