"""What is drawn never waits for a terminal that is gone."""

import os

from textual.drivers._writer_thread import MAX_QUEUED_WRITES

from chat_tui.terminal.writer import LastingWriter


def test_a_closed_terminal_takes_whatever_is_drawn() -> None:
    ours, theirs = os.openpty()
    with open(theirs, "w", encoding="utf-8") as terminal:
        writer = LastingWriter(terminal)
        writer.start()
        os.close(ours)

        for _ in range(3 * MAX_QUEUED_WRITES):
            writer.write("x" * 1000)
        writer.stop()

        assert not writer.is_alive()
        with open(os.devnull, "wb") as discarded:  # or closing the terminal would fail, too
            os.dup2(discarded.fileno(), theirs)
