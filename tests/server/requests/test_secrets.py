"""Passwords, tokens and messages are in no log line, at any level, whatever goes wrong."""

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
import structlog
from trio.testing import wait_all_tasks_blocked

from chat_server.config import LogFormat
from chat_server.logs import set_up_logging
from chat_server.requests.handlers import HANDLERS
from chat_server.services import Services
from chat_server.sessions.session import Session
from chat_server.store.threads import Storage
from chat_shared import messages as m
from support.running_server import RunningServer, running_server
from support.store_faults import FaultyStorage

_PASSWORD = "s3cr3t-password"
_WRONG = "s3cr3t-guess"
_TEXT = "s3cr3t-message"
_NONCE = "s3cr3t-nonce"
_MARK = "s3cr3t"

both_formats = pytest.mark.parametrize("log_format", ["pretty", "json"])


@pytest.fixture(autouse=True)
def plain_again() -> Iterator[None]:
    yield
    structlog.reset_defaults()


async def _crash_over_text(_: Services, __: Session, request: m.Post) -> None:
    """A bug that quotes what a member typed."""
    text = request.text
    try:
        raise KeyError(text)
    except KeyError as exc:
        raise ValueError(f"cannot handle {text!r}") from exc


async def _crash_over_password(_: Services, __: Session, request: m.Login) -> None:
    int(request.password)


@both_formats
async def test_no_secret_is_logged_with_or_without_errors(
    faults: FaultyStorage,
    faulty_server: RunningServer,
    capfd: pytest.CaptureFixture[str],
    log_format: LogFormat,
) -> None:
    set_up_logging("debug", log_format)
    ada = await faulty_server.connect()
    token = (await ada.register("Ada", _PASSWORD)).token
    room_password = await ada.create("Kitchen")
    code = (await ada.grant(m.Invite("Kitchen", id=90), m.RoomInvite)).code
    await ada.post(_TEXT, nonce=_NONCE)
    with faults.full_disk():
        await ada.ask(ada.draft(_TEXT, nonce=_NONCE))
        await ada.ask(m.Create("Garden", id=1))
    with faults.failing_reads():
        await ada.ask(m.History("general", id=2))
    for data in (f'{{"type":"post","text":"{_TEXT}"}}\n', f"{_TEXT}\n"):
        await ada.send_bytes(data.encode())
    await ada.receive_all()
    ben = await faulty_server.connect()
    await ben.ask(m.Register("Ben", "short", code, id=91))
    await ben.ask(m.Login("Ada", _WRONG, id=1))
    await ben.ask(m.Resume(_WRONG, {}, id=2))
    await ben.log_in("Ada", _PASSWORD)
    await ben.ask(m.Join("Kitchen", room_password, id=3))
    await ben.ask(m.Logout(id=4))
    await wait_all_tasks_blocked()

    text = capfd.readouterr().err
    assert "session closed" in text
    assert "not stored" in text
    for secret in (_MARK, token, room_password, code, ben.token):
        assert secret not in text


async def test_no_password_and_no_token_is_at_rest(tmp_path: Path, disk_storage: Storage) -> None:
    async with running_server(disk_storage) as server:
        ada = await server.connect()
        await ada.register("Ada", _PASSWORD)
        room_password = await ada.create("Kitchen")
        code = (await ada.grant(m.Invite("Kitchen", id=90), m.RoomInvite)).code
        await ada.post(_TEXT)

    files = tmp_path.glob("chat.db*")  # noqa: ASYNC240 - nothing else runs
    kept = b"".join(file.read_bytes() for file in files)
    assert _TEXT.encode() in kept  # or nothing was looked at
    for secret in (_PASSWORD, ada.token, room_password, code):
        assert secret.encode() not in kept


@both_formats
async def test_no_secret_is_logged_when_a_session_crashes_over_it(
    server: RunningServer,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    log_format: LogFormat,
) -> None:
    set_up_logging("debug", log_format)
    monkeypatch.setitem(HANDLERS, cast("type[m.Request]", m.Post), _crash_over_text)
    monkeypatch.setitem(HANDLERS, cast("type[m.Request]", m.Login), _crash_over_password)
    ada, ben = await server.log_in("Ada"), await server.connect()
    await ada.send(ada.draft(_TEXT))
    await ben.send(m.Login("Ada", _PASSWORD, id=1))
    for peer in (ada, ben):
        await peer.receive_all()
    await wait_all_tasks_blocked()

    text = capfd.readouterr().err
    assert text.count("session crashed") == 2
    for name in ("ValueError", "KeyError", "_crash_over_text", "_crash_over_password"):
        assert name in text
    assert _MARK not in text
    assert ada.token not in text
