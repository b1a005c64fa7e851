"""The `chat-server` command. Nothing else reads argv or the environment.

Without a command it runs the server; the commands are in `admin.commands`.
Exit codes: 0 on success, 1 if the server or a command failed, 2 for invalid
arguments or settings, 3 if another server uses the data folder, 4 if a running
server cannot go on.
"""

from chat_server.run import sighup
from chat_server.validators import Range

# isort: split
import os
import sys
import tomllib
from collections.abc import Sequence
from datetime import date, time
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Final, NoReturn

from cyclopts import (
    App,
    Argument,
    CoercionError,
    CycloptsError,
    MissingArgumentError,
    Parameter,
    Token,
    UnusedCliTokensError,
)
from cyclopts.config import Env, Toml

from chat_server.admin.commands.admin import admin_app
from chat_server.admin.commands.backup import back_up
from chat_server.admin.commands.check import check
from chat_server.admin.commands.export import export
from chat_server.admin.commands.migrate_store import migrate_store
from chat_server.admin.commands.output import print_lines
from chat_server.admin.commands.restore import restore
from chat_server.config import Config
from chat_server.errors import ServerFailedError, SettingsError, StartError
from chat_shared.text import clean_line

_PREFIX: Final = "CHAT_"
_QUOTED: Final = 400  # characters at each end of a sentence that are printed if it is longer
_IMPORT_HELP: Final = """Import accounts and rooms from the old chat's FILE (JSON or pickle)

Stop the server first. Passwords stay valid. Existing accounts and rooms are
skipped, so a second run changes nothing.
"""

_environment = Env(_PREFIX, command=False)
_app = App(
    name="chat-server",
    help="Run a self-hosted terminal chat server",
    help_epilogue=(
        "Flags override environment variables, which override the file given with --config."
    ),
    version=f"chat-server {version('trialogue')}",
    config=_environment,
    result_action="return_value",
)


_app["--help"].help = "Show this help and exit"
_app["--version"].help = "Show the version and exit"
_app.command(admin_app)
_app.command(back_up, name="backup")
_app.command(check)
_app.command(export)
_app.command(migrate_store)
_app.command(restore)
# By name, since its imports are slow and no other command needs them.
_app.command(
    "chat_server.admin.commands.legacy_import:import_legacy",
    name="import",
    help=_IMPORT_HELP,
)


@_app.default
def _configure(settings: Annotated[Config | None, Parameter(name="*")] = None) -> Config:
    return settings or Config()


@_app.meta.default
def _read_config_file_first(
    *arguments: Annotated[str, Parameter(show=False, allow_leading_hyphen=True)],
    config: Path | None = None,
) -> Config | int | None:
    """Read the file named with --config before anything that overrides it.

    Parameters
    ----------
    config:
        Read settings from this TOML file, where they are named like the flags
    """
    ordered = _data_behind_command(arguments)
    if ordered and ordered[0] in _app:
        sighup.release()  # only a server reloads
    if config is not None:
        _check_file(config)
        _app.config = (_environment, _settings_in(config, ordered))
    result: Config | int | None = _app(ordered, exit_on_error=False, print_error=False)
    return result


def main() -> None:
    """Run `chat-server`."""
    result = run_command(sys.argv[1:])
    if isinstance(result, Config):
        _serve(result)
    elif result is not None:  # None: --help or --version was printed
        sys.exit(result)


def run_command(arguments: Sequence[str]) -> Config | int | None:
    """Run the command in `arguments` and return its exit code; without one return the Config.

    Prints one sentence and exits if that fails.
    """
    try:
        result: Config | int | None = _app.meta(arguments, exit_on_error=False, print_error=False)
    except UnusedCliTokensError as exc:
        unknown = " ".join(exc.unused_tokens or ())
        _fail(2, f'Unknown command or argument "{unknown}". Run chat-server --help.')
    except CycloptsError as exc:
        _fail(2, _sentence(exc))
    except SettingsError as exc:
        _fail(2, f"{exc}")
    except StartError as exc:
        _fail(exc.exit_code, f"{exc}")
    return result


