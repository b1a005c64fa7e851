"""Two people and a server: installed commands in three terminals."""

import re
from pathlib import Path

import trio

from chat_shared.errors import Code
from support.peer import connected
from support.people import PASSWORD, at_the_form, log_in, port_of, send, sign_up, start_server
from support.terminal import Desk, Terminal

_ROOM_PASSWORD = re.compile(r"[a-z0-9]{4}(-[a-z0-9]{4}){2}")
_SIDEBAR = 26  # columns


def _unread(client: Terminal, room: str, number: int) -> bool:
    """Return whether the sidebar shows `number` unread messages in `room`."""
    rows = [row[:_SIDEBAR].split() for row in client.screen.split("\n")]
    return [room, str(number)] in [row[-2:] for row in rows]


def _row_of(client: Terminal, text: str) -> int:
    return next(at for at, row in enumerate(client.screen.split("\n")) if text in row)


def _created(client: Terminal, room: str) -> str:
    """Create `room` and return the password that the dialog shows."""
    client.enter(f"/create {room}")
    client.wait_for(f"{room} is ready")
    client.wait_until(lambda: _ROOM_PASSWORD.search(client.screen) is not None, "a password")
    found = _ROOM_PASSWORD.search(client.screen)
    assert found is not None
    client.press("escape")
    client.wait_for_no("is ready")
    return found.group()


def test_registration_asks_for_the_password_twice(table: Desk, tmp_path: Path) -> None:
    _, address = start_server(table, tmp_path / "data")
    ada = at_the_form(table, "ada", address)

    ada.enter(PASSWORD)
    ada.wait_for("There is no account named ada")
    ada.type("not the same")
    ada.wait_for("The passwords don't match.")
    ada.press("ctrl+u")
    ada.wait_for_no("don't match")
    ada.enter(PASSWORD)
    ada.wait_for("Message general")


def test_two_people_join_a_room_and_exchange_messages(table: Desk, tmp_path: Path) -> None:
    _, address = start_server(table, tmp_path / "data")
    ada, ben = sign_up(table, "ada", address), sign_up(table, "ben", address)
    send(ada, "anybody here?")
    ben.wait_for("anybody here?")
    send(ben, "I am")
    ada.wait_for("I am")

    _join_unseen(ben, "kitchen", _created(ada, "kitchen"))
    ada.wait_for("ben joined")
    send(ben, "it smells good")
    ada.wait_for("it smells good")

    _exit(ben, "kitchen")
    ada.wait_for("ben left")
    for client in (ada, ben):
        client.press("ctrl+q")
        assert client.wait_for_end() == 0


def _join_unseen(client: Terminal, room: str, password: str) -> None:
    """Join `room` without its password ever being on the screen."""
    client.type(f"/join {room} {password}")
    client.wait_for(f"/join {room} " + "•" * len(password))
    client.press("enter")
    client.wait_for(f"Message {room}")
    assert password not in client.received.decode()


def _exit(client: Terminal, room: str) -> None:
    client.enter("/exit")
    client.wait_for(f"Leave {room}?")
    client.press("y")
    client.wait_for("Message general")


def test_the_sidebar_counts_what_is_unread(table: Desk, tmp_path: Path) -> None:
    _, address = start_server(table, tmp_path / "data")
    ada, ben = sign_up(table, "ada", address), sign_up(table, "ben", address)
    _created(ada, "kitchen")
    ada.wait_for("Message kitchen")

    send(ben, "one for you")
    send(ben, "two for you")
    ada.wait_until(lambda: _unread(ada, "general", 2), "2 unread in general")
    ada.press("f5")
    ada.wait_for("Message general")
    ada.wait_for("two for you")
    ada.wait_until(lambda: not _unread(ada, "general", 2), "nothing unread in general")


def test_nobody_leaves_general(table: Desk, tmp_path: Path) -> None:
    _, address = start_server(table, tmp_path / "data")
    ben = sign_up(table, "ben", address)

    ben.enter("/exit")
    ben.wait_for("leave general: everyone")


def test_a_rejected_log_in_shows_the_error_and_keeps_the_form(table: Desk, tmp_path: Path) -> None:
    server, address = start_server(table, tmp_path / "data")
    sign_up(table, "ada", address).kill()
    ben = at_the_form(table, "ada", address)

    ben.enter("not her password")
    ben.wait_for("Wrong name or password.")
    ben.wait_for("•" * len("not her password"))
    server.press("ctrl+c")
    assert server.wait_for_end() == 0
    ben.press("ctrl+u")
    ben.wait_for_no("•")
    ben.enter("something longer")
    ben.wait_for("refuses connections on port")
    ben.wait_for(address)
    ben.wait_for("•" * len("something longer"))


