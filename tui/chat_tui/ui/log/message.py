"""A message as screen lines: author and time, the quoted message, the text, its status."""

from collections.abc import Iterator
from typing import NamedTuple

from rich.cells import cell_len
from rich.segment import Segment

from chat_shared.messages import File, Reaction
from chat_shared.text import clean_line
from chat_tui.markup.files import SIGN, is_picture, shown_size
from chat_tui.markup.message_text import MessageText, read_text
from chat_tui.model.draft import Quote
from chat_tui.ui.log.lines import BLANK, Block, Line, Run, Shape, clock, cut
from chat_tui.ui.log.log_model import ROW_START
from chat_tui.ui.log.rows import MessageRow
from chat_tui.ui.log.text_rows import text_rows
from chat_tui.ui.log.wrapping import estimate_rows, wrap

# A message of more rows is folded: half a tall screen, so that no message fills a screen alone.
FOLD_AT = 40

_MARK = "▌"
_SPACE = Run("  ", "text")
_EDGE = Run(" ", "text")
_DOT = Run(" · ", "reaction")

# Characters of a quoted message: enough to find its first line.
_QUOTED = 300


def estimate_message(row: MessageRow, shape: Shape) -> int:
    """Return about how many lines `row` takes; cheap enough for every message."""
    columns = shape.columns
    lines = 1 if row.deleted else estimate_rows(row.text, columns.text_width)
    if lines > FOLD_AT and not shape.unfolded:
        lines = FOLD_AT + 1
    header = not (columns.aligned or shape.continued)
    extra = 0 if row.deleted else (row.quote is not None) + bool(row.reactions) + _file_rows(row)
    return lines + header + shape.apart + extra + (row.status == "refused")


def _file_rows(row: MessageRow) -> int:
    """Return how many lines the files take besides the text: the first is in place of none."""
    drawn = sum(len(drawing.rows) for drawing in row.drawings.values())
    return max(0, len(row.files) - (not row.text)) + drawn


def undrawn_pictures(row: MessageRow, columns: int) -> Iterator[File]:
    """Yield the pictures of `row` that are not drawn, or for another number of columns."""
    for file in row.files:
        if isinstance(file, File) and is_picture(file):
            drawing = row.drawings.get(file.file)
            if drawing is None or drawing.within != columns:
                yield file


def lay_out_message(row: MessageRow, text: MessageText, shape: Shape) -> Block:
    """Return `row`, whose text is `text`, as screen lines."""
    gutter = _gutter(row, shape)
    page = _Page(gutter, shape.columns.text_width)
    if row.deleted:
        page.add(0, tail=(Run("message deleted", "deleted"),))
    else:
        _write(page, row, text, shape)
    header = [] if gutter.header is None else [gutter.header]
    if shape.apart:
        header.insert(0, Line(BLANK))
    part = "text" if row.status == "sent" else "unsent"
    return Block(row, text, part, (*header, *page.lines))


class _Gutter(NamedTuple):
    header: Line | None
    first: tuple[Run, ...]
    rest: tuple[Run, ...]


class _Page:
    """The lines of a message, from top to bottom."""

    def __init__(self, gutter: _Gutter, width: int) -> None:
        self.lines: list[Line] = []
        self.width = width
        self._gutter = gutter

    def add(
        self,
        start: int,
        text: str = "",
        lead: tuple[Run, ...] = (),
        tail: tuple[Run, ...] = (),
        picture: tuple[Segment, ...] = (),
    ) -> None:
        gutter = self._gutter.rest if self.lines else self._gutter.first
        self.lines.append(Line(start, gutter + lead, text, tail, picture))

    def below(self, tail: tuple[Run, ...] = (), picture: tuple[Segment, ...] = ()) -> None:
        """Add a line after the text that shows no character of it."""
        last = self.lines[-1]
        self.add(last.start + len(last.text) + 1, tail=tail, picture=picture)

    @property
    def has_text(self) -> bool:
        """Whether there is a line below the quoted message."""
        return bool(self.lines) and self.lines[-1].start >= 0

    def sign(self, sign: Run) -> None:
        """Put a sign at the end of the last line if it fits.

        On a line of its own, everything below would jump up once the sign is removed.
        """
        last = self.lines[-1]
        lead = last.gutter[len(self._gutter.rest if len(self.lines) > 1 else self._gutter.first) :]
        used = sum(cell_len(run.text) for run in (*lead, *last.tail)) + cell_len(last.text)
        if not last.picture and used + len(_SPACE.text) + cell_len(sign.text) <= self.width:
            tail = (*last.tail, _SPACE, sign)
            self.lines[-1] = Line(last.start, last.gutter, last.text, tail)
        else:
            self.below((sign,))


