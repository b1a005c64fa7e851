"""Preferences, as the server in memory handles them."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from chat_shared import messages as m
from chat_shared.errors import Code, Refused
from chat_shared.names import fold
from chat_shared.preferences import changed, fit

if TYPE_CHECKING:
    from support.fake_server import FakeServer, FakeSession


def set_elsewhere(fake: "FakeServer", account: str, **values: str) -> None:
    """Set preferences as another device of `account` does; `_` in a name stands for `:`."""
    _change(fake, account, {name.replace("_", ":"): value for name, value in values.items()}, None)


def _load(session: "FakeSession", request: m.Preferences) -> None:
    values = session.fake.preferences.get(fold(session.account), {})
    session.send(m.PreferenceList(re=request.id, values=values))


def _set(session: "FakeSession", request: m.SetPreferences) -> None:
    held = session.fake.preferences.get(fold(session.account), {})
    if not fit(changed(held, request.values)):
        raise Refused(Code.TOO_LONG, "Too much.")
    session.send(m.Ok(re=request.id))
    _change(session.fake, session.account, request.values, session)


def _change(
    fake: "FakeServer", account: str, values: dict[str, str], by: "FakeSession | None"
) -> None:
    fake.preferences[fold(account)] = changed(fake.preferences.get(fold(account), {}), values)
    for other in list(fake.sessions):
        if fold(other.account) == fold(account) and other is not by:
            other.send(m.PreferencesChanged(values))


HANDLERS: Final[dict[type[m.Request], Callable[..., object]]] = {
    m.Preferences: _load,
    m.SetPreferences: _set,
}
