"""Texts of the longest length that are meant to keep a parser busy, by what is in them."""

from typing import Final

from chat_shared.limits import MAX_TEXT

# For the grammar of mentions, which the server applies to every message.
MENTIONS: Final = {
    "one name": "@a" + "😀" * MAX_TEXT,
    "marks": "@a" + "\u0301" * MAX_TEXT,
    "letters": "@" + "é" * MAX_TEXT,
    "signs": "@é!ж!é!ж!é!ж!é!ж " * (MAX_TEXT // 16),
    "middle dots": "@a" + "・ア" * (MAX_TEXT // 2),
    "nothing but at signs": "@" * MAX_TEXT,
    "code that is not closed": "@a " + "`a``b```c " * (MAX_TEXT // 10),
    "fences, each shorter than the one before": (
        "@a\n" + "\n".join("`" * length for length in range(90, 2, -1)) + "\n" * (MAX_TEXT // 2)
    ),
    "titles": "[@" * (MAX_TEXT // 2),
    "addresses": "https://@" * (MAX_TEXT // 9),
    "quotes": "> @a\n" * (MAX_TEXT // 5),
}

# For the markup of a line, which the client applies to every message that it draws.
MARKUP: Final = {
    "stars": "*" * 10_000,
    "openers": "*a " * 3_000,
    "closers": "a* " * 3_000,
    "pairs": "_a_ " * 2_500,
    "mixed openers": "***a **b *c ~~d _e " * 500,
    "threes": "**a *b c*** " * 800,
    "backticks": "`" * 10_000,
    "backticks of all lengths": " ".join("`" * n for n in range(140)),
    "brackets": "[" * 10_000,
    "titles": "[a](" * 2_500,
    "addresses in titles": "[a](http://" * 900,
    "brackets in addresses": "[a](http://x" + "()" * 5_000,
    "an address of brackets": "http://x" + ")" * 10_000,
    "schemes": "mailto:" * 1_400,
    "colons": ":a" * 5_000,
    "calls": "@a" * 5_000,
    "a word": "a" * 10_000,
}
