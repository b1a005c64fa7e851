"""The client as a login of its own, for people who may use nothing else of this computer.

As sshd runs it with ForceCommand: what they typed behind the host is in an environment variable.
"""

from collections.abc import MutableMapping
from typing import Final

from chat_tui.commands.ssh import UnknownCommand, Wanted, read_command

_COMMAND: Final = "SSH_ORIGINAL_COMMAND"

# Environment variables that are kept: about the terminal and the language. Others could name
# files and programs, and sshd may accept some from the person.
_KEPT: Final = {"COLORTERM", "LANG", "LANGUAGE", "NO_COLOR", "PATH", "STY", "TERM", "TMUX", "TZ"}
_KEPT_ALL: Final = "LC_"

_NO_SCRIPTS: Final = "Scripts can't send messages here. Use: ssh -t NAME@HOST plain"


def wanted(environment: MutableMapping[str, str], *, has_terminal: bool) -> Wanted:
    """Return what somebody typed at ssh. Raises UnknownCommand."""
    term = environment.get("TERM", "") if has_terminal else None
    command = read_command(environment.get(_COMMAND, ""), term)
    if command.view == "send":  # it would have to know who sends
        raise UnknownCommand(_NO_SCRIPTS)
    return command


def restrict(environment: MutableMapping[str, str]) -> None:
    """Remove all variables that are not kept. Call it before Textual is imported."""
    for name in list(environment):
        if name not in _KEPT and not name.startswith(_KEPT_ALL):
            del environment[name]
