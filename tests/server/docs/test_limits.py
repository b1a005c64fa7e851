"""`server/LIMITS.md` lists every limit with the value in the code and a test that exists."""

import re
from dataclasses import fields
from operator import attrgetter
from pathlib import Path

import pytest

import chat_shared.limits
from chat_server import validators
from chat_server.accounts import login_throttle, passwords, preferences, registration
from chat_server.config import Limits
from chat_server.files import bucket, read_ahead, sweeping, threads, transfers
from chat_server.messages import expiry, history, journal, read_state, search
from chat_server.net import files, outbox, transport
from chat_server.protocols import answering, metrics_endpoint, native
from chat_server.requests import files as requests_files
from chat_server.rooms import direct, directory, guests, hooks, invitations, moderation, sanctions
from chat_server.run import background
from chat_server.sessions import rate_limits, registry
from chat_server.store.api import audit, reading
from chat_server.store.postgresql import database, leadership, storage
from chat_server.store.search_index import copying, query
from chat_tui.gateway import (
    asyncssh_internals,
    browser_page,
    consoles,
    control,
    driver,
    frames,
    key_checks,
    line_editor,
    places,
    plain_seat,
    relay,
    screen_seat,
    ssh,
    ssh_authentication,
    terminal,
    worker,
    workers,
)
from chat_tui.gateway.web import (
    connections,
    form_data,
    hook_content,
    hook_posts,
    hook_spool,
    page_files,
    session,
    site,
)
from chat_tui.terminal import size_limits

_ROOT = Path(__file__).parents[3]
_PAGE = (_ROOT / "server" / "LIMITS.md").read_text(encoding="utf-8")
_ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in _PAGE.splitlines()
    if line.startswith("| `")
]
_MODULES = {
    "registration": registration,
    "registry": registry,
    "validators": validators,
    "control": control,
    "directory": directory,
    "direct": direct,
    "expiry": expiry,
    "login_throttle": login_throttle,
    "journal": journal,
    "history": history,
    "guests": guests,
    "hooks": hooks,
    "hook_content": hook_content,
    "hook_posts": hook_posts,
    "hook_spool": hook_spool,
    "form_data": form_data,
    "page_files": page_files,
    "frames": frames,
    "browser_page": browser_page,
    "rate_limits": rate_limits,
    "invitations": invitations,
    "search": search,
    "limits": chat_shared.limits,
    "moderation": moderation,
    "answering": answering,
    "native": native,
    "outbox": outbox,
    "passwords": passwords,
    "preferences": preferences,
    "sanctions": sanctions,
    "audit": audit,
    "reading": reading,
    "query": query,
    "read_state": read_state,
    "transport": transport,
    "files": files,
    "requests_files": requests_files,
    "sweeping": sweeping,
    "threads": threads,
    "bucket": bucket,
    "read_ahead": read_ahead,
    "transfers": transfers,
    "background": background,
    "metrics_endpoint": metrics_endpoint,
    "copying": copying,
    "database": database,
    "leadership": leadership,
    "storage": storage,
    "asyncssh_internals": asyncssh_internals,
    "line_editor": line_editor,
    "connections": connections,
    "consoles": consoles,
    "places": places,
    "session": session,
    "site": site,
    "plain_seat": plain_seat,
    "size_limits": size_limits,
    "relay": relay,
    "screen_seat": screen_seat,
    "ssh": ssh,
    "ssh_authentication": ssh_authentication,
    "key_checks": key_checks,
    "driver": driver,
    "terminal": terminal,
    "worker": worker,
    "workers": workers,
}

