"""The client without a screen, for people with a terminal and for those with nothing but lines."""

import asyncio
import os
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from chat_shared import messages as m
from chat_shared.proxy_header import Origin
from chat_shared.ssh_keys import parse_key
from chat_tui.gateway import plain_seat
from chat_tui.gateway.consoles import MAX_KEPT, KeptOutput
from chat_tui.gateway.frames import Exit, Frame, Kind, Opening, Prompt, frame, read_frame
from chat_tui.gateway.places import Places
from chat_tui.gateway.plain_seat import PlainSeat
from chat_tui.gateway.relay import Relay
from support.fake_server import FakeServer
from support.fake_ssh_keys import info_of
from support.gateway import OPENING, Screen, workers_in
from support.ssh_keys import KEY
from support.tui_server import tiny_proxied_server

pytestmark = pytest.mark.asyncio

AT_TERMINAL = msgspec.structs.replace(OPENING, view="plain", name="ada")
IN_PIPE = msgspec.structs.replace(AT_TERMINAL, has_terminal=False)


class Person:
    """Somebody at the front's end of a connection to a plain client."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self.shown = ""
        self.frames: list[Frame] = []

    def send(self, kind: Kind, data: bytes = b"") -> None:
        self._writer.write(frame(kind, data))

    def type(self, data: bytes) -> None:
        self.send(Kind.INPUT, data)

    async def next(self) -> Frame:
        received = await read_frame(self._reader)
        assert received is not None, self.shown
        self.frames.append(received)
        if received.kind is Kind.OUTPUT:
            self.shown += received.data.decode()
        return received

    async def until(self, text: str) -> None:
        while text not in self.shown:
            await self.next()

    async def until_asked(self, text: str) -> Prompt:
        while True:
            kind, data = await self.next()
            if kind is Kind.PROMPT and text in data.decode():
                return msgspec.json.decode(data, type=Prompt)

    async def until_end(self) -> Exit:
        while (received := await self.next()).kind is not Kind.EXIT:
            pass
        return msgspec.json.decode(received.data, type=Exit)

    def leave(self) -> None:
        self._writer.close()


@asynccontextmanager
async def person(
    folder: Path, opening: Opening, fake: FakeServer | None = None
) -> AsyncGenerator[tuple[Person, asyncio.Task[None], list[Origin]]]:
    """Yield a person, their client, and where it connects from."""
    path = folder / "proxy.sock"
    async with tiny_proxied_server(fake or fake_with_ada(), path) as origins:
        seat = PlainSeat(opening, path)
        async with connected(seat) as own:
            running = asyncio.create_task(seat.run())
            try:
                yield own, running, origins
            finally:
                seat.end()
                await asyncio.wait([running])


@asynccontextmanager
async def connected(seat: PlainSeat) -> AsyncGenerator[Person]:
    """Yield a person who is connected to a client."""
    theirs, ours = socket.socketpair()
    streams = await asyncio.open_unix_connection(sock=ours)
    connection = asyncio.create_task(seat.terminal.run(*streams))
    own = Person(*await asyncio.open_unix_connection(sock=theirs))
    try:
        yield own
    finally:
        own.leave()
        await connection


def fake_with_ada() -> FakeServer:
    fake = FakeServer()
    fake.account("ada")
    fake.ssh_keys["ada"] = [info_of(KEY)]
    return fake


async def test_someone_at_a_terminal_chats_and_sees_each_line_once(tmp_path: Path) -> None:
    fake = fake_with_ada()
    async with person(tmp_path, AT_TERMINAL, fake) as (ada, running, origins):
        await ada.until("Password: ")
        ada.type(b"correct horse\r")
        await ada.until("general> ")
        ada.type(b"soup?\r")
        await ada.until("general> soup?\r\ngeneral> ")
        fake.account("ben")
        fake.post("general", "ben", "yes")
        await ada.until("ben: yes\r\ngeneral> ")
        ada.type(b"\x03")
        await ada.until("To quit: /quit or Ctrl+D.")
        ada.type(b"\x04")

        assert await ada.until_end() == Exit(0)
        await running
    assert "correct horse" not in ada.shown
    assert "ada: soup?" not in ada.shown
    assert ada.shown.endswith("\x1b[?2004l")
    assert origins == [Origin("192.0.2.1", "ssh")]


async def test_a_dumb_terminal_gets_no_escape_sequence(tmp_path: Path) -> None:
    dumb = msgspec.structs.replace(AT_TERMINAL, variables={"TERM": "dumb"})
    async with person(tmp_path, dumb) as (ada, _, _):
        await ada.until("Password: ")
        ada.type(b"correct horse\r")
        await ada.until("general> ")
        ada.type(b"hello\x1b[A\x7f\r\x04")
        await ada.until_end()

    assert "\x1b" not in ada.shown


async def test_lines_are_asked_for_one_after_the_other(tmp_path: Path) -> None:
    async with person(tmp_path, IN_PIPE) as (ada, _, _):
        assert await ada.until_asked("Password") == Prompt("Password: ", is_secret=True)
        ada.type(b"correct ho")
        while (await ada.next()).kind is not Kind.WANTED:
            pass
        ada.type(b"rse\nsoup?\n")
        assert await ada.until_asked("general") == Prompt("general> ", is_question=False)
        await ada.until("ada: soup?\n")
        ada.send(Kind.INPUT_ENDED)

        assert await ada.until_end() == Exit(0)


async def test_input_that_ends_before_the_log_in_is_a_failure_with_a_sentence(
    tmp_path: Path,
) -> None:
    async with person(tmp_path, IN_PIPE) as (ada, _, _):
        ada.send(Kind.INPUT_ENDED)

        ended = await ada.until_end()
    assert ended == Exit(1, "The input ended before the log-in was complete.")


async def test_ctrl_c_before_the_log_in_ends_it(tmp_path: Path) -> None:
    async with person(tmp_path, AT_TERMINAL) as (ada, _, _):
        await ada.until("Password: ")
        ada.type(b"\x03")

        assert await ada.until_end() == Exit(130)


async def test_a_room_is_opened_if_one_is_a_member_and_joined_by_nobody_else(
    tmp_path: Path,
) -> None:
    for member, sentence in (("ada", "Now in kitchen."), ("ben", "You're not in kitchen.")):
        fake = fake_with_ada()
        fake.room("kitchen", "k7qm-2vxh-9rtd", member)
        opening = msgspec.structs.replace(AT_TERMINAL, room="kitchen")
        (folder := tmp_path / member).mkdir()
        async with person(folder, opening, fake) as (ada, _, _):
            await ada.until("Password: ")
            ada.type(b"correct horse\r")
            await ada.until(sentence)

        assert not [request for request in fake.requests if isinstance(request, m.Join)]


async def test_an_invitation_is_used_to_register(tmp_path: Path) -> None:
    fake = FakeServer("invite")
    fake.invitations.add("k7qm-2vxh-9rtd")
    opening = msgspec.structs.replace(AT_TERMINAL, name="", invite="join-k7qm-2vxh-9rtd")
    async with person(tmp_path, opening, fake) as (eve, _, _):
        await eve.until("Name: ")
        eve.type(b"eve\r")
        await eve.until("Password: ")
        eve.type(b"correct horse\r")
        await eve.until("create an account")
        eve.type(b"y\r")
        await eve.until("repeat the password: ")
        eve.type(b"correct horse\r")
        await eve.until("general> ")

    assert "invitation code" not in eve.shown.lower()


async def test_nothing_that_is_typed_leads_elsewhere_or_to_this_computer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No other server, no stored session, no file, no program."""
    (home := tmp_path / "home").mkdir()
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(home))
    monkeypatch.setenv("CHAT_TOKEN", "a token of someone else")
    monkeypatch.setenv("CHAT_TOKEN_FILE", "/etc/passwd")
    monkeypatch.setenv("EDITOR", "/bin/false")
    link = "chat://intranet.example/kitchen?fp=SHA256:" + "0" * 64 + "#k7qm-2vxh-9rtd"
    lines = [f"/join {link}", link, "/select", "/notify all", "/logout", "unix:///run/docker.sock"]
    async with person(tmp_path, IN_PIPE) as (ada, _, origins):
        await ada.until_asked("Password")
        ada.type(b"correct horse\n" + "\n".join(lines).encode() + b"\n")
        await ada.until_end()

    assert origins == [Origin("192.0.2.1", "ssh")]
    assert os.listdir(home) == []


