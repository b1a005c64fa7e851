"""The styles of the message log: a component class for every kind of text in it.

Colors are variables of the theme. A theme of the terminal's own colors has no muted
ones, so there faint text is dim.
"""

from rich.style import Style
from textual.widget import Widget

from chat_tui.markup.highlighting import KINDS
from chat_tui.ui.log.author_colors import AUTHOR_PARTS, author_css

_CSS = """
LogView {
    height: 1fr;
    overflow-x: hidden;
    overflow-y: scroll;
    scrollbar-size-vertical: 1;
    & > .message-log--text { color: $foreground; }
    & > .message-log--unsent { color: $foreground-muted; }
    & > .message-log--time { color: $foreground-muted; }
    & > .message-log--notice { color: $foreground-muted; text-style: italic; }
    & > .message-log--rule { color: $border-blurred; }
    & > .message-log--day { color: $foreground-muted; }
    & > .message-log--gap { color: $foreground-muted; text-style: italic; }
    & > .message-log--unread { color: $text-accent; text-style: bold; }
    & > .message-log--mark { color: $text-warning; }
    & > .message-log--mentioned { background: $warning-muted; }
    & > .message-log--fold { color: $text-primary; text-style: underline; }
    & > .message-log--queued { color: $foreground-muted; text-style: italic; }
    & > .message-log--refused { color: $text-error; }
    & > .message-log--answered { color: $foreground-muted; text-style: italic; }
    & > .message-log--edited { color: $foreground-muted; }
    & > .message-log--deleted { color: $foreground-muted; text-style: italic; }
    & > .message-log--file { color: $text-primary; }
    & > .message-log--file-size { color: $foreground-muted; }
    & > .message-log--reaction { color: $foreground-muted; }
    & > .message-log--reaction-own { color: $text-primary; text-style: bold underline; }
    & > .message-log--cursor { background: $primary-muted; }
    & > .message-log--cursor-sign { color: $text-primary; text-style: bold; }
    & > .message-log--bar { color: $border-blurred; }
    & > .message-log--quote { color: $foreground-muted; text-style: italic; }
    & > .message-log--bullet { color: $text-primary; }
    & > .message-log--bold { text-style: bold; }
    & > .message-log--italic { text-style: italic; }
    & > .message-log--strike { text-style: strike; }
    & > .message-log--code { color: $text-warning; background: $panel; }
    & > .message-log--code-bar { color: $border-blurred; }
    & > .message-log--link { color: $text-primary; text-style: underline; }
    & > .message-log--host { color: $foreground-muted; }
    & > .message-log--call { color: $text-accent; text-style: bold; }
    & > .message-log--code-keyword { color: $text-primary; text-style: bold; }
    & > .message-log--code-string { color: $text-success; }
    & > .message-log--code-comment { color: $foreground-muted; text-style: italic; }
    & > .message-log--code-number { color: $text-warning; }
    & > .message-log--code-name { color: $text-secondary; }
    & > .message-log--code-added { color: $text-success; }
    & > .message-log--code-removed { color: $text-error; }
}
LogView:ansi {
    & > .message-log--text { color: ansi_default; }
    & > .message-log--unsent { color: ansi_default; text-style: dim; }
    & > .message-log--time { color: ansi_default; text-style: dim; }
    & > .message-log--notice { color: ansi_default; text-style: dim italic; }
    & > .message-log--rule { color: ansi_default; text-style: dim; }
    & > .message-log--day { color: ansi_default; text-style: dim; }
    & > .message-log--gap { color: ansi_default; text-style: dim italic; }
    & > .message-log--unread { color: $text-accent; }
    & > .message-log--mark { color: $text-warning; }
    & > .message-log--mentioned { background: ansi_default; }
    & > .message-log--fold { color: $text-primary; }
    & > .message-log--queued { color: ansi_default; text-style: dim italic; }
    & > .message-log--refused { color: $text-error; }
    & > .message-log--answered { color: ansi_default; text-style: dim italic; }
    & > .message-log--edited { color: ansi_default; text-style: dim; }
    & > .message-log--deleted { color: ansi_default; text-style: dim italic; }
    & > .message-log--file { color: $text-primary; }
    & > .message-log--file-size { color: ansi_default; text-style: dim; }
    & > .message-log--reaction { color: ansi_default; }
    & > .message-log--reaction-own { color: ansi_default; text-style: bold underline; }
    & > .message-log--cursor { background: ansi_default; }
    & > .message-log--cursor-sign { color: $text-accent; text-style: bold; }
    & > .message-log--bar { color: ansi_default; text-style: dim; }
    & > .message-log--quote { color: ansi_default; text-style: italic; }
    & > .message-log--bullet { color: $text-primary; }
    & > .message-log--code { color: $text-warning; background: ansi_default; }
    & > .message-log--code-bar { color: ansi_default; text-style: dim; }
    & > .message-log--link { color: $text-primary; text-style: underline; }
    & > .message-log--host { color: ansi_default; text-style: dim; }
    & > .message-log--call { color: $text-accent; text-style: bold; }
    & > .message-log--code-keyword { color: $text-primary; text-style: bold; }
    & > .message-log--code-string { color: $text-success; }
    & > .message-log--code-comment { color: ansi_default; text-style: dim italic; }
    & > .message-log--code-number { color: $text-warning; }
    & > .message-log--code-name { color: ansi_default; text-style: bold; }
    & > .message-log--code-added { color: $text-success; }
    & > .message-log--code-removed { color: $text-error; }
}
LogView:nocolor {
    /* What color alone sets apart elsewhere. */
    & > .message-log--code { text-style: reverse; }
    & > .message-log--code-name { text-style: bold; }
    & > .message-log--refused { text-style: bold; }
}
"""

PARTS = (
    *("text", "unsent", "time", "notice", "rule", "day", "gap", "unread"),
    *("mark", "mentioned", "fold", "queued", "refused", "answered", "edited", "deleted"),
    *("file", "file-size", "reaction", "reaction-own", "cursor", "cursor-sign", "bar", "code-bar"),
    *AUTHOR_PARTS,
)

# Styles of characters, on top of the style of their text; see `markup.message_text`.
LOOKS = (
    *("quote", "bullet", "bold", "italic", "strike", "code", "link", "host", "call"),
    *(f"code-{kind}" for kind in KINDS),
)

LOG_CSS = _CSS + author_css("LogView")


def part_style(log: Widget, part: str) -> Style:
    """Return the style in which `log` draws a part, a look, or "selection"."""
    if part == "selection":
        return _selection_style(log)
    style = log.get_component_rich_style(f"message-log--{part}")
    return _only_its_own(log, part, style) if part in LOOKS else style


def _only_its_own(log: Widget, look: str, style: Style) -> Style:
    """Return what the rules of `look` set, without what it inherits."""
    own = log.get_component_rich_style(f"message-log--{look}", partial=True)
    # With the colors of the whole style: those of the rules are not blended yet.
    return own + Style(color=own.color and style.color, bgcolor=own.bgcolor and style.bgcolor)


def _selection_style(log: Widget) -> Style:
    styles = log.screen.get_component_styles("screen--selection")
    style = log.screen.get_component_rich_style("screen--selection")
    # Most themes keep the color of the text, by a transparent color that Rich cannot express.
    return style if styles.color.a else Style(bgcolor=style.bgcolor)
