"""An operator of several machines is told at the start what one of them lacks."""

from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import pytest

from chat_server.config import Config
from chat_server.run.background import tell_about_files
from chat_server.store.threads import Storage
from support.stored_files import whole

_STORE = "postgresql:///chat"
_NODE = "chat2.example.org:7667"


async def _add_file(storage: Storage) -> None:
    ada = await storage.write(lambda store: store.add_account("ada", "Ada", "hash", 1))
    await storage.write(lambda store: whole(store, ada.id))


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        (
            Config(nodes=(_NODE,)),
            (
                "messages and files are on this machine only: what takes over needs a copy of the "
                "data folder"
            ),
        ),
        (
            Config(nodes=(_NODE,), bucket="s3://chat"),
            "messages are on this machine only: what takes over needs a copy of the data folder",
        ),
        (
            Config(store=_STORE),
            (
                "files of messages can be read on one machine only, and none can be sent: with "
                "--store they need --bucket"
            ),
        ),
    ],
)
async def test_what_another_machine_would_not_have_is_a_warning(
    disk_storage: Storage, logged: list[MutableMapping[str, Any]], config: Config, sentence: str
) -> None:
    await _add_file(disk_storage)
    await tell_about_files(config, disk_storage)

    assert [(line["log_level"], line["event"]) for line in logged] == [("warning", sentence)]


@pytest.mark.parametrize(
    "config",
    [Config(), Config(bucket="s3://chat"), Config(store=_STORE, bucket="s3://a", nodes=(_NODE,))],
)
async def test_where_nothing_is_missing_nothing_is_logged(
    disk_storage: Storage, logged: list[MutableMapping[str, Any]], config: Config
) -> None:
    await _add_file(disk_storage)
    await tell_about_files(config, disk_storage)

    assert logged == []


async def test_a_store_without_files_needs_no_bucket(
    disk_storage: Storage, logged: list[MutableMapping[str, Any]], tmp_path: Path
) -> None:
    await tell_about_files(Config(data=tmp_path, store=_STORE), disk_storage)

    assert [(line["log_level"], line["event"]) for line in logged] == [
        ("info", "files in messages are off: with --store they need --bucket")
    ]
