"""The two themes of the client; every other one of Textual can be chosen as well."""

from textual.theme import Theme

DARK = Theme(
    name="trialogue-dark",
    dark=True,
    primary="#7cb7ff",
    secondary="#b39df3",
    accent="#ffb86b",
    foreground="#d6dbe5",
    background="#10131a",
    surface="#171b24",
    panel="#1f2531",
    success="#8bd49c",
    warning="#f5c76b",
    error="#ff8088",
    variables={"input-selection-background": "#7cb7ff 30%", "border-blurred": "#2a3140"},
)

LIGHT = Theme(
    name="trialogue-light",
    dark=False,
    primary="#1f5fbf",
    secondary="#6a4bb5",
    accent="#a04806",
    foreground="#22262e",
    background="#fbfaf7",
    surface="#f2f0ea",
    panel="#e7e4dc",
    success="#256c36",
    warning="#7a5600",
    error="#b3202c",
)
