"""Arguments to a Config to a running server. Nothing else reads argv or the environment.

Without a command it is the server that runs; the commands beside it are in
`operating`. Exit codes: 0 after an orderly end, 1 for what could not start or
be done, 2 for arguments that cannot be used, 3 where another server has the
data folder.
"""

import os
import sys
import tomllib
from collections.abc import Sequence
from datetime import date, time
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Final, NoReturn

from cyclopts import App, CycloptsError, Parameter
from cyclopts.config import Env, Toml

from chat_server.admin.commands.admin import admin_app
from chat_server.admin.commands.backup import back_up
from chat_server.admin.commands.check import check
from chat_server.config import Config
from chat_server.errors import SettingsError, StartError
from chat_shared.text import clean_line

_PREFIX: Final = "CHAT_"
_IMPORT: Final = "Take over the users and rooms of the old chat."

_environment = Env(_PREFIX, command=False)
_app = App(
    name="chat-server",
    help="A self-hosted chat for people who live in terminals.",
    help_epilogue="Flags win over the environment, the environment over the file of --config.",
    version=f"chat-server {version('trialogue')}",
    config=_environment,
    result_action="return_value",
)


_app.command(admin_app)
_app.command(back_up, name="backup")
_app.command(check)
_app.command("chat_server.admin.commands.legacy_import:import_origin", name="import", help=_IMPORT)


@_app.default
def _configure(settings: Annotated[Config | None, Parameter(name="*")] = None) -> Config:
    return settings or Config()


@_app.meta.default
def _read_file_first(
    *arguments: Annotated[str, Parameter(show=False, allow_leading_hyphen=True)],
    config: Annotated[Path | None, Parameter(env_var=f"{_PREFIX}CONFIG")] = None,
) -> Config | int | None:
    """Find the file among the arguments, since the others win over it.

    Parameters
    ----------
    config:
        TOML file that holds any of these settings, named as the flags are.
    """
    if config is not None:
        _check_file(config)
        _app.config = (_environment, _settings_in(config, arguments))
    result: Config | int | None = _app(arguments, exit_on_error=False, print_error=False)
    return result


def main() -> None:
    """Run `chat-server`."""
    result = obey(sys.argv[1:])
    if isinstance(result, Config):
        _serve(result)
    elif result is not None:  # or --help or --version has been answered
        sys.exit(result)


def obey(arguments: Sequence[str]) -> Config | int | None:
    """Run the command in `arguments`, or return the config of the server that they ask for.

    Exits with a sentence where that cannot be done.
    """
    try:
        result: Config | int | None = _app.meta(arguments, exit_on_error=False, print_error=False)
    except (CycloptsError, SettingsError) as exc:
        _fail(2, f"{exc}")
    except StartError as exc:
        _fail(exc.exit_code, f"{exc}")
    return result


def _serve(settings: Config) -> None:
    # Here, since the commands beside the server need none of it, and start in half the time.
    import trio

    from chat_server.logs import set_up_logging
    from chat_server.run.serving import run_server
    from chat_server.run.systemd import supervisor_of

    set_up_logging(settings.log_level, settings.log_format)
    try:
        trio.run(run_server, settings, _announce, supervisor_of(os.environ))
    except* StartError as group:
        first = _first(group)
        _fail(first.exit_code, f"{first}")


def _announce(addresses: list[str]) -> None:
    """Say that people can come in: one line for each address, for programs to wait for."""
    sys.stdout.writelines(f"listening on {address}\n" for address in addresses)
    sys.stdout.flush()


def _settings_in(path: Path, arguments: tuple[str, ...]) -> Toml:
    """Return the settings of a file; what is no setting is an error where they all count."""
    command, _, _ = _app.parse_commands(arguments, include_parent_meta=False)
    return Toml(
        path,
        search_parents=False,
        use_commands_as_keys=False,
        allow_unknown=command not in {(), ("check",)},
    )


def _check_file(path: Path) -> None:
    try:
        settings = tomllib.loads(path.read_text())
    except OSError as exc:
        _fail(2, f"The file {path} cannot be read: {exc.strerror}.")
    except (ValueError, RecursionError) as exc:
        # Of ValueErrors there are three: not TOML, not UTF-8, and a number of 5,000 digits.
        _fail(2, f"The file {path} is not TOML: {exc}.")
    for key, value in settings.items():
        if _holds_time(value):  # which the parser of the arguments does not expect
            _fail(2, f"The file {path} has a date or time in [{key}], but no setting is one.")


def _holds_time(value: object) -> bool:
    """Say whether `value` is a date or a time, or holds one somewhere in it."""
    if isinstance(value, list | dict):
        inner = value.values() if isinstance(value, dict) else value
        return any(map(_holds_time, inner))
    return isinstance(value, date | time)


def _first(group: ExceptionGroup[StartError]) -> StartError:
    """Return what the nurseries have wrapped."""
    first = group.exceptions[0]
    return _first(first) if isinstance(first, ExceptionGroup) else first


def _fail(code: int, sentence: str) -> NoReturn:
    """Say `sentence` on one line, harmless though it quotes what was in a file, and exit."""
    sys.stderr.write(f"chat-server: {clean_line(sentence)}\n")
    sys.exit(code)


if __name__ == "__main__":
    main()
