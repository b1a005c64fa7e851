"""The keys as Textual binds them.

Apart from the key table, which the settings read before there is a screen: without Textual,
a wrong argument is reported, and an early key press noticed, half a second sooner.
"""

from textual.binding import Binding, BindingType

from chat_tui.commands.keys import BY_ID, Key


def bindings(*ids: str) -> list[Binding]:
    """Return the bindings of these actions, for a screen or a widget that has them."""
    return [_binding(BY_ID[id_], BY_ID[id_].action) for id_ in ids]


def action_bindings(*ids: str) -> list[BindingType]:
    """Return the bindings of these actions, for the screen that has a table of them."""
    return [_binding(BY_ID[id_], f"run({id_!r})") for id_ in ids]


def _binding(key: Key, action: str) -> Binding:
    keys = ",".join(key.keys)
    return Binding(keys, action, key.label, show=False, id=key.id, priority=key.priority)
