"""An export that is killed, at whichever step, leaves nothing that looks like a whole one."""

from pathlib import Path

from chat_server.store.sqlite.offline import open_store
from support.killed_command import kill_at
from support.stored_files import post_content


def test_an_export_that_is_killed_is_made_again_and_is_never_half_there(tmp_path: Path) -> None:
    data, folder = tmp_path / "data", tmp_path / "general"
    data.mkdir()
    with open_store(data / "chat.db") as store:
        ada = store.add_account("ada", "Ada", "hash", 1).id
        post_content(store, data, ada, b"soup", b"bread")
        post_content(store, data, ada, b"tea")

    step = 1
    while kill_at(step, "export", "general", "--to", folder, "--data", data):
        assert not folder.exists() or _is_whole(folder)
        if folder.exists():
            break
        step += 1

    assert step > 10
    assert _is_whole(folder)
    assert {path.name for path in tmp_path.iterdir()} == {"data", "general"}


def _is_whole(folder: Path) -> bool:
    page = (folder / "messages.html").read_text()
    contents = {path.read_bytes() for path in folder.rglob("*.txt")}
    return page.endswith("</html>\n") and contents == {b"soup", b"bread", b"tea"}
