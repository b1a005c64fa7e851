"""Letters whose accents FTS5 does not fold.

Its `remove_diacritics` handles those of Latin letters, and combining marks. Greek
is written without accents as often as with them, and Russian without ё. Each letter
becomes one letter, so that offsets in a text stay the same.
"""

from typing import Final

_LETTERS: Final = str.maketrans("ΆΈΉΊΌΎΏΪΫάέήίόύώϊϋΐΰЁё", "ΑΕΗΙΟΥΩΙΥαεηιουωιυιυЕе")


def plain(text: str) -> str:
    """Return `text` without these accents."""
    return text.translate(_LETTERS)


def plain_sql(column: str) -> str:
    """Return the same for a column, as an SQL expression that is fast where there are none."""
    accented = "".join(map(chr, _LETTERS))
    replaced = column
    for letter, base in _LETTERS.items():
        replaced = f"replace({replaced}, '{chr(letter)}', '{chr(base)}')"
    return f"iif({column} GLOB '*[{accented}]*', {replaced}, {column})"
