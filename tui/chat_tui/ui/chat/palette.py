"""What the command palette lists: every typed command, and every key that has none."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from textual.app import SystemCommand

from chat_tui.commands import parser
from chat_tui.commands.keys import BY_ID, KEYS, key_shown
from chat_tui.ui.chat.actions import Actions
from chat_tui.ui.widgets.composer import Composer


def palette_entries(
    actions: Actions,
    submit: Callable[[parser.ParsedInput], None],
    composer: Composer,
    keys: Mapping[str, str],
    *,
    guest: bool,
) -> Iterator[SystemCommand]:
    """Yield the entries. A command that needs arguments goes to the composer for them.

    `keys` are the overrides of keys.
    """
    listed: set[str] = set()
    for command in parser.offered(guest=guest):
        title = f"{command.what} (/{command.name})"
        usage = command.usage.replace("[", r"\[")  # `escape` takes [NAME] for no markup
        meaning = parser.read(f"/{command.name}", guest=guest)
        if _needs_arguments(command, meaning):
            begin = partial(composer.begin_command, f"/{command.name} ")
            yield SystemCommand(title, usage, begin)
        else:
            listed.add(command.what)
            yield SystemCommand(title, usage, partial(submit, meaning))
    for key in KEYS:
        is_offered = key.id in actions and key.audience.includes(guest=guest)
        if is_offered and key.what not in listed:
            run = partial(actions[key.id], "")
            yield SystemCommand(key.what, key_shown(key.id, keys), run)


def _needs_arguments(command: parser.Command, meaning: parser.ParsedInput) -> bool:
    """Tell whether `command` has to be completed, given what it means without arguments.

    One with a key does not: a dialog asks for what is missing. Optional arguments count,
    since without them a command may clear something (/topic) or log out.
    """
    match meaning:
        case parser.InputError():
            return True
        case parser.RunAction(action) if action in BY_ID:
            return False
    return bool(command.arguments)
