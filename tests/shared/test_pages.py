"""Links, anchors and paths on the pages exist, and the layers are the enforced ones."""

import re
import tomllib
from collections.abc import Iterator
from itertools import chain, zip_longest
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_PAGES = [
    *sorted(_ROOT.glob("*.md")),
    *sorted(chain.from_iterable((_ROOT / end).glob("*.md") for end in ("server", "tui", "shared"))),
]
_CODE_BLOCK = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_ARCHITECTURE = (_ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
_MODULE = re.compile(
    r"(?<![\w/])((?:commands|messages|model|net|protocols|requests|rooms|run|ui)/\w[\w/]*)"
)
_SOURCE = re.compile(r"`((?:shared|server|tui|tests)/[\w/.]+)`")


def _prose(page: Path) -> str:
    return _CODE_BLOCK.sub("", page.read_text(encoding="utf-8"))


def _anchors(page: Path) -> set[str]:
    """Return the anchors of the page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", _prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _found(pattern: re.Pattern[str]) -> list[tuple[Path, str]]:
    return [(page, found) for page in _PAGES for found in pattern.findall(_prose(page))]


def _shown(value: object) -> str:
    return str(value.relative_to(_ROOT)) if isinstance(value, Path) else str(value)


def test_the_pages_are_found() -> None:
    assert {"README.md", "ARCHITECTURE.md", "CHANGELOG.md"} <= {page.name for page in _PAGES}


@pytest.mark.parametrize(
    ("page", "link"),
    [(page, link) for page, link in _found(_LINK) if "://" not in link],
    ids=_shown,
)
def test_every_link_leads_to_a_file_and_a_heading(page: Path, link: str) -> None:
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page

    assert target.exists()
    assert not anchor or anchor in _anchors(target)


@pytest.mark.parametrize(("page", "path"), _found(_SOURCE), ids=_shown)
def test_every_path_exists(page: Path, path: str) -> None:
    assert (_ROOT / path).exists()


def _map_of_the_code() -> Iterator[str]:
    """Yield the paths in the README's map, the indented ones below their package."""
    readme = (_ROOT / "README.md").read_text(encoding="utf-8")
    block = readme.partition("\n## Map of the code\n")[2].split("```")[1]
    package = ""
    for line in block.strip().splitlines():
        name = line.split()[0]
        package = package if line.startswith(" ") else name
        yield package + name if line.startswith(" ") else name


@pytest.mark.parametrize("path", list(_map_of_the_code()))
def test_the_map_of_the_code_shows_existing_files(path: str) -> None:
    assert (_ROOT / path).exists()


@pytest.mark.parametrize("package", ["server/chat_server", "tui/chat_tui"])
def test_the_map_of_the_code_shows_every_sub_package(package: str) -> None:
    folders = {folder.parent for folder in (_ROOT / package).glob("*/__init__.py")}

    assert {f"{package}/{folder.name}/" for folder in folders} <= set(_map_of_the_code())


@pytest.mark.parametrize("path", sorted(set(_MODULE.findall(_ARCHITECTURE))))
def test_every_module_that_the_architecture_names_exists(path: str) -> None:
    ends = [_ROOT / "server" / "chat_server", _ROOT / "tui" / "chat_tui"]

    assert any((end / path).is_dir() or (end / f"{path}.py").exists() for end in ends)


def test_the_layers_are_the_enforced_ones() -> None:
    contracts = tomllib.loads((_ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = {
        contract["containers"][0]: [sorted(layer.split(" | ")) for layer in contract["layers"]]
        for contract in contracts["contracts"]
        if contract["type"] == "layers" and len(contract["containers"]) == 1
    }
    server, client = layers["chat_server"], layers["chat_tui"]
    enforced = zip_longest(server, client, fillvalue=list[str]())

    table = _ARCHITECTURE.partition("| server | client |\n")[2]
    rows = table.partition("\n\n")[0].splitlines()[1:]
    cells = [[sorted(re.findall(r"`(\w+)`", cell)) for cell in row.split("|")[1:3]] for row in rows]

    assert cells == [list(pair) for pair in enforced]
