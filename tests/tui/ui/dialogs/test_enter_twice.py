"""Enter twice, or more often, on a slow connection asks once, and the reply arrives."""

import inspect
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

import pytest
from textual.pilot import Pilot

from chat_shared import messages as m
from chat_tui.model.state import ChatState
from chat_tui.ui import dialogs
from chat_tui.ui.dialogs.add_ssh_key import AddSshKey
from chat_tui.ui.dialogs.audit import AuditList
from chat_tui.ui.dialogs.change_password import ChangePassword
from chat_tui.ui.dialogs.create_room import CreateRoom
from chat_tui.ui.dialogs.delete_account import DeleteAccount
from chat_tui.ui.dialogs.delete_room import DeleteRoom
from chat_tui.ui.dialogs.dialog import Dialog
from chat_tui.ui.dialogs.entries import Entries
from chat_tui.ui.dialogs.form import FormDialog
from chat_tui.ui.dialogs.hits import HitsDialog
from chat_tui.ui.dialogs.join_room import JoinRoom
from chat_tui.ui.dialogs.keep_account import KeepAccount
from chat_tui.ui.dialogs.mentions import Mentions
from chat_tui.ui.dialogs.person import PersonMenu
from chat_tui.ui.dialogs.search import Search
from chat_tui.ui.dialogs.sessions import Sessions
from chat_tui.ui.widgets.field import Field
from support.asked_server import AskedServer
from support.fake_server import AT
from support.ssh_keys import KEY

pytestmark = pytest.mark.asyncio

_TIMES: Final = 3
_DEVICES: Final = m.SessionList(
    [m.SessionInfo("a1", AT, AT, True), m.SessionInfo("b2", AT, AT, False)], re=1
)


@dataclass
class Case:
    """How a dialog is brought to ask, and what it makes of the reply."""

    dialog: Callable[[], Dialog[Any]]
    fields: tuple[str, ...] = ()
    request: type[m.Request] = m.Request
    reply: m.Reply = m.Ok(re=1)  # noqa: RUF009 - immutable
    closes: bool = True  # with the reply


_CHANGES: Final = {
    CreateRoom: Case(CreateRoom, ("kitchen",), m.Create, m.Created("kitchen", "k7qm", re=1)),
    JoinRoom: Case(
        JoinRoom, ("kitchen", "k7qm"), m.Join,
        m.Joined("kitchen", "", "ada", 0, [], re=1),
    ),
    ChangePassword: Case(ChangePassword, ("old horse", "new horses", "new horses"), m.Password),
    KeepAccount: Case(
        lambda: KeepAccount("guest-mia"), ("new horses", "new horses", ""), m.Keep
    ),
    AddSshKey: Case(AddSshKey, (KEY, "correct horse"), m.AddSshKey),
    DeleteRoom: Case(lambda: DeleteRoom("kitchen"), ("kitchen",), m.DeleteRoom),
    DeleteAccount: Case(
        lambda: DeleteAccount("ada"), ("correct horse",), m.DeleteAccount, closes=False
    ),
}  # fmt: skip


def _kinds(base: type[Dialog[Any]] = Dialog) -> Iterator[type[Dialog[Any]]]:
    for kind in base.__subclasses__():
        if kind.__module__.startswith("chat_tui"):
            yield kind
            yield from _kinds(kind)


async def test_no_dialog_that_asks_the_server_is_missing_here() -> None:
    for module in pkgutil.iter_modules(dialogs.__path__):
        import_module(f"{dialogs.__name__}.{module.name}")
    asking = {kind for kind in _kinds() if "self.ask(" in inspect.getsource(kind)}
    assert asking - {FormDialog, HitsDialog} == {Entries, AuditList, PersonMenu}
    assert set(_kinds(FormDialog)) == set(_CHANGES)
    assert set(_kinds(HitsDialog)) == {Search, Mentions}


async def _fill_in(dialog: Dialog[Any], values: tuple[str, ...]) -> None:
    for field, value in zip(dialog.query(Field), values, strict=True):
        field.value = value


@pytest.mark.parametrize("case", _CHANGES.values(), ids=[kind.__name__ for kind in _CHANGES])
async def test_a_form_asks_once_and_returns_what_the_server_said(case: Case) -> None:
    app, results = AskedServer(), list[object]()
    async with app.run_test() as pilot:
        dialog = case.dialog()
        app.push_screen(dialog, results.append)
        await pilot.pause()
        await _fill_in(dialog, case.fields)
        await pilot.pause()
        [*dialog.query(Field)][-1].take_focus()
        if isinstance(dialog, DeleteAccount):  # whose Enter goes to the button "Cancel"
            for _ in range(_TIMES):
                dialog.submit()
            await pilot.pause()
        else:
            await _press_enter(pilot)
        assert [type(request) for request, _ in app.asked] == [case.request]
        assert len(app.waiting) == 1

        app.reply(case.reply)
        await pilot.pause()
        assert bool(results) == case.closes
        assert results != [None]


async def _press_enter(pilot: Pilot[None]) -> None:
    await pilot.press(*["enter"] * _TIMES)
    await pilot.pause()


async def test_a_device_is_logged_out_once_and_the_list_loaded_again() -> None:
    app, dialog = AskedServer(), Sessions()
    async with app.run_test() as pilot:
        await app.push_screen(dialog)
        await _press_enter(pilot)
        assert [type(request) for request in app.waiting] == [m.Sessions]
        app.reply(_DEVICES)
        await pilot.pause()
        await pilot.press("down")
        await _press_enter(pilot)
        assert [type(request) for request, _ in app.asked] == [m.Sessions, m.Revoke]
        app.reply(m.Ok(re=1))
        await pilot.pause()
        assert [type(request) for request in app.waiting] == [m.Sessions]


@pytest.mark.parametrize(
    ("dialog", "reply"),
    [
        (lambda: Mentions(ChatState()), m.Found([], False, re=1)),
        (lambda: Search(ChatState(), "general", {}, "soup"), m.Found([], False, re=1)),
        (lambda: AuditList("kitchen", "kitchen"), m.AuditPage("kitchen", [], False, re=1)),
    ],
)
async def test_a_list_is_loaded_once_and_stays_open(
    dialog: Callable[[], Dialog[Any]], reply: m.Reply
) -> None:
    app, results = AskedServer(), list[object]()
    async with app.run_test() as pilot:
        app.push_screen(dialog(), results.append)
        await pilot.pause()
        await _press_enter(pilot)
        assert len(app.asked) == len(app.waiting) == 1
        app.reply(reply)
        await pilot.pause()
        assert not results


async def test_what_is_chosen_of_a_person_does_not_wait_for_the_server() -> None:
    app, results = AskedServer(), list[object]()
    async with app.run_test() as pilot:
        app.push_screen(
            PersonMenu("kitchen", "ben", "online", ["message", "block"]), results.append
        )
        await pilot.pause()
        await _press_enter(pilot)
        assert results == ["message"]
