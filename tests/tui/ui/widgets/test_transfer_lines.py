"""Lines for the files on their way: few, and each on one row."""

import pytest

from chat_tui.model.transfer import Transfer
from chat_tui.ui.widgets.transfer_lines import TransferLines
from support.tui_host import hosting
from support.tui_pilot import until

pytestmark = pytest.mark.asyncio


async def test_each_file_has_a_row_and_of_many_the_number_is_shown() -> None:
    lines = TransferLines()
    async with hosting(lines, size=(60, 12)) as (host, pilot):
        assert not lines.display
        transfers = [Transfer(f"{n}.pdf", 1_000, is_upload=True) for n in range(6)]

        lines.show(transfers)
        await until(pilot, lambda: "and 2 more · /cancel" in host.text())
        assert host.text().count("Sending") == 4

        transfers[0].moved(500, 1.0)
        lines.show(transfers[:1])
        await until(pilot, lambda: "Sending 0.pdf · 50% of 1.0 kB · /cancel" in host.text())

        lines.show([])
        await until(pilot, lambda: not lines.display)


async def test_a_long_name_stays_on_its_row() -> None:
    lines = TransferLines()
    async with hosting(lines, size=(80, 12)) as (host, pilot):
        lines.show([Transfer("x" * 300 + "report.pdf", 1, is_upload=False)])
        await until(pilot, lambda: "xxx…port.pdf" in host.text())
        await until(pilot, lambda: "/cancel" in host.text())

        assert host.text().split("\n")[1].strip() == ""


async def test_on_a_narrow_terminal_the_most_important_words_are_seen() -> None:
    lines = TransferLines()
    async with hosting(lines, size=(40, 15)) as (host, pilot):
        transfer = Transfer("minutes-of-november.pdf", 1_000_000, is_upload=True)
        for second in range(2):
            transfer.moved(100_000 * second, float(second))

        lines.show([transfer])

        await until(pilot, lambda: "minu…mber.pdf · 10% · 9 s left · /cancel" in host.text())
        await pilot.resize_terminal(80, 15)
        await until(pilot, lambda: "10% of 1.0 MB · 100 kB/s · 9 s left · /c" in host.text())
