"""What is typed behind the Enter that sent the form, before the server has answered."""

from textual.widget import Widget
from textual.widgets import Input


class TypedAhead:
    """Compares a field with what it held when Enter in it sent the form."""

    def __init__(self, sent_from: Widget | None) -> None:
        """`sent_from` had the focus; it may be a button, in which nothing can be typed."""
        self._field = sent_from
        self._sent = self._value()

    def _value(self) -> str:
        return self._field.value if isinstance(self._field, Input) else ""

    def applies(self, focused: Widget | None) -> bool:
        """Return whether the person is still there, and has only typed on."""
        is_there = self._field is not None and self._field is focused
        return is_there and self._value().startswith(self._sent)

    def take(self) -> str:
        """Return what was typed on, and take it out of the field."""
        ahead = self._value().removeprefix(self._sent)
        if ahead and isinstance(self._field, Input):
            with self._field.prevent(Input.Changed):
                self._field.value = self._sent
        return ahead
