"""People invite each other, and those who are invited need only a line to paste."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

from support.people import PASSWORD, send
from support.ssh_gateway import Gateway
from support.terminal import Desk, Terminal

_SERVER: Final = Path(sys.executable).with_name("chat-server")


def _fill_in(form: Terminal, name: str) -> None:
    """Create the account `name` in a form that an invitation has filled in."""
    form.wait_for("You're invited.")
    if form.cursor_is_under("Name"):
        form.enter(name)
    form.wait_for_cursor_under("Password")
    form.enter(PASSWORD)
    form.wait_for_cursor_under("Repeat the password")
    form.enter(PASSWORD)


def _invite(client: Terminal) -> tuple[str, str]:
    """Create an invitation to the open room; return its ssh line and its link."""
    client.enter("/invite")
    client.wait_for("Host key: SHA256:")
    # What is right of them, behind a gap, is the QR code.
    boxed = [row.split("│")[1].strip() for row in client.screen.splitlines() if "│" in row]
    rows = [row.split("  ")[0] for row in boxed]
    ssh = next(row for row in rows if row.startswith("ssh -p "))
    link = re.search(r"'(chat://.*?)'", "".join(rows))
    assert link is not None
    client.press("escape")
    client.wait_for_no("Host key: SHA256:")
    return ssh, link[1]


def test_invited_by_ssh_and_by_link_people_stand_in_the_room_with_an_account(
    table: Desk, tmp_path: Path
) -> None:
    flags = ("--listen", "tls://127.0.0.1:0", "--host", "localhost", "--registration", "invite")
    gateway = Gateway(table, tmp_path / "data", *flags)
    gateway.server.wait_for("&ssh=")  # in the join link
    command = [str(_SERVER), "admin", "invite", "--data", str(gateway.data)]
    code = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    ada = gateway.ssh(f"join-{code}")
    _fill_in(ada, "ada")
    ada.wait_for("Message general")
    ada.enter("/create kitchen")
    ada.wait_for("kitchen is ready")
    ada.press("escape")
    ada.wait_for_no("kitchen is ready")
    ssh, _ = _invite(ada)

    mia = gateway.follow(ssh, home="mia")
    _fill_in(mia, "mia")
    mia.wait_for("Message kitchen")
    ada.wait_for("mia used an invitation from ada")
    send(mia, "Hello, ada!")
    ada.wait_for("Hello, ada!")

    _, link = _invite(mia)
    ben = table.open("chat-tui", link, "--name", "ben", home="ben", size=(120, 36))
    _fill_in(ben, "ben")
    ben.wait_for("Message kitchen")
    ada.wait_for("ben used an invitation from mia")

    eve = gateway.follow(ssh, home="eve")
    _fill_in(eve, "eve")
    eve.wait_for("Ask for a new one.")
