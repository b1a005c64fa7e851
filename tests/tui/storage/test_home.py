from pathlib import Path

import pytest

from chat_tui.storage.home import NoHome, user_folder


def test_the_folder_of_the_system_is_used() -> None:
    assert user_folder(lambda app: Path("/home/ada") / app) == Path("/home/ada/trialogue")


def test_without_a_home_there_is_a_sentence() -> None:
    def raises(app: str) -> Path:
        raise RuntimeError(app)

    for find in (raises, lambda app: Path("~") / app):
        with pytest.raises(NoHome, match="Set HOME"):
            user_folder(find)
