"""The line below the form: which keys do what."""

from collections.abc import Mapping

from chat_tui.commands.keys import key_shown


def hint(enter: str, other: str, overrides: Mapping[str, str]) -> str:
    """Return what the keys do where Enter does `enter`, and the other button `other`.

    At 40 columns, these are two lines up to the way out.
    """
    other_key, help_key, quit_key = (
        key_shown(id_, overrides) for id_ in ("account.create", "help", "quit")
    )
    return (
        f"Tab: next field · Enter: {enter} · {other_key}: {other} · {help_key}: help · "
        f"{quit_key}: quit"
    )