def _write(page: _Page, row: MessageRow, text: MessageText, shape: Shape) -> None:
    if row.quote is not None:
        page.add(-1, tail=(Run(quoted(row.quote, page.width), "answered"),))
    if row.text or not row.files:
        _write_text(page, text, shape)
    _write_files(page, row)
    if row.guest and not shape.continued:
        page.sign(Run("(guest)", "edited"))
    if row.edited:
        page.sign(Run("(edited)", "edited"))
    if row.status == "queued":
        page.sign(Run("○ queued", "queued"))
    elif row.status == "refused":
        words = f"✗ not sent: {clean_line(row.reason)}" if row.reason else "✗ not sent"
        for start, end in wrap(words, page.width):
            page.below((Run(words[start:end], "refused"),))
    for line in _reactions(row.reactions, page.width):
        page.below(line)


def _gutter(row: MessageRow, shape: Shape) -> _Gutter:
    columns = shape.columns
    mark = Run(_MARK, "mark") if row.mention else _EDGE
    author = clean_line(row.author)
    nick = Run(cut(author, columns.nick_width), shape.authors.part(row.author))
    time = Run(clock(row.at, shape.zone), "time")
    rest = (mark, Run(" " * (columns.text_start - 1), "text"))
    if columns.aligned:
        shown = Run("", "text") if shape.continued else nick
        fill = " " * (columns.nick_width + 1 - cell_len(shown.text))
        return _Gutter(None, (mark, _EDGE, shown, Run(fill, "text"), time, _SPACE), rest)
    header = Line(ROW_START, (mark, _EDGE, nick, _SPACE, time))
    return _Gutter(None if shape.continued else header, rest, rest)


def _write_text(page: _Page, text: MessageText, shape: Shape) -> None:
    """Write the text, folded if it is long."""
    rows = text_rows(text, page.width)
    # Folding a single line would save nothing: the fold takes a line itself.
    folded = len(rows) > FOLD_AT + 1 and not shape.unfolded
    for row in rows[:FOLD_AT] if folded else rows:
        page.add(row.start, text.body[row.start : row.end], row.lead)
    if folded:
        words = f"… {len(rows) - FOLD_AT:,} more lines"
        page.add(rows[FOLD_AT].start, tail=(Run(words, "fold"),))


def _write_files(page: _Page, row: MessageRow) -> None:
    """Write a line for each file, and below it the picture in it, if that is drawn.

    The first without a text stands where that would.
    """
    for file in row.files:
        size = f"  {shown_size(file.size)}"
        name = cut(f"{SIGN} {clean_line(file.name)}", max(0, page.width - len(size)))
        line = Run(name, "file"), Run(size, "file-size")
        if page.has_text:
            page.below(line)
        else:
            page.add(0, tail=line)
        drawing = row.drawings.get(file.file) if isinstance(file, File) else None
        for cells in drawing.rows if drawing is not None else ():
            page.below(picture=tuple(cells))


def quoted(quote: Quote, width: int) -> str:
    """Return the line above a reply: the author and the beginning of the quoted message."""
    if not quote.author:
        return cut(f"↳ message {quote.seq:,}", width)
    text = read_text(quote.text[:_QUOTED]).body.strip().partition("\n")[0] or "message deleted"
    return cut(f"↳ {clean_line(quote.author)}: {text}", width)


def _reactions(reactions: tuple[Reaction, ...], width: int) -> Iterator[tuple[Run, ...]]:
    """Yield lines of emoji with their counts, as many on each line as fit."""
    line: tuple[Run, ...] = ()
    used = 0
    for reaction in reactions:
        part = "reaction-own" if reaction.mine else "reaction"
        words = cut(f"{clean_line(reaction.emoji)} {reaction.count:,}", width)
        run = Run(words, part, reaction.emoji)
        cells = cell_len(run.text)
        if line and used + len(_DOT.text) + cells > width:
            yield line
            line, used = (), 0
        if line:
            line, used = (*line, _DOT), used + len(_DOT.text)
        line, used = (*line, run), used + cells
    if line:
        yield line
