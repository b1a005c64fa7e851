"""A log shows where a bug is, and nothing of what it happened with."""

import pytest

from chat_shared.tracebacks import without_messages


def _fail() -> None:
    try:
        raise KeyError("a secret")
    except KeyError as exc:
        raise ExceptionGroup("another secret", [ValueError("a third")]) from exc


def test_types_and_frames_are_shown_and_messages_are_not() -> None:
    with pytest.raises(ExceptionGroup) as caught:
        _fail()
    shown = without_messages(caught.value)

    types = [line for line in shown.splitlines() if not line.startswith(" ")]
    assert types == ["ExceptionGroup", "ValueError", "KeyError"]
    assert "test_tracebacks.py" in shown
    assert " in _fail" in shown
    assert "secret" not in shown
    assert "third" not in shown
