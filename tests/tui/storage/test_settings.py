import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chat_tui.model.notifications import Level
from chat_tui.storage.settings import BadSettings, Settings, load, save, settings_path


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    assert load(tmp_path / "none.json") == Settings()


def test_saved_settings_are_loaded(tmp_path: Path) -> None:
    path = tmp_path / "new" / "settings.json"
    settings = Settings("example.org:1", "ada", "nord", {"room.create": "f11"})

    save(settings, path)

    assert load(path) == settings


def test_only_the_owner_can_read_the_file(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"

    save(Settings(), path)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["settings.json"]


def test_remembering_a_server_keeps_other_settings() -> None:
    settings = Settings(theme="nord", keys={"help": "f2"})

    assert settings.remember("host", "ada") == Settings("host", "ada", "nord", {"help": "f2"})
    assert settings.with_theme("gruvbox").keys == {"help": "f2"}


def test_settings_have_no_place_for_a_password() -> None:
    assert not any("pass" in name or "token" in name for name in Settings.__dataclass_fields__)


@pytest.mark.parametrize(
    "text",
    [b"", b"[]", b"{", b'{"server": 1}', b"\xff\xfe", b'{"keys": {"room.create": 3}}', b"[" * 9999],
)
def test_a_damaged_file_is_named_in_the_sentence(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(text)

    with pytest.raises(BadSettings, match=r"settings\.json"):
        load(path)


def test_a_folder_in_place_of_the_file_gets_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="Can't read"):
        load(tmp_path)


def test_keys_that_clash_or_name_nothing_are_reported(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    save(Settings(keys={"room.create": "ctrl+g"}), path)
    with pytest.raises(BadSettings, match=r"Ctrl\+G is bound to room.create and room.join"):
        load(path)

    save(Settings(keys={"room.destroy": "f11"}), path)
    with pytest.raises(BadSettings, match=r"unknown action \"room\.destroy\""):
        load(path)


def test_fields_of_a_later_version_are_skipped(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text('{"server": "host", "colour": "green"}')

    assert load(path).server == "host"


def test_the_file_is_in_the_users_configuration_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))

    assert settings_path().name == "settings.json"


def test_only_what_has_changed_is_written(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text(
        '{"server": "host", "theme": "nord", "colour": "green", "keys": {"help": "f11"}, '
        '"notify_rooms": {"host:1": {"kitchen": "all", "attic": "off"}}}'
    )
    before = load(path)
    path.write_text(path.read_text().replace("nord", "gruvbox").replace('"off"', '"mentions"'))

    save(before.with_levels("host:1", {"kitchen": "off", "attic": "off"}), path, since=before)

    after = load(path)
    assert after.theme == "gruvbox"  # by another client meanwhile
    assert after.notify_rooms == {"host:1": {"kitchen": "off", "attic": "mentions"}}
    assert after.keys == {"help": "f11"}
    assert '"colour": "green"' in path.read_text()

    save(after.with_levels("host:1", {"attic": "mentions"}), path, since=after)
    assert load(path).notify_rooms == {"host:1": {"attic": "mentions"}}


@pytest.mark.usefixtures("patient")
def test_two_clients_lose_no_choice_of_the_other_one(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"

    def choose(client: int) -> None:
        settings = Settings()
        for n in range(20):
            since = settings
            levels: dict[str, Level] = {
                f"room {n}": "all",
                **settings.notify_rooms.get(f"h:{client}", {}),
            }
            settings = settings.with_levels(f"h:{client}", levels)
            save(settings, path, since)

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(choose, (1, 2)))

    assert {server: len(rooms) for server, rooms in load(path).notify_rooms.items()} == {
        "h:1": 20, "h:2": 20,
    }  # fmt: skip


def test_a_file_that_became_unreadable_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text('{"server": "ho')

    with pytest.raises(BadSettings, match="isn't valid"):
        save(Settings(theme="nord"), path, since=Settings())

    assert path.read_text() == '{"server": "ho'


def test_a_byte_order_mark_is_skipped_and_a_fifo_gets_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(b'\xef\xbb\xbf{"server": "host"}')
    assert load(path).server == "host"

    path.unlink()
    os.mkfifo(path)
    with pytest.raises(BadSettings, match="it isn't a regular file"):
        load(path)
