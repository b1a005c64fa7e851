"""All files that are made, by their paths below the folder `share` of an installation."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from manual.bash import bash_completion
from manual.client_parser import read_client
from manual.command import Command
from manual.fish import fish_completion
from manual.man_page import man_page
from manual.server_parser import read_server
from manual.zsh import zsh_completion

_ROOT: Final = Path(__file__).parents[2]
SHARE: Final = _ROOT / "shared" / "share"

# Sections of the man pages: the tables below these headings of the guides.
_SERVER_TABLES: Final = (
    ("FILES IN THE DATA FOLDER", "server/CONFIGURATION.md", "The data folder"),
    ("EXIT STATUS", "server/CONFIGURATION.md", "Exit codes"),
    ("SIGNALS", "server/CONFIGURATION.md", "Signals"),
)
_CLIENT_TABLES: Final = (
    ("KEYS AND COMMANDS", "README.md", "In five minutes"),
    ("FILES IN ~/.local/state/trialogue", "tui/README.md", "Files"),
    ("EXIT STATUS OF --plain", "tui/SCRIPTING.md", "In a pipe"),
    ("EXIT STATUS OF --send", "tui/SCRIPTING.md", "Send from a script"),
)


def made_files() -> dict[Path, str]:
    """Return the text of each file by its path."""
    server, client = read_server(), read_client()
    return {
        Path("man/man1/chat-server.1"): man_page(server, client.name, _tables(_SERVER_TABLES)),
        Path("man/man1/chat-tui.1"): man_page(client, server.name, _tables(_CLIENT_TABLES)),
    } | {path: text for program in (server, client) for path, text in _completions(program)}


def _completions(program: Command) -> Iterator[tuple[Path, str]]:
    """Yield the completion scripts of `program`, each where its shell looks for it."""
    name = program.name
    yield Path("bash-completion/completions") / name, bash_completion(program)
    yield Path("zsh/site-functions") / f"_{name}", zsh_completion(program)
    yield Path("fish/vendor_completions.d") / f"{name}.fish", fish_completion(program)


def _tables(sections: tuple[tuple[str, str, str], ...]) -> Iterator[tuple[str, str]]:
    for title, guide, heading in sections:
        text = (_ROOT / guide).read_text(encoding="utf-8")
        rows = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0].partition("|---|")[2]
        yield title, rows.partition("\n")[2].partition("\n\n")[0]