# The limits that are constants; the others are settings.
_CONSTANTS = {
    "registration.REGISTERED_EVERY",
    "guests.GUEST_HOURS",
    "guests.MAX_BY_LINK",
    "guests.MAX_IN_ROOM",
    "guests.ABSENT_FOR",
    "guests.MAX_CREATED",
    "guests.CREATED_EVERY",
    "rate_limits.GUEST_POSTS",
    "rate_limits.GUEST_POSTS_EVERY",
    "rate_limits.GUEST_REQUESTS",
    "rate_limits.GUEST_REQUESTS_PER_SECOND",
    "hooks.MAX_HOOKS",
    "rate_limits.HOOK_POSTS",
    "rate_limits.HOOK_POSTS_PER_SECOND",
    "hook_posts.MAX_AT_ONCE",
    "hook_posts.MAX_BY_CODE",
    "hook_posts.POST_WITHIN",
    "form_data.MAX_PARTS",
    "form_data.MAX_HEAD",
    "hook_spool.MAX_SPOOLED",
    "hook_spool.MAX_SPOOLED_BY_CODE",
    "hook_spool.KEPT_FREE",
    "page_files.MAX_WAITING",
    "page_files.TAKE_WITHIN",
    "frames.MAX_CHOSEN",
    "browser_page.READ_WITHIN",
    "hook_content.MAX_FORM",
    "validators.MAX_SERVER_NAME",
    "query.QUICK",
    "search.SEARCH_QUEUE",
    "search.SEARCH_BURST",
    "search.SEARCH_SHARE",
    "history.PAGES_QUEUE",
    "direct.MAX_REOPENED",
    "direct.REOPENED_EVERY",
    "directory.MAX_CREATED",
    "directory.CREATED_EVERY",
    "directory.FORGET_AFTER",
    "native.HANDSHAKE_DEADLINE",
    "registry.HANDSHAKES",
    "registry.HANDSHAKES_WITHIN",
    "answering.MAX_IGNORED",
    "native.CLOSE_DEADLINE",
    "native.STRANGER_LINES",
    "native.MEMBER_LINES",
    "files.OWN_FILES",
    "limits.MAX_FILE_NAME",
    "limits.MAX_FILES",
    "requests_files.DRAIN_DEADLINE",
    "sweeping.UPLOAD_KEPT",
    "threads.FILES_QUEUE",
    "threads.SLOTS",
    "bucket.BUCKET_SLOTS",
    "bucket.CONNECT_WITHIN",
    "bucket.ANSWER_WITHIN",
    "bucket.ATTEMPTS",
    "read_ahead.BLOCK",
    "transfers.PACE",
    "transfers.GIVES_WAY",
    "transfers.TRANSFER_IDLE",
    "background.MAX_OPERATORS",
    "metrics_endpoint.REQUEST_DEADLINE",
    "copying.PAGE",
    "database.CONNECT_WITHIN",
    "leadership.LEASE",
    "storage.READERS",
    "limits.LOGIN_DEADLINE",
    "limits.IDLE_DEADLINE",
    "limits.MAX_FRAME",
    "limits.MAX_DIRECT",
    "limits.MAX_EMOJIS",
    "limits.MAX_LOOK_UP",
    "limits.MAX_HITS",
    "limits.MAX_MARKS",
    "limits.MAX_WORDS",
    "query.LONGEST",
    "outbox.WRITE_DEADLINE",
    "outbox.MAX_BLOCKS",
    "outbox.MAX_BYTES",
    "journal.BATCH_POSTS",
    "passwords.HASHING_QUEUE",
    "reading.MAX_SCANNED",
    "read_state.MAX_PENDING",
    "login_throttle.MAX_ENTRIES",
    "direct.MAX_OPENED",
    "direct.OPENED_EVERY",
    "invitations.MAX_INVITES",
    "invitations.MAX_GENERAL_INVITES",
    "invitations.MAX_MADE",
    "invitations.MADE_EVERY",
    "moderation.MAX_SANCTIONS",
    "audit.MAX_AUDIT_ENTRIES",
    "sanctions.MAX_YEARS",
    "expiry.LEAP_DAYS",
    "expiry.HOLD_HOURS",
    "places.MAX_TERMINALS",
    "places.MAX_PER_ADDRESS",
    "places.MAX_HANDSHAKES",
    "places.HANDSHAKES",
    "places.HANDSHAKES_WITHIN",
    "relay.RESIZED_EVERY",
    "driver.KEYS_AT_ONCE",
    "terminal.TYPED_AT_ONCE",
    "places.MAX_STARTING",
    "places.MAX_WAITING",
    "ssh.HANDSHAKE_DEADLINE",
    "ssh_authentication.MAX_OFFERED",
    "ssh_authentication.MAX_IN_VAIN",
    "key_checks.CHECK_WITHIN",
    "limits.MAX_SSH_KEYS",
    "limits.MAX_PREFERENCES",
    "preferences.MAX_SAVED",
    "preferences.SAVED_EVERY",
    "size_limits.MAX_COLUMNS",
    "size_limits.MAX_LINES",
    "terminal.MAX_PICTURE",
    "terminal.MAX_UNREAD",
    "relay.UNREAD_FOR",
    "relay.IDLE_FOR",
    "screen_seat.KEPT_FOR",
    "ssh.MAX_SESSIONS",
    "asyncssh_internals.MAX_VARIABLE",
    "line_editor.KEYS_AT_ONCE",
    "line_editor.MAX_LINE",
    "line_editor.MAX_AHEAD",
    "line_editor.MAX_RECALLED",
    "plain_seat.UNSENT_FOR",
    "worker.MAX_LEFT",
    "relay.START_WITHIN",
    "connections.MAX_CONNECTIONS",
    "connections.MAX_PER_ADDRESS",
    "connections.HANDSHAKE_DEADLINE",
    "connections.LOAD_DEADLINE",
    "session.HELLO_WITHIN",
    "site.MAX_MESSAGE",
    "session.MAX_MESSAGES",
    "session.MAX_HELD",
    "site.PING_EVERY",
    "site.REST_WITHIN",
    "consoles.MAX_KEPT",
    "control.WITHOUT_SERVER",
    "workers.PER_WORKER",
    *(f"login_throttle.BACK_OFF.{field.name}" for field in fields(login_throttle.BACK_OFF)),
}


def _name(cell: str) -> str:
    return cell.strip("`")


def _value(name: str) -> float:
    """Return the value in the code of the limit that the table calls `name`."""
    if name.startswith("--limits."):
        setting: float = getattr(Limits(), name.removeprefix("--limits.").replace("-", "_"))
        return setting
    module, _, path = name.partition(".")
    found: float = attrgetter(path)(_MODULES[module])
    return found


def test_the_page_lists_every_limit_once() -> None:
    settings = {f"--limits.{field.name.replace('_', '-')}" for field in fields(Limits)}
    named = [_name(row[0]) for row in _ROWS]

    assert set(named) == settings | _CONSTANTS
    assert len(named) == len(set(named))


@pytest.mark.parametrize("row", _ROWS, ids=lambda row: _name(row[0]))
def test_the_default_is_the_value_in_the_code(row: list[str]) -> None:
    number, _, unit = row[1].partition(" ")

    assert number == f"{_value(_name(row[0])):,g}" or number == f"{_value(_name(row[0])):,.0f}"
    assert unit


@pytest.mark.parametrize("row", _ROWS, ids=lambda row: _name(row[0]))
def test_every_limit_has_a_reason_and_a_test(row: list[str]) -> None:
    _, _, what, why, test = row
    path, _, name = _name(test).partition("::")
    source = (_ROOT / "tests" / path).read_text(encoding="utf-8")

    assert what
    assert why
    assert re.search(rf"^(async )?def {name}\(", source, re.MULTILINE)