async def test_who_is_cut_off_while_a_flood_of_lines_waits_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plain_seat, "UNSENT_FOR", 0.05)
    fake = fake_with_ada()
    async with person(tmp_path, IN_PIPE, fake) as (ada, running, _):
        await ada.until_asked("Password")
        ada.type(b"correct horse\n")
        await ada.until_asked("general")
        fake.silent = True
        ada.type(b"x\n" * 20_000)
        ada.send(Kind.QUIT)

        await asyncio.wait([running])


@pytest.mark.parametrize("opening", [AT_TERMINAL, IN_PIPE])
async def test_of_lines_that_were_typed_ahead_none_is_followed_once_the_person_is_gone(
    tmp_path: Path, opening: Opening
) -> None:
    fake = fake_with_ada()
    async with person(tmp_path, opening, fake) as (ada, running, _):
        ada.type(b"correct horse\n" + b"hello\n" * 5)
        ada.send(Kind.QUIT)
        await asyncio.wait([running])

    assert fake.posts() == []


@pytest.mark.parametrize("opening", [AT_TERMINAL, IN_PIPE])
async def test_others_have_their_turn_between_two_lines(tmp_path: Path, opening: Opening) -> None:
    async with person(tmp_path, opening) as (ada, _, _):
        turns, ended = 0, False

        async def count() -> None:
            nonlocal turns
            while not ended:
                turns += 1
                await asyncio.sleep(0)

        other = asyncio.create_task(count())
        ada.type(b"correct horse\n" + b"/rooms\n" * 200)
        ada.send(Kind.INPUT_ENDED)
        await ada.until_end()
        ended = True
        await other

    assert ada.shown.count("general, current room") == 200
    assert turns > 200


