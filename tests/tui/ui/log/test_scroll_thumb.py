"""The thumb of a scrollbar is drawn when its place differs by what can be seen."""

from itertools import pairwise

from chat_tui.ui.log.scroll_thumb import STEP, Thumb, thumb_of

WINDOW = 30


def test_a_log_that_fits_has_a_thumb_as_long_as_its_bar() -> None:
    assert thumb_of(WINDOW, 12, 0) == Thumb(0, 8 * WINDOW)


def test_the_thumb_is_where_the_view_is_in_the_log() -> None:
    assert thumb_of(WINDOW, 90, 0) == Thumb(0, 80)
    assert thumb_of(WINDOW, 90, 30) == Thumb(80, 160)
    assert thumb_of(WINDOW, 90, 60) == Thumb(160, 8 * WINDOW)


def test_in_a_log_of_a_million_lines_the_thumb_is_a_cell() -> None:
    thumb = thumb_of(WINDOW, 1_000_000, 500_000)
    assert thumb.end - thumb.start in (8, 9)


def test_most_messages_at_the_end_draw_no_thumb() -> None:
    drawn, draws = thumb_of(WINDOW, 60, 30), 0
    for total in range(61, 161):
        thumb = thumb_of(WINDOW, total, total - WINDOW)
        assert thumb.end == 8 * WINDOW
        if thumb.differs_from(drawn, WINDOW):
            drawn, draws = thumb, draws + 1
        assert abs(thumb.start - drawn.start) < STEP

    assert draws < 10


def test_the_thumb_is_drawn_at_the_very_end_and_start() -> None:
    total = 10_000
    for position in (0, total - WINDOW):
        there = thumb_of(WINDOW, total, position)
        near = thumb_of(WINDOW, total, abs(position - 60))
        assert near != there
        assert there.differs_from(near, WINDOW)
        assert near.differs_from(there, WINDOW)


def test_scrolling_a_short_log_draws_every_cell() -> None:
    thumbs = [thumb_of(WINDOW, 60, position) for position in range(0, 31, 2)]
    assert all(now.differs_from(before, WINDOW) for before, now in pairwise(thumbs))
