"""A box that is ticked or not, and looks it also without colours."""

from textual.content import Content
from textual.widgets import Checkbox


class TickBox(Checkbox):
    """Textual's own draws a cross in either case, in two colours."""

    def render(self) -> Content:
        label = self.label.stylize_before(self.get_visual_style("toggle--label"))
        return Content.assemble("[x] " if self.value else "[ ] ", label)