def _sentence(exc: CycloptsError) -> str:
    """Return what is wrong with an argument, and what to do; in the library's words if it can."""
    match exc:
        case MissingArgumentError(argument=Argument() as argument):
            name = exc.keyword or argument.name
            command = " ".join(exc.command_chain or ())
            if name.startswith("-"):
                return f"{name} needs a value. Run {command or 'chat-server'} with --help."
            return f"{command} needs {name}. Run it with --help."
        case CoercionError(token=Token() as token) if advice := _advice(exc):
            name = token.keyword or (exc.argument.name if exc.argument else "an argument")
            source = "" if token.source in {"", "cli"} else f" provided by {token.source}"
            return f'Invalid value "{token.value}" for {name}{source}. {advice}'
        case _:
            # Not where it gives away a security that nobody asked to give up.
            return f"{exc}".removesuffix(" Did you mean --insecure?")


def _advice(exc: CoercionError) -> str:
    """Return which values the argument takes, if it takes numbers or is a switch."""
    validators = exc.argument.parameter.validator if exc.argument else ()
    for validator in validators if isinstance(validators, tuple) else ():
        if isinstance(validator, Range):
            return validator.advice
    kinds = {int: "Use a whole number.", float: "Use a number.", bool: "Use true or false."}
    return kinds.get(exc.target_type, "") if exc.target_type else ""


def _serve(settings: Config) -> None:
    # Imported here: the other commands start in half the time without it.
    import structlog
    import trio

    from chat_server.garbage import collect_rarely
    from chat_server.logs import set_up_logging
    from chat_server.run.serving import run_server
    from chat_server.run.systemd import supervisor_from

    set_up_logging(settings.log_level, settings.log_format)
    collect_rarely()
    log = structlog.get_logger()
    failure: StartError | None = None
    try:
        trio.run(run_server, settings, _announce, supervisor_from(os.environ))
    except* StartError as group:
        failure = _first(group)
    except* Exception:
        log.critical("server failed", exc_info=True)
        failure = failure or ServerFailedError("The server failed. Start it again.")
    # Not inside `except*`: until Python 3.11.4 it wraps what is raised there in a group.
    if failure is not None:
        _fail(failure.exit_code, f"{failure}")


def _announce(addresses: list[str]) -> None:
    """Print one line per address once it accepts connections; programs wait for these lines."""
    print_lines(f"listening on {address}\n" for address in addresses)


def _data_behind_command(arguments: Sequence[str]) -> list[str]:
    """Return `arguments` with a `--data` in front of a command, or within it, behind it."""
    command, data, rest = list[str](), list[str](), list(arguments)
    app = _app
    while rest:
        if rest[0] == "--data":
            data, rest = rest[:2], rest[2:]
        elif rest[0].startswith("--data="):
            data, rest = rest[:1], rest[1:]
        elif not rest[0].startswith("-") and rest[0] in app:
            app = app[rest[0]]
            command.append(rest.pop(0))
        else:
            break
    return command + data + rest


def _settings_in(path: Path, arguments: list[str]) -> Toml:
    """Return the settings in a file; only the server and `check` reject unknown ones."""
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
        _fail(2, f"Cannot read the config file {path}: {exc.strerror}.")
    except (ValueError, RecursionError) as exc:
        # Three kinds of ValueError: not TOML, not UTF-8, and a number of 5,000 digits.
        _fail(2, f"The config file {path} is not valid TOML: {exc}.")
    for key, value in settings.items():
        if _holds_time(value):  # which the argument parser does not expect
            _fail(
                2,
                f"The config file {path} has a date or time in [{key}], but no setting takes one.",
            )


def _holds_time(value: object) -> bool:
    """Return whether `value` is a date or a time, or contains one at any depth."""
    if isinstance(value, list | dict):
        inner = value.values() if isinstance(value, dict) else value
        return any(map(_holds_time, inner))
    return isinstance(value, date | time)


def _first(group: ExceptionGroup[StartError]) -> StartError:
    """Return the first error inside the groups that nurseries made."""
    first = group.exceptions[0]
    return _first(first) if isinstance(first, ExceptionGroup) else first


def _fail(code: int, sentence: str) -> NoReturn:
    """Print `sentence` on one line, without control characters from quoted input, and exit."""
    sys.stderr.write(f"chat-server: {_shorten(clean_line(sentence))}\n")
    sys.exit(code)


def _shorten(sentence: str) -> str:
    """Return `sentence` without the middle of a very long value that it quotes."""
    if len(sentence) <= 2 * _QUOTED:
        return sentence
    return f"{sentence[:_QUOTED]}…{sentence[-_QUOTED:]}"


if __name__ == "__main__":
    main()
