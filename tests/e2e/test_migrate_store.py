"""A server goes on in PostgreSQL with what it had in its file, and in a file again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.postgresql import empty_database
from support.searching import wait_found
from support.server_process import run, running


@pytest.fixture
def url() -> Iterator[str]:
    with empty_database() as url:
        yield url


async def test_people_stay_logged_in_and_numbers_go_on(url: str, tmp_path: Path) -> None:
    data, back = tmp_path / "data", tmp_path / "back"
    async with running(data) as server:
        ada = await server.connect()
        await ada.register("Ada")
        await ada.post("in the file")
        token = ada.token
        refused = await run("migrate-store", data, url)
    assert (refused.code, refused.out) == (3, "")
    assert refused.err.endswith("Stop it first.\n")

    moved = await run("migrate-store", data, url)
    assert (moved.code, moved.err) == (0, "")

    async with running(data, "--store", url) as server:
        again = await server.connect()
        await again.resume(token)
        token = again.token
        assert (await again.post("in PostgreSQL")).seq == 2
        refused = await run("migrate-store", url, back)
        assert await wait_found(again, "file") == ["in the file"]
    assert refused.code == 1
    assert "is using the database" in refused.err

    assert (await run("migrate-store", url, back)).code == 0

    async with running(back) as server:
        last = await server.connect()
        await last.resume(token)
        assert (await last.post("in a file again")).seq == 3
        assert [line.text for line in (await last.history()).messages] == [
            "in the file",
            "in PostgreSQL",
            "in a file again",
        ]
