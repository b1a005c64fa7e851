"""The themes of the client, limited to the colours of the terminal.

A user chooses among names; which palette a name stands for follows from the terminal. With
256 colours it has colours of that table alone: a truecolor grey would come out as navy. With
16 colours, or none, it leaves the colours to the terminal. Every other theme of Textual can
be chosen as well, as it is.
"""

from dataclasses import replace
from typing import Final

from textual.theme import BUILTIN_THEMES, Theme

DARK: Final = Theme(
    name="trialogue-dark",
    dark=True,
    primary="#7cb7ff",
    secondary="#b39df3",
    accent="#ffb86b",
    foreground="#d6dbe5",
    background="#10131a",
    surface="#191e28",
    panel="#232a37",
    success="#8bd49c",
    warning="#f5c76b",
    error="#ff8088",
    variables={
        "text-muted": "#a2abbc",
        "text-disabled": "#a2abbc",
        "foreground-muted": "#a2abbc",
        "border-blurred": "#4a556b",
        "primary-muted": "#2a3d57",
        "warning-muted": "#2c2a23",
        "error-muted": "#43262f",
        "block-cursor-background": "#213a5b",
        "block-cursor-foreground": "#ffffff",
        "input-selection-background": "#35506f",
        "screen-selection-background": "#35506f",
        "button-foreground": "#e4e8ef",
        "button-color-foreground": "#10131a",
        "button-focus-text-style": "bold",
        "surface-active": "#3a4457",
    },
)

LIGHT: Final = Theme(
    name="trialogue-light",
    dark=False,
    primary="#1a56ad",
    secondary="#6a4bb5",
    accent="#954204",
    foreground="#22262e",
    background="#fbfaf7",
    surface="#f2f0ea",
    panel="#e7e4dc",
    success="#1f6230",
    warning="#6d4c00",
    error="#a81d29",
    variables={
        "text-muted": "#555b68",
        "text-disabled": "#555b68",
        "foreground-muted": "#555b68",
        "border-blurred": "#a9a598",
        "primary-muted": "#cfdef2",
        "warning-muted": "#f6ecd2",
        "error-muted": "#f6d9d9",
        "block-cursor-background": "#cfdef2",
        "block-cursor-foreground": "#10131a",
        "input-selection-background": "#b9d2f3",
        "screen-selection-background": "#b9d2f3",
        "button-foreground": "#22262e",
        "button-color-foreground": "#ffffff",
        "button-focus-text-style": "bold",
        "surface-active": "#d3cfc4",
    },
)

_DARK_256: Final = replace(
    DARK,
    primary="#87afff",
    secondary="#afafff",
    accent="#ffaf5f",
    foreground="#dadada",
    background="#121212",
    surface="#262626",
    panel="#303030",
    success="#87d787",
    warning="#ffd75f",
    error="#ff8787",
    variables={
        "text-muted": "#b2b2b2",
        "text-disabled": "#b2b2b2",
        "foreground-muted": "#b2b2b2",
        "border-blurred": "#6c6c6c",
        "primary-muted": "#3a3a3a",
        "warning-muted": "#303030",
        "error-muted": "#5f0000",
        "block-cursor-background": "#00005f",
        "block-cursor-foreground": "#ffffff",
        "input-selection-background": "#005f87",
        "screen-selection-background": "#005f87",
        "button-foreground": "#ffffff",
        "button-color-foreground": "#000000",
        "button-focus-text-style": "bold",
        "surface-active": "#4e4e4e",
    },
)

_LIGHT_256: Final = replace(
    LIGHT,
    primary="#005faf",
    secondary="#5f00af",
    accent="#8700af",
    foreground="#080808",
    background="#ffffff",
    surface="#eeeeee",
    panel="#e4e4e4",
    success="#005f00",
    warning="#5f5f00",
    error="#af0000",
    variables={
        "text-muted": "#4e4e4e",
        "text-disabled": "#4e4e4e",
        "foreground-muted": "#4e4e4e",
        "border-blurred": "#9e9e9e",
        "primary-muted": "#d7d7ff",
        "warning-muted": "#ffffd7",
        "error-muted": "#ffd7d7",
        "block-cursor-background": "#d7d7ff",
        "block-cursor-foreground": "#080808",
        "input-selection-background": "#afd7ff",
        "screen-selection-background": "#afd7ff",
        "button-foreground": "#080808",
        "button-color-foreground": "#ffffff",
        "button-focus-text-style": "bold",
        "surface-active": "#c6c6c6",
    },
)

