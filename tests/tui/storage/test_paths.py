from pathlib import Path

from chat_tui.model.outbox import Unsent
from chat_tui.storage.paths import Paths, state_path


def test_without_a_path_nothing_is_written() -> None:
    folder = Paths()

    assert folder.known.path is None
    assert folder.tokens.keep("host:1", "ada", "t0ken") == ""
    assert folder.outbox("host:1", "ada") is None


def test_each_account_on_each_server_has_its_own_messages(tmp_path: Path) -> None:
    folder = Paths(tmp_path)
    mine = folder.outbox("host:1", "Ada")
    assert mine is not None
    mine.keep(Unsent("n", "general", "hi"))
    mine.close()

    left = {}
    for server, account in (("host:2", "ada"), ("host:1", "grace"), ("host:1", "ADA")):
        file = folder.outbox(server, account)
        assert file is not None
        left[server, account] = len(file.take_over())
        file.close()

    assert left == {("host:2", "ada"): 0, ("host:1", "grace"): 0, ("host:1", "ADA"): 1}


def test_names_cannot_lead_out_of_the_folder(tmp_path: Path) -> None:
    file = Paths(tmp_path / "state").outbox("unix:///../..", "../../x")
    assert file is not None
    file.keep(Unsent("n", "general", "hi"))
    file.close()

    assert [path.name for path in tmp_path.iterdir()] == ["state"]


def test_it_is_in_the_users_state_folder() -> None:
    assert state_path().name == "trialogue"
