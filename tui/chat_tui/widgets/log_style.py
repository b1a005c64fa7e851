"""The looks of the message log: a component class for every kind of text in it.

Colours come from the theme. Themes that follow the terminal cannot be mixed
with transparency, so there faint means dim.
"""

from chat_tui.widgets.author_colors import AUTHOR_PARTS, author_css

_CSS = """
LogView {
    height: 1fr;
    overflow-x: hidden;
    overflow-y: scroll;
    scrollbar-size-vertical: 1;
    & > .message-log--text { color: $foreground; }
    & > .message-log--unsent { color: $foreground 70%; }
    & > .message-log--time { color: $foreground 60%; }
    & > .message-log--notice { color: $foreground 70%; text-style: italic; }
    & > .message-log--rule { color: $foreground 25%; }
    & > .message-log--day { color: $foreground 70%; }
    & > .message-log--gap { color: $foreground 70%; text-style: italic; }
    & > .message-log--unread { color: $text-accent; text-style: bold; }
    & > .message-log--mark { color: $text-warning; }
    & > .message-log--mentioned { background: $warning 12%; }
    & > .message-log--fold { color: $text-primary; text-style: underline; }
    & > .message-log--queued { color: $foreground 60%; text-style: italic; }
    & > .message-log--refused { color: $text-error; }
}
LogView:ansi {
    & > .message-log--text { color: ansi_default; }
    & > .message-log--unsent { color: ansi_default; text-style: dim; }
    & > .message-log--time { color: ansi_default; text-style: dim; }
    & > .message-log--notice { color: ansi_default; text-style: dim italic; }
    & > .message-log--rule { color: ansi_default; text-style: dim; }
    & > .message-log--day { color: ansi_default; text-style: dim; }
    & > .message-log--gap { color: ansi_default; text-style: dim italic; }
    & > .message-log--unread { color: ansi_magenta; }
    & > .message-log--mark { color: ansi_yellow; }
    & > .message-log--mentioned { background: ansi_default; }
    & > .message-log--fold { color: ansi_blue; }
    & > .message-log--queued { color: ansi_default; text-style: dim italic; }
    & > .message-log--refused { color: ansi_red; }
}
"""

PARTS = (
    *("text", "unsent", "time", "notice", "rule", "day", "gap", "unread"),
    *("mark", "mentioned", "fold", "queued", "refused"),
    *AUTHOR_PARTS,
)

LOG_CSS = _CSS + author_css("LogView")