# Of the sixteen colours of xterm, these can be read on black; see `log.author_colors` as well.
_ANSI_DARK: Final = replace(
    BUILTIN_THEMES["ansi-dark"],
    primary="ansi_bright_cyan",
    secondary="ansi_bright_magenta",
    accent="ansi_bright_yellow",
    warning="ansi_yellow",
    error="ansi_bright_red",
    success="ansi_bright_green",
    variables={
        **BUILTIN_THEMES["ansi-dark"].variables,
        "border": "ansi_bright_cyan",
        "border-blurred": "ansi_bright_black",
        "primary-muted": "ansi_default",
        "warning-muted": "ansi_default",
        "error-muted": "ansi_default",
        "block-cursor-foreground": "ansi_bright_white",
        "block-cursor-background": "ansi_blue",
        "input-cursor-background": "ansi_default",
        "input-cursor-foreground": "ansi_default",
        "input-cursor-text-style": "reverse",
        "input-selection-background": "ansi_bright_cyan",
        "screen-selection-background": "ansi_bright_cyan",
        "button-foreground": "ansi_black",
        "button-color-foreground": "ansi_black",
        "button-focus-text-style": "bold",
        "surface-active": "ansi_white",
        "scrollbar-background": "ansi_default",
        "scrollbar-background-hover": "ansi_default",
        "scrollbar-background-active": "ansi_default",
    },
)

# And these on white.
_ANSI_LIGHT: Final = replace(
    BUILTIN_THEMES["ansi-light"],
    primary="ansi_blue",
    secondary="ansi_magenta",
    accent="ansi_blue",
    warning="ansi_red",
    error="ansi_red",
    success="ansi_blue",
    variables={
        **BUILTIN_THEMES["ansi-light"].variables,
        "border": "ansi_blue",
        "block-cursor-foreground": "ansi_black",
        "block-cursor-background": "ansi_white",
        "border-blurred": "ansi_bright_black",
        "primary-muted": "ansi_default",
        "warning-muted": "ansi_default",
        "error-muted": "ansi_default",
        "input-cursor-background": "ansi_default",
        "input-cursor-foreground": "ansi_default",
        "input-cursor-text-style": "reverse",
        "input-selection-background": "ansi_blue",
        "input-selection-foreground": "ansi_bright_white",
        "screen-selection-background": "ansi_blue",
        "button-foreground": "ansi_black",
        "button-color-foreground": "ansi_bright_white",
        "button-focus-text-style": "bold",
        "surface-active": "ansi_white",
        "scrollbar-background": "ansi_default",
        "scrollbar-background-hover": "ansi_default",
        "scrollbar-background-active": "ansi_default",
    },
)

# Where other themes use a colour, these use the style of the text.
_WITHOUT_COLORS: Final = {
    "block-cursor-foreground": "ansi_default",
    "block-cursor-background": "ansi_default",
    "block-cursor-text-style": "bold underline",  # a list does not draw "reverse"
    "block-cursor-blurred-text-style": "bold",
    "button-foreground": "ansi_default",
    "button-color-foreground": "ansi_default",
    "button-focus-text-style": "bold reverse",
}


def themes_for(color_system: str | None, *, no_color: bool = False) -> tuple[Theme, ...]:
    """Return the client's themes for a terminal, in the order in which they are offered.

    `color_system` is Rich's name for it: "truecolor", "256", "standard", or None for no colours.
    """
    dark, light = _ANSI_DARK, _ANSI_LIGHT
    if no_color or color_system is None:
        dark, light = _without_colors(dark), _without_colors(light)
        return _named(dark, DARK.name), _named(light, LIGHT.name), dark, light
    if color_system == "truecolor":
        return DARK, LIGHT, dark, light
    if color_system == "256":
        return _DARK_256, _LIGHT_256, dark, light
    return _named(dark, DARK.name), _named(light, LIGHT.name), dark, light


def _without_colors(theme: Theme) -> Theme:
    return replace(theme, variables={**theme.variables, **_WITHOUT_COLORS})


def _named(theme: Theme, name: str) -> Theme:
    return replace(theme, name=name)
