"""A program's message is in its room once when the sending returns, or there is a reason."""

from pathlib import Path

import pytest

from chat_shared import messages as m
from chat_tui.model.address import AUTHORITY, Address, Invitation, read_invitation
from chat_tui.model.outbox import LocalFile
from chat_tui.net.client import clients_of
from chat_tui.plain.gave_up import GaveUp
from chat_tui.plain.sending import Sending
from chat_tui.storage.paths import Paths
from chat_tui.storage.source_file import local_file
from support.fake_server import FakeServer
from support.plain_console import seat
from support.tls import own_credentials
from support.tui_server import tiny_server

pytestmark = pytest.mark.asyncio


async def _fake() -> tuple[FakeServer, str]:
    fake = FakeServer()
    fake.account("ada")
    fake.room("builds", "k7qm-2vxh-9rtd", "ada")
    async with seat(fake) as at:
        await at.console.asked("general> ")
    return fake, next(iter(fake.tokens))


def _by(token: str) -> m.Resume:
    return m.Resume(id=m.UNNUMBERED, token=token, seen={})


async def _send(
    fake: FakeServer,
    token: str,
    room: str = "builds",
    text: str = "green",
    named: str = "",
    files: tuple[LocalFile, ...] = (),
) -> None:
    async with tiny_server(fake) as server:
        await Sending(room, clients_of(Paths()), files).run(
            Invitation(server.address), _by(token), text, named
        )


async def test_the_text_is_in_the_room_when_it_returns() -> None:
    fake, token = await _fake()
    await _send(fake, token, text="Build 7\nis green.")

    assert [line.text for line in fake.rooms["builds"].lines] == ["Build 7\nis green."]


async def test_colours_are_dropped_and_what_else_acts_is_shown() -> None:
    fake, token = await _fake()
    await _send(fake, token, text="\x1b[1;32mgreen\x1b[0m \x1b[2J")

    assert fake.rooms["builds"].lines[0].text == "green ␛[2J"


async def test_a_server_that_says_to_wait_is_waited_for_and_nothing_comes_twice() -> None:
    fake, token = await _fake()
    fake.refusals.append(m.Error("too_fast", "That was too fast.", retry_after=0.01))
    await _send(fake, token)

    assert len(fake.rooms["builds"].lines) == 1


async def test_a_token_of_another_than_is_named_sends_nothing() -> None:
    fake, token = await _fake()
    with pytest.raises(GaveUp, match="token belongs to ada, but --name says grace"):
        await _send(fake, token, named="grace")
    assert not fake.posts()

    await _send(fake, token, named="ADA")
    assert fake.posts()


async def test_a_name_gets_a_direct_message() -> None:
    fake, token = await _fake()
    fake.account("linus")
    await _send(fake, token, room="@linus")

    assert [line.text for line in fake.rooms["@ada-linus"].lines] == ["green"]


async def test_a_name_that_nobody_has_is_the_reason() -> None:
    fake, token = await _fake()
    with pytest.raises(GaveUp, match="Nobody here has this name"):
        await _send(fake, token, room="@zoe")


async def test_a_room_one_is_not_in_is_the_reason() -> None:
    fake, token = await _fake()
    with pytest.raises(GaveUp, match="no such room"):
        await _send(fake, token, room="cellar")


@pytest.mark.parametrize(("room", "text"), [("builds", "x" * 8_001), ("x" * 70_000, "green")])
async def test_what_is_too_long_is_the_reason_at_once(room: str, text: str) -> None:
    fake, token = await _fake()
    with pytest.raises(GaveUp, match=r"the limit is 8,000|too long"):
        await _send(fake, token, room, text)


async def test_a_void_token_is_the_reason_and_how_to_get_another() -> None:
    fake, _ = await _fake()
    with pytest.raises(GaveUp, match="--new-token"):
        await _send(fake, "void")

    assert not fake.rooms["builds"].lines


async def test_a_server_that_is_not_there_is_the_reason() -> None:
    unreachable = Invitation(Address("127.0.0.1", 1, plain=True))
    with pytest.raises(GaveUp, match=r"refuses connections on port 1\."):
        await Sending("builds", clients_of(Paths())).run(unreachable, _by("token"), "green")


async def test_a_server_that_is_not_what_it_was_gets_nothing(tmp_path: Path) -> None:
    fake, token = await _fake()
    folder, context = Paths(tmp_path), own_credentials(tmp_path / "tls").context
    async with tiny_server(fake, context=context) as server:
        folder.known.remember(server.address, AUTHORITY)
        with pytest.raises(GaveUp, match=r"No certificate authority.*run chat-tui"):
            await Sending("builds", clients_of(folder)).run(
                Invitation(server.address), _by(token), "green"
            )
    assert not fake.posts()


async def test_a_server_that_nobody_has_confirmed_gets_nothing_until_a_link_names_it(
    tmp_path: Path,
) -> None:
    fake, token = await _fake()
    asked = len(fake.requests)
    async with tiny_server(fake, context=own_credentials(tmp_path / "tls").context) as server:
        sending = Sending("builds", clients_of(Paths(tmp_path)))
        with pytest.raises(GaveUp, match=r"first connection to 127\.0\.0\.1") as refusal:
            await sending.run(Invitation(server.address), _by(token), "green")
        assert len(fake.requests) == asked

        to = read_invitation(str(refusal.value).rpartition(" ")[2])
        await Sending("builds", clients_of(Paths(tmp_path))).run(to, _by(token), "green")
    assert len(fake.posts()) == 1


@pytest.mark.parametrize("room", ["builds", "@linus"])
async def test_files_are_in_the_room_with_their_caption_when_it_returns(
    room: str, tmp_path: Path
) -> None:
    fake, token = await _fake()
    fake.account("linus")
    files = tuple(_made(tmp_path, name) for name in ("build.log", "chart.png"))
    await _send(fake, token, room, "Build 7", files=files)

    (line,) = fake.rooms["builds" if room == "builds" else "@ada-linus"].lines
    assert line.text == "Build 7"
    assert [(file.name, fake.files.stored[file.file][1]) for file in line.files] == [
        ("build.log", b"build.log"), ("chart.png", b"chart.png"),
    ]  # fmt: skip


async def test_files_need_no_text() -> None:
    fake, token = await _fake()
    await _send(fake, token, text="", files=(local_file(__file__),))

    assert fake.rooms["builds"].lines[0].text == ""
    assert fake.rooms["builds"].lines[0].files[0].name == "test_sending.py"


@pytest.mark.parametrize(
    ("max_file", "sentence"),
    [(0, "This server takes no files."), (8, "build.log is 1 byte over the limit of 8 bytes.")],
)
async def test_a_file_that_is_not_taken_is_a_failure_with_a_reason(
    max_file: int, sentence: str, tmp_path: Path
) -> None:
    fake, token = await _fake()
    fake.files.max_file = max_file
    with pytest.raises(GaveUp, match=sentence):
        await _send(fake, token, files=(_made(tmp_path, "build.log"),))

    assert not fake.posts()


async def test_nothing_is_uploaded_as_another_account_than_is_named(tmp_path: Path) -> None:
    fake, token = await _fake()
    with pytest.raises(GaveUp, match="token belongs to ada"):
        await _send(fake, token, named="grace", files=(_made(tmp_path, "build.log"),))

    assert not any(isinstance(request, m.Upload) for request in fake.requests)


def _made(folder: Path, name: str) -> LocalFile:
    (folder / name).write_bytes(name.encode())
    return local_file(str(folder / name))