def test_a_restart_of_the_server_loses_and_duplicates_nothing(table: Desk, tmp_path: Path) -> None:
    server, address = start_server(table, tmp_path / "data")
    ada, ben = sign_up(table, "ada", address), sign_up(table, "ben", address)
    password = _created(ada, "kitchen")
    ben.enter(f"/join kitchen {password}")
    ben.wait_for("Message kitchen")
    send(ada, "before the restart")
    ben.wait_for("before the restart")

    ada.type("typed while")
    server.terminate()
    assert server.wait_for_end() == 0
    ada.wait_for("Offline")
    ben.wait_for("Offline")
    ada.enter(" it was away")
    ada.wait_for("queued")
    start_server(table, tmp_path / "data", port=port_of(address))

    for client in (ada, ben):
        client.wait_for_no("Offline")
        client.wait_for("typed while it was away")
    ada.wait_for_no("queued")
    send(ben, "after the restart")
    ada.wait_for("after the restart")
    for client in (ada, ben):
        for text in ("before the restart", "typed while it was away", "after the restart"):
            assert client.screen.count(text) == 1
    ada.press("ctrl+q")
    assert ada.wait_for_end() == 0
    again = log_in(table, "ada", address)
    again.press("f6")
    again.wait_for("Message kitchen")
    again.wait_for("after the restart")
    assert again.screen.count("typed while it was away") == 1


def test_scrolling_up_reaches_the_first_message_and_new_ones_move_nothing(
    table: Desk, tmp_path: Path
) -> None:
    _, address = start_server(table, tmp_path / "data", "--limits.posts", "1000")
    trio.run(_post_in_general, address, "linus", [f"line {n} of many" for n in range(1, 501)])
    ada = sign_up(table, "ada", address)
    ada.wait_for("line 500 of many")

    ada.press_until("pageup", "line 1 of many")
    row = _row_of(ada, "line 1 of many")
    trio.run(_post_in_general, address, "grace", ["and now this"])
    ada.wait_for("1 new")
    assert _row_of(ada, "line 1 of many") == row
    ada.press("end")
    ada.wait_for("and now this")


def test_the_window_may_change_its_size_at_any_time(table: Desk, tmp_path: Path) -> None:
    _, address = start_server(table, tmp_path / "data")
    ada = sign_up(table, "ada", address, size=(80, 24))
    ada.enter("this is one row in a wide window, else two")
    for columns, rows in ((120, 40), (60, 20), (40, 12), (200, 50)):
        ada.resize(columns, rows)
        send(ada, f"{columns} wide")
        if columns <= 60:
            ada.wait_for_no("in a wide window, else two")
        else:
            ada.wait_for("in a wide window, else two")
        ada.wait_until(lambda: "● ada" in ada.last_row, "the status in the last row")
    # Directly from a size with panels to one without room for them.
    for columns in (40, 34, 30, 27):
        ada.resize(120, 30)
        ada.wait_for("ada (you)")
        ada.resize(columns, 30)
        ada.wait_for_no("ada (you)")
    ada.resize(20, 5)
    send(ada, "as small as that")


async def _post_in_general(address: str, name: str, texts: list[str]) -> list[str]:
    """Register `name` over the protocol and post `texts`; return the code of each answer."""
    peer = await connected(f"tcp://{address}")
    await peer.register(name)
    posts = [peer.draft(text) for text in texts]
    await peer.send(*posts)
    replies = [await peer.reply_to(post.id) for post in posts]
    await peer.aclose()
    return [getattr(reply, "code", "") for reply in replies]


def test_messages_of_a_hostile_client_are_shown_harmlessly(table: Desk, tmp_path: Path) -> None:
    _, address = start_server(table, tmp_path / "data")
    ada = sign_up(table, "ada", address)
    hostile = [
        "\x1b[2Jgone",
        "[/] is shown",
        "[bold]so is this[/bold] [@click=app.quit]and this",
        "turned\u202earound",
        "\n".join("x" for _ in range(2_000)),
        "and then the end",
    ]

    codes = trio.run(_post_in_general, address, "mallory", hostile)
    assert codes == [Code.BAD_REQUEST, "", "", "", "", ""]
    ada.wait_for("and then the end")
    send(ada, "still here")
    ada.press_until("pageup", "[bold]so is this[/bold] [@click=app.quit]and this")
    ada.wait_for("[/] is shown")
    assert "\u202e" not in ada.received.decode()
    assert "gone" not in ada.screen
    ada.press("ctrl+q")
    assert ada.wait_for_end() == 0
