"""The keys as Textual binds them.

Apart from their registry, which the settings read before there is a screen: a wrong
argument is answered, and a key that is pressed meanwhile heard, half a second sooner.
"""

from textual.binding import Binding

from chat_tui.commands.keys import BY_ID


def bindings(*ids: str) -> list[Binding]:
    """Return the bindings of these actions, for a screen or a widget that has them."""
    keys = (BY_ID[id_] for id_ in ids)
    return [
        Binding(
            ",".join(key.keys), key.action, key.label, show=False, id=key.id, priority=key.priority
        )
        for key in keys
    ]
