"""Arguments to a Config to a running server. Nothing else reads argv or the environment.

Exit codes: 0 after an orderly end, 1 for a server that could not start, 2 for
arguments that cannot be used.
"""

import sys
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Final, NoReturn

import trio
from cyclopts import App, CycloptsError, Parameter
from cyclopts.config import Env, Toml

from chat_server.config import Config
from chat_server.errors import StartError
from chat_server.logs import set_up_logging
from chat_server.serving import run_server

_PREFIX: Final = "CHAT_"

_environment = Env(_PREFIX, command=False)
_app = App(
    name="chat-server",
    help="A self-hosted chat for people who live in terminals.",
    help_epilogue="Flags win over the environment, the environment over the file of --config.",
    version=version("trialogue"),
    config=_environment,
    result_action="return_value",
)


@_app.default
def _configure(settings: Annotated[Config | None, Parameter(name="*")] = None) -> Config:
    return settings or Config()


@_app.meta.default
def _read_file_first(
    *arguments: Annotated[str, Parameter(show=False, allow_leading_hyphen=True)],
    config: Annotated[Path | None, Parameter(env_var=f"{_PREFIX}CONFIG")] = None,
) -> Config | None:
    """Find the file among the arguments, since the others win over it.

    Parameters
    ----------
    config:
        TOML file that holds any of these settings, named as the flags are.
    """
    if config is not None:
        _check_file(config)
        _app.config = (_environment, Toml(config, search_parents=False))
    settings: Config | None = _app(arguments, exit_on_error=False, print_error=False)
    return settings


def main() -> None:
    """Run `chat-server`."""
    try:
        settings = _app.meta(sys.argv[1:], exit_on_error=False, print_error=False)
    except CycloptsError as exc:
        _fail(2, f"{exc}")
    if settings is None:  # --help or --version has been answered
        return
    set_up_logging(settings.log_level, settings.log_format)
    try:
        trio.run(run_server, settings, _announce)
    except* StartError as group:
        _fail(1, _first(group))


def _announce(addresses: list[str]) -> None:
    """Say that people can come in: one line for each address, for programs to wait for."""
    sys.stdout.writelines(f"listening on {address}\n" for address in addresses)
    sys.stdout.flush()


def _check_file(path: Path) -> None:
    try:
        tomllib.loads(path.read_text())
    except OSError as exc:
        _fail(2, f"The file {path} cannot be read: {exc.strerror}.")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        _fail(2, f"The file {path} is not TOML: {exc}.")


def _first(group: BaseExceptionGroup[StartError]) -> str:
    """The sentence inside what the nurseries have wrapped it in."""
    exc: BaseException = group
    while isinstance(exc, BaseExceptionGroup):
        exc = exc.exceptions[0]
    return str(exc)


def _fail(code: int, sentence: str) -> NoReturn:
    sys.stderr.write(f"chat-server: {sentence}\n")
    sys.exit(code)


if __name__ == "__main__":
    main()
