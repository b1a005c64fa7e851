"""A checkbox that shows its state without colors, too."""

from textual.content import Content
from textual.widgets import Checkbox


class TickBox(Checkbox):
    """Draws `[x]` or `[ ]`; Textual's own differs in color only."""

    def render(self) -> Content:
        label = self.label.stylize_before(self.get_visual_style("toggle--label"))
        return Content.assemble("[x] " if self.value else "[ ] ", label)
