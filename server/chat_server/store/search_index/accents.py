"""Texts and questions in one form, in which they are compared.

That is Unicode's normal form C, since some systems type й as two characters; and
without the accents that FTS5 does not fold. Its `remove_diacritics` handles those of
Latin letters, and combining marks. Greek is written without accents as often as with
them, and Russian without ё.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import Final
from unicodedata import category, is_normalized, normalize

import apsw

_LETTERS: Final = str.maketrans("ΆΈΉΊΌΎΏΪΫάέήίόύώϊϋΐΰЁё", "ΑΕΗΙΟΥΩΙΥαεηιουωιυιυЕе")

# Every character that normal form C may change, and a few more: whole ranges where
# most of them do. Texts without any, as nearly all, are never passed to Python.
_NOT_NORMAL: Final = (
    "\u0300-\u036f\u0374\u037e\u0387\u0483-\u0487\u0591-\u05c7\u0610-\u2001\u20d0-\u212b"
    "\u2329\u232a\u2adc\u2cef-\u2dff\u302a-\u302f\u3099\u309a\ua66f-\uabed\uf900-\ufaff"
    "\ufb1d-\ufb4e\ufe00-\ufe2f\U000101fd-\U0001e94a\U0002f800-\U0002fa1d"
    "\U000e0100-\U000e01ef"
)
_HANGUL: Final = range(0x1160, 0x1200)  # vowels and finals, which are no marks to Unicode


def plain(text: str) -> str:
    """Return `text` as it is compared."""
    return normalize("NFC", text).translate(_LETTERS)


def plain_sql(column: str) -> str:
    """Return the same for a column, as an SQL expression that is fast where nothing changes.

    Needs `add_functions`.
    """
    accented = "".join(map(chr, _LETTERS))
    replaced = column
    for letter, base in _LETTERS.items():
        replaced = f"replace({replaced}, '{chr(letter)}', '{chr(base)}')"
    # Of ASCII alone is told first, and a hundred times as fast.
    return (
        f"iif(length({column}) = octet_length({column}), {column},"
        f" iif({column} GLOB '*[{_NOT_NORMAL}]*', plain({column}),"
        f" iif({column} GLOB '*[{accented}]*', {replaced}, {column})))"
    )


def add_functions(db: apsw.Connection) -> None:
    """Give `db` what the expressions of `plain_sql` call."""
    db.create_scalar_function("plain", _plain_value, 1, deterministic=True)


def _plain_value(*values: "apsw.SQLiteValue") -> str:
    return plain(str(values[0]))


def original_places(text: str, places: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return where `places` of the plain `text` are in the text itself."""
    if is_normalized("NFC", text):
        return list(places)
    starts, ends = [0], [0]  # of the characters with their marks: in the text, and in the plain one
    for end in _boundaries(text):
        length = len(normalize("NFC", text[starts[-1] : end]))
        starts.append(end)
        ends.append(ends[-1] + length)
    return [
        (starts[bisect_right(ends, since) - 1], starts[bisect_left(ends, to)])
        for since, to in places
    ]


def _boundaries(text: str) -> Iterator[int]:
    """Yield where each character ends, with the marks that may be composed with it."""
    for at in range(1, len(text)):
        if ord(text[at]) not in _HANGUL and not category(text[at]).startswith("M"):
            yield at
    yield len(text)