async def test_without_a_terminal_the_front_passes_on_no_more_than_is_wanted(
    tmp_path: Path,
) -> None:
    screen = Screen()
    async with (
        workers_in(tmp_path) as (workers, _),
        tiny_proxied_server(fake_with_ada(), tmp_path / "proxy.sock"),
    ):
        relay = Relay(workers, Places(), IN_PIPE, screen)
        running = asyncio.create_task(relay.run())
        while not screen.holding or screen.holding[-1]:
            screen.changed.clear()
            await screen.changed.wait()

        relay.typed(b"correct horse\nhello\n")
        assert screen.holding[-1]
        await screen.wait_for("ada: hello")
        assert not screen.holding[-1]
        relay.input_ended()
        await running

    assert [prompt.text for prompt in screen.asked][:1] == ["Password: "]
    assert screen.ended == (0, "")


async def test_without_a_server_there_is_a_sentence_without_a_path(tmp_path: Path) -> None:
    for opening in (AT_TERMINAL, SENDING):
        screen = Screen()
        async with workers_in(tmp_path) as (workers, _):
            relay = Relay(workers, Places(), opening, screen)
            relay.typed(b"correct horse\n")
            relay.input_ended()
            await relay.run()

        assert screen.ended is not None
        shown = screen.shown.decode() + screen.ended[1]
        assert "The server isn't running" in shown
        assert "proxy.sock" not in shown


async def test_input_that_ended_before_the_client_started_has_ended(tmp_path: Path) -> None:
    screen = Screen()
    async with workers_in(tmp_path) as (workers, _):
        relay = Relay(workers, Places(), IN_PIPE, screen)
        relay.input_ended()
        await relay.run()

    assert screen.ended == (1, "The input ended before the log-in was complete.")


SENDING = msgspec.structs.replace(IN_PIPE, view="send", room="general", key=KEY)


