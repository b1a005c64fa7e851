"""Several devices change the preferences of one account, and all come to hold the same."""

from collections import deque

from hypothesis import given, settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from chat_shared.limits import MAX_PREFERENCES
from chat_shared.preferences import changed, fit
from chat_tui.model.preferences import Preferences

_NAMES = st.sampled_from(["theme", "draft:a", "draft:b"])
_VALUES = st.sampled_from(["", "1", "2", "3"])
_LARGE = "x" * (MAX_PREFERENCES // 2)


def _loaded(**values: str) -> Preferences:
    preferences = Preferences()
    preferences.loading()
    preferences.loaded(values)
    return preferences


def test_only_what_changed_here_is_sent() -> None:
    preferences = _loaded(theme="dark", draft="Hi")

    assert not preferences.set("theme", "dark")
    assert preferences.set("draft", "")
    assert preferences.get("draft") == ""
    assert preferences.take() == {"draft": ""}
    assert preferences.take() == {}
    preferences.saved()
    assert preferences.take() == {}


def test_what_is_changed_back_is_not_sent() -> None:
    preferences = _loaded(theme="dark")
    preferences.set("theme", "light")

    assert not preferences.set("theme", "dark")
    assert preferences.take() == {}


def test_what_another_device_sets_stands_unless_it_was_changed_here_as_well() -> None:
    preferences = _loaded(theme="dark", draft="Hi")
    preferences.set("draft", "Hi there")

    assert preferences.changed_elsewhere({"theme": "light", "draft": ""}) == {"theme"}
    assert (preferences.get("theme"), preferences.get("draft")) == ("light", "Hi there")


def test_what_was_not_saved_is_sent_again_unless_it_changed_since() -> None:
    preferences = _loaded()
    preferences.set("theme", "light")
    preferences.set("draft", "Hi")
    preferences.take()
    preferences.set("draft", "Hi there")
    preferences.not_saved()

    assert preferences.take() == {"theme": "light", "draft": "Hi there"}


def test_an_event_may_be_newer_than_the_reply_that_was_loaded() -> None:
    preferences = Preferences()
    preferences.loading()
    preferences.changed_elsewhere({"theme": "light"})

    preferences.loaded({"theme": "dark", "draft": "Hi"})

    assert (preferences.get("theme"), preferences.get("draft")) == ("light", "Hi")


def test_what_has_no_room_waits_here_and_keeps_nothing_else() -> None:
    preferences = _loaded(old=_LARGE)
    preferences.set("draft", _LARGE + "x")
    preferences.set("theme", "light")

    assert preferences.take() == {"theme": "light"}
    preferences.saved()
    assert preferences.get("draft") == _LARGE + "x"
    assert preferences.take() == {}
    preferences.changed_elsewhere({"old": ""})
    assert preferences.take() == {"draft": _LARGE + "x"}


def test_one_kind_is_read_by_what_follows_it() -> None:
    preferences = _loaded(**{"draft:a": "1", "draft:b:c": "2", "notify:a": "all", "draft": "x"})

    assert preferences.of("draft") == {"a": "1", "b:c": "2"}


@given(st.lists(st.dictionaries(st.text(max_size=5), st.just(_LARGE), max_size=3), max_size=4))
def test_a_server_cannot_fill_the_memory(events: list[dict[str, str]]) -> None:
    preferences = Preferences()
    preferences.loading()
    for values in events:
        preferences.changed_elsewhere(values)
        assert fit(preferences._stored)
        assert fit(preferences._meanwhile or {})


class Devices(RuleBasedStateMachine):
    """Two devices and a server that serves them in any order, over connections that are lost."""

    @initialize()
    def start(self) -> None:
        self.server: dict[str, str] = {}
        self.devices = [Preferences(), Preferences()]
        # To the server, and from it: what was sent and not received yet, in order.
        self.up: list[deque[dict[str, str] | None]] = [deque(), deque()]
        self.down: list[deque[tuple[str, dict[str, str]]]] = [deque(), deque()]
        for at in 0, 1:
            self._connect(at)

    def _connect(self, at: int) -> None:
        self.devices[at].loading()
        self.up[at].append(None)

    @rule(at=st.integers(0, 1), name=_NAMES, value=_VALUES)
    def change(self, at: int, name: str, value: str) -> None:
        self.devices[at].set(name, value)

    @rule(at=st.integers(0, 1))
    def send(self, at: int) -> None:
        if values := self.devices[at].take():
            self.up[at].append(dict(values))

    @rule(at=st.integers(0, 1))
    def serve(self, at: int) -> None:
        if not self.up[at]:
            return
        values = self.up[at].popleft()
        if values is None:
            self.down[at].append(("loaded", dict(self.server)))
            return
        self.server = changed(self.server, values)
        self.down[at].append(("saved", {}))
        self.down[1 - at].append(("changed", values))

    @rule(at=st.integers(0, 1))
    def receive(self, at: int) -> None:
        if not self.down[at]:
            return
        kind, values = self.down[at].popleft()
        device = self.devices[at]
        match kind:
            case "loaded":
                device.loaded(values)
            case "saved":
                device.saved()
            case "changed":
                device.changed_elsewhere(values)

    @rule(at=st.integers(0, 1))
    def lose_connection(self, at: int) -> None:
        """What is under way may have been served or not."""
        self.up[at].clear()
        self.down[at].clear()
        self.devices[at].not_saved()
        self._connect(at)

    @rule()
    def settle(self) -> None:
        for _ in range(20):
            for at in 0, 1:
                self.send(at)
                self.serve(at)
                self.receive(at)
        assert not any(self.up)
        assert not any(self.down)
        for device in self.devices:
            assert device._current() == self.server

    @invariant()
    def what_was_typed_here_is_shown_until_another_device_sets_it(self) -> None:
        for device in getattr(self, "devices", []):
            for name, value in device._unsent.items():
                assert device.get(name) == value


def test_devices_hold_the_same_in_the_end_whatever_order_they_are_served_in() -> None:
    few = settings(max_examples=40)
    run_state_machine_as_test(Devices, settings=few)
