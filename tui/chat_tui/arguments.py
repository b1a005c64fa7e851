"""The arguments of the command `chat-tui`. Does not know what they lead to."""

import os
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn


class WrongUse(Exception):
    """The arguments are wrong; the message says why."""


# Not the library that parses the arguments of chat-server: importing it takes a third of
# the time in which the log-in form must appear, and there is little to parse here.
class _Parser(ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise WrongUse(f"{message[0].upper()}{message[1:]}. See chat-tui --help.")


def _parser() -> ArgumentParser:
    parser = _Parser(
        prog="chat-tui",
        description="Chat in the terminal. Without SERVER, the last-used server is suggested.",
        allow_abbrev=False,
        add_help=False,
    )
    parser.add_argument(
        "server",
        metavar="SERVER",
        nargs="?",
        help="HOST, HOST:PORT or a chat:// link; tcp://HOST connects without encryption",
    )
    parser.add_argument("--name", help="Log in with this name")
    parser.add_argument(
        "--local",
        action="store_true",
        help="Start your own server, for as long as the client runs",
    )
    parser.add_argument(
        "--plain",
        action="store_true",
        help="Print lines instead of filling the screen, for screen readers and pipes",
    )
    pictures = parser.add_mutually_exclusive_group()
    pictures.add_argument(
        "--images",
        choices=("auto", "kitty", "sixel", "blocks", "none"),
        default="auto",
        help="Show pictures as well as the terminal says it can (auto), by kitty's protocol, by "
        "sixel if large, with half blocks, or by name only",
    )
    pictures.add_argument(
        "--no-images",
        dest="images",
        action="store_const",
        const="none",
        help="Show only the names of pictures",
    )
    parser.add_argument(
        "--send",
        metavar="ROOM",
        help="Send standard input to this room or @NAME as one message; exit with 0 once stored",
    )
    parser.add_argument(
        "--file",
        metavar="PATH",
        type=Path,
        action="append",
        default=[],
        help="With --send: send this file, and not standard input; repeat it for more files",
    )
    parser.add_argument("--caption", metavar="TEXT", help="With --file: the text of the message")
    parser.add_argument(
        "--new-token",
        action="store_true",
        help="Log in and write a token for scripts to standard output, or to --out FILE",
    )
    parser.add_argument(
        "--out",
        metavar="FILE",
        type=Path,
        help="Write the token to this new file, which only you can read",
    )
    parser.add_argument(
        "--kiosk",
        action="store_true",
        help="Connect to SERVER only, and use no files or programs here; for sshd's ForceCommand",
    )
    parser.add_argument("-h", "--help", action="help", help="Show this help and exit")
    parser.add_argument("--version", action="store_true", help="Show the version and exit")
    return parser


def read_arguments(arguments: Sequence[str]) -> Namespace:
    """Return the arguments by their names. Raises WrongUse."""
    return _parser().parse_args(as_utf8(arguments))


def as_utf8(arguments: Sequence[str]) -> list[str]:
    """Return the arguments of the command line as in a UTF-8 locale, whatever ours is."""
    return [os.fsencode(argument).decode(errors="replace") for argument in arguments]
