"""`tui/LIMITS.md` lists the client's limits with the value in the code and a test that exists."""

import re
from operator import attrgetter
from pathlib import Path

import pytest

import chat_shared.limits
from chat_tui.controller import downloads, exports, uploads
from chat_tui.model import members, memory, room, rooms, timeline, transfer
from chat_tui.net import session
from chat_tui.plain import progress
from chat_tui.storage import path_completion, saved_file
from chat_tui.terminal import key_parser, sequences
from chat_tui.terminal.pictures import agreed, decoding
from chat_tui.ui import toasts
from chat_tui.ui.chat import pictures
from chat_tui.ui.log import notices
from chat_tui.ui.widgets import field, member_list

_ROOT = Path(__file__).parents[3]
_PAGE = (_ROOT / "tui" / "LIMITS.md").read_text(encoding="utf-8")
_ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in _PAGE.splitlines()
    if line.startswith("| `")
]
_MODULES = {
    "agreed": agreed,
    "decoding": decoding,
    "downloads": downloads,
    "exports": exports,
    "field": field,
    "key_parser": key_parser,
    "limits": chat_shared.limits,
    "member_list": member_list,
    "members": members,
    "memory": memory,
    "notices": notices,
    "path_completion": path_completion,
    "pictures": pictures,
    "progress": progress,
    "room": room,
    "rooms": rooms,
    "saved_file": saved_file,
    "session": session,
    "sequences": sequences,
    "timeline": timeline,
    "toasts": toasts,
    "transfer": transfer,
    "uploads": uploads,
}


def _name(row: list[str]) -> str:
    return row[0].strip("`")


def test_the_page_lists_every_limit_of_these_modules_once() -> None:
    limits = {
        f"{name}.{limit}"
        for name, module in _MODULES.items()
        for limit in vars(module)
        if limit.startswith("MAX_") and f"{limit}: Final" in Path(module.__file__ or "").read_text()
    }
    named = [_name(row) for row in _ROWS]

    assert limits <= set(named)
    assert len(named) == len(set(named))


@pytest.mark.parametrize("row", _ROWS, ids=_name)
def test_the_value_is_that_of_the_code(row: list[str]) -> None:
    module, _, limit = _name(row).partition(".")
    number, _, unit = row[1].partition(" ")

    assert float(number.replace(",", "")) == attrgetter(limit)(_MODULES[module])
    assert unit


@pytest.mark.parametrize("row", _ROWS, ids=_name)
def test_every_limit_has_a_reason_and_a_test(row: list[str]) -> None:
    _, _, what, why, test = row
    path, _, name = test.strip("`").partition("::")
    source = (_ROOT / "tests" / path).read_text(encoding="utf-8")

    assert what
    assert why
    assert re.search(rf"^(async )?def {name}\(", source, re.MULTILINE)
