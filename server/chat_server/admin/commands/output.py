"""What commands print to stdout, for people and for other commands."""

import os
import sys
from collections.abc import Iterable


def print_lines(lines: Iterable[str]) -> None:
    """Print `lines`, each with its newline. A reader that has read enough (`head`) is no error."""
    try:
        sys.stdout.writelines(lines)
        sys.stdout.flush()
    except BrokenPipeError:
        # Or Python would try again as the process ends, and exit with code 120.
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
        os.close(null)


def report_share(share: float) -> None:
    """Show people on stderr which part is done, from 0 to 1; say nothing to a file."""
    if sys.stderr.isatty():
        end = "\n" if share == 1 else ""
        sys.stderr.write(f"\r{share:4.0%}{end}")
        sys.stderr.flush()
