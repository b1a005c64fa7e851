"""Letters whose accents FTS5 does not fold, as people look for them.

Its `remove_diacritics` knows those of Latin letters, and marks that stand alone.
Greek is written without accents as often as with them, and Russian without ё. Each
letter becomes one letter, so that places in a text stay what they are.
"""

from typing import Final

_LETTERS: Final = str.maketrans("ΆΈΉΊΌΎΏΪΫάέήίόύώϊϋΐΰЁё", "ΑΕΗΙΟΥΩΙΥαεηιουωιυιυЕе")


def plain(text: str) -> str:
    """Return `text` without these accents."""
    return text.translate(_LETTERS)


def plain_sql(column: str) -> str:
    """Return the same of a column as an expression of SQL, which is quick where there are none."""
    accented = "".join(map(chr, _LETTERS))
    replaced = column
    for letter, base in _LETTERS.items():
        replaced = f"replace({replaced}, '{chr(letter)}', '{chr(base)}')"
    return f"iif({column} GLOB '*[{accented}]*', {replaced}, {column})"
