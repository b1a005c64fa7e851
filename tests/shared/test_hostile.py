"""Every kind of bad input that we know of, as files: each ends in one of our errors.

Each file is one frame, in the folder of its expected outcome. New files are picked up
without being listed.
"""

from pathlib import Path

import pytest

from chat_shared import messages as m
from chat_shared.connection import Connection, Role
from chat_shared.errors import BadFrame, Code, Refused, RemoteProtocolError

_FOLDER = Path(__file__).with_name("hostile")
_BAD = sorted((_FOLDER / "bad_frame").iterdir())
_TOO_LONG = sorted((_FOLDER / "too_long").iterdir())
_REFUSED = sorted((_FOLDER / "refused").iterdir())

_PIECES = (7, 4_096, 1_000_000)  # bytes that arrive at a time

every_bad_frame = pytest.mark.parametrize("file", [*_BAD, *_TOO_LONG], ids=lambda file: file.name)
every_bad_object = pytest.mark.parametrize("file", _BAD, ids=lambda file: file.name)
every_refused = pytest.mark.parametrize("file", _REFUSED, ids=lambda file: file.name)


def _logged_in(role: Role) -> Connection:
    connection = Connection(role)
    opening: list[m.Message] = [m.Hello(1, "s", "v", "open"), m.Welcome("Ada", "t", [], re=1)]
    for message in opening:
        if role is Role.SERVER:
            connection.send(message)
        else:
            connection.receive(m.encode(message))
            assert connection.next_message() == message
    return connection


def _feed(connection: Connection, data: bytes, size: int) -> m.Message | None:
    """Give `data` to `connection` in pieces of `size` bytes, and return how it is read."""
    for at in range(0, len(data), size):
        connection.receive(data[at : at + size])
        if message := connection.next_message():
            return message
    return None


def test_the_files_are_there() -> None:
    assert len(_BAD) > 50
    assert len(_TOO_LONG) > 2
    assert len(_REFUSED) > 40


@every_bad_frame
@pytest.mark.parametrize("role", Role, ids=lambda role: role.name)
def test_it_ends_the_connection_at_either_end(file: Path, role: Role) -> None:
    for size in _PIECES:
        connection = _logged_in(role)
        with pytest.raises(BadFrame):
            _feed(connection, file.read_bytes(), size)

        connection.receive(m.encode(m.Ping(id=1)) + m.encode(m.Notice("Hello?")))
        assert connection.next_message() is None


@every_bad_object
def test_it_is_a_bad_frame_even_without_a_limit_on_its_length(file: Path) -> None:
    for decode in (m.decode_request, m.decode_answer):
        with pytest.raises(BadFrame):
            decode(file.read_bytes())


@every_refused
def test_it_is_refused_and_the_session_continues(file: Path) -> None:
    server = _logged_in(Role.SERVER)
    for size in _PIECES:
        with pytest.raises(Refused) as caught:
            _feed(server, file.read_bytes(), size)
        assert caught.value.code is Code.BAD_REQUEST
        assert len(server.send(m.Error(caught.value.code, caught.value.message))) < 200

        server.receive(m.encode(m.Ping(id=1)))
        assert server.next_message() == m.Ping(id=1)


@every_refused
def test_a_client_reads_it_as_an_event_skips_it_or_disconnects(file: Path) -> None:
    client = _logged_in(Role.CLIENT)
    try:
        message = _feed(client, file.read_bytes(), 1_000_000)
    except RemoteProtocolError:
        return

    assert message is None or isinstance(message, m.Posted)
