import pytest

from chat_tui.storage import shared_file


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let writers wait for each other as long as a busy machine takes."""
    monkeypatch.setattr(shared_file, "_LOCKED_WITHIN", 60)