async def test_what_a_script_sends_is_one_message_and_stored_when_it_ends(tmp_path: Path) -> None:
    fake = fake_with_ada()
    async with person(tmp_path, SENDING, fake) as (script, _, origins):
        assert (await script.next()).kind is Kind.WANTED
        script.type(b"Build 7\n")
        assert (await script.next()).kind is Kind.WANTED
        script.type(b"is green.\n")
        script.send(Kind.INPUT_ENDED)

        assert await script.until_end() == Exit(0)
    assert [line.text for line in fake.rooms["general"].lines] == ["Build 7\nis green."]
    assert origins[0].public_key == parse_key(KEY).data
    assert script.shown == ""


async def test_a_script_without_a_key_sends_nothing_and_says_what_to_do(tmp_path: Path) -> None:
    fake = fake_with_ada()
    without = msgspec.structs.replace(SENDING, key="")
    async with person(tmp_path, without, fake) as (script, _, _):
        ended = await script.until_end()

    assert ended.code == 1
    assert "No SSH key logs in to ada" in ended.sentence
    assert fake.requests == []


@pytest.mark.parametrize(
    ("text", "room", "sentence"),
    [
        (b"", "general", "Nothing to send"),
        (b"x" * 20_000, "general", "20,000 characters"),
        (b"hello", "cellar", "no such room"),
    ],
)
async def test_what_cannot_be_sent_has_a_reason(
    tmp_path: Path, text: bytes, room: str, sentence: str
) -> None:
    fake = fake_with_ada()
    opening = msgspec.structs.replace(SENDING, room=room)
    async with person(tmp_path, opening, fake) as (script, _, _):
        script.type(text)
        script.send(Kind.INPUT_ENDED)
        ended = await script.until_end()

    assert ended.code == 1
    assert sentence in ended.sentence
    assert fake.rooms["general"].lines == []


async def test_of_input_without_an_end_only_so_much_is_read(tmp_path: Path) -> None:
    async with person(tmp_path, SENDING) as (script, _, _):
        read = 0
        while (received := await script.next()).kind is Kind.WANTED:
            script.type(b"x" * 30_000)
            read += 30_000

        assert received.kind is Kind.EXIT
        assert read <= 120_000


async def test_somebody_with_a_key_needs_no_password(tmp_path: Path) -> None:
    opening = msgspec.structs.replace(AT_TERMINAL, key=KEY)
    async with person(tmp_path, opening) as (ada, _, _):
        await ada.until("general> ")

    assert "Password" not in ada.shown


async def test_what_was_written_is_there_again_for_a_page_that_returns(tmp_path: Path) -> None:
    fake, path = fake_with_ada(), tmp_path / "proxy.sock"
    page = msgspec.structs.replace(IN_PIPE, via="web", ticket="secret")
    async with tiny_proxied_server(fake, path):
        seat = PlainSeat(page, path)
        async with connected(seat) as ada:
            running = asyncio.create_task(seat.run())
            await ada.until_asked("Password")
            ada.type(b"correct horse\nsoup?\n")
            await ada.until("ada: soup?\n")
        read = len(ada.shown.encode())
        seat.leave()
        fake.account("ben")
        fake.post("general", "ben", "yes")

        for seen, repeated in ((read, False), (0, True)):
            seat.come_back(msgspec.structs.replace(page, seen=seen))
            async with connected(seat) as again:
                assert (await again.next()).kind is Kind.OUTPUT  # for the front, even if empty
                await again.until("ben: yes\n")
                while not any(kind is Kind.PROMPT for kind, _ in again.frames):
                    await again.next()  # before the message or behind it, as that arrives
            assert ("ada: soup?" in again.shown) is repeated
            seat.leave()

        seat.come_back(page)
        async with connected(seat) as again:
            again.type(b"/quit\n")
            await running


async def test_of_what_was_written_only_the_end_is_kept() -> None:
    kept = KeptOutput()
    lines = [b"%d\n" % number for number in range(MAX_KEPT // 2)]
    for line in lines:
        kept.add(line)
    written = b"".join(lines)

    assert MAX_KEPT // 2 - 10 < len(kept.unread) <= MAX_KEPT
    assert written.endswith(b"\n" + kept.unread)
    kept.seen = len(written) - 12
    assert kept.unread == written[-12:]
    kept.seen = len(written)
    assert kept.unread == b""
