"""Strips make their caches late, and are otherwise those of Textual."""

import gc

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.cache import FIFOCache
from textual.strip import Strip

from chat_tui.terminal.strips import make_caches_late


def test_a_strip_makes_a_cache_when_it_first_needs_it() -> None:
    make_caches_late()
    strip = Strip([Segment("grün, 漢字", Style(bold=True))])
    assert not [each for each in gc.get_referents(strip) if isinstance(each, FIFOCache)]

    first = strip.crop(1, 5)

    assert first.text == "rün,"
    assert [len(each) for each in gc.get_referents(strip) if isinstance(each, FIFOCache)] == [1]
    assert strip.crop(1, 5) is first


def test_a_strip_has_all_that_textual_gives_it() -> None:
    make_caches_late()
    strip = Strip([Segment("漢字")])
    given = [name for name in Strip.__slots__ if hasattr(strip, name)]

    assert given == Strip.__slots__
    assert strip.cell_length == 4
    assert strip._crop_cache._maxsize == 16
    assert (strip._render_cache, strip._link_ids) == (None, None)
    with pytest.raises(AttributeError, match="_other"):
        _ = strip._other  # type: ignore[attr-defined]
