"""Guests by one link, with nothing but ssh, a browser or chat-tui; one of them stays."""

import os
import re
import signal
from pathlib import Path

from support.browser import Tab, chromium
from support.people import PASSWORD, send, sign_up
from support.ssh_gateway import Gateway
from support.terminal import Desk, Terminal


def _link_for_guests(client: Terminal) -> tuple[str, str, str]:
    """Create a link for guests to the open room; return its address, its ssh line and its link."""
    client.enter("/invite guests")
    client.wait_for("Link for guests to kitchen")
    boxed = [row.split("│")[1].strip() for row in client.screen.splitlines() if "│" in row]
    rows = [row.split("  ")[0] for row in boxed]
    web = next(row for row in rows if row.startswith("https://"))
    ssh = next(row for row in rows if row.startswith("ssh -p "))
    link = re.search(r"'(chat://.*?)'", "".join(rows))
    assert link is not None
    client.press("escape")
    client.wait_for_no("Link for guests")
    return web, ssh, link[1]


def _keep(guest: Terminal) -> None:
    guest.enter("/keep")
    guest.wait_for("Keep the account guest-mia")
    guest.enter(PASSWORD)
    guest.wait_for_cursor_under("Repeat the password")
    guest.enter(PASSWORD)
    guest.wait_for("This account is yours now.")


def test_one_link_lets_guests_in_and_one_of_them_stays(table: Desk, tmp_path: Path) -> None:
    listen = ("--listen", "tls://127.0.0.1:0", "--listen", "https://127.0.0.1:0")
    flags = (*listen, "--host", "localhost", "--guest-links")
    gateway = Gateway(table, tmp_path / "data", *flags)
    gateway.server.wait_for("&ssh=")  # in the join link
    ada = sign_up(table, "ada", gateway.address)
    ada.enter("/create kitchen")
    ada.wait_for("kitchen is ready")
    ada.press("escape")
    ada.wait_for_no("kitchen is ready")
    web, ssh, link = _link_for_guests(ada)

    mia = gateway.follow(ssh, home="mia")
    mia.wait_for("You're invited as a guest")
    mia.wait_for_cursor_under("Name")
    mia.enter("mia")
    mia.wait_for("Message kitchen")
    mia.wait_for("You're a guest until")
    ada.wait_for("guest-mia joined as a guest")
    send(mia, "Smells good!")
    ada.wait_for("Smells good!  (guest)")

    with chromium() as browser:
        tab = Tab(browser, web, viewport={"width": 1000, "height": 600})
        tab.page.goto(web)
        tab.wait_for("You're invited as a guest")
        tab.enter("ben")
        tab.wait_for("Message kitchen")
        tab.wait_for("Smells good!")
        tab.page.reload()
        tab.wait_for("Message kitchen")
        ada.wait_for("guest-ben")
        assert tab.problems == []
        tab.close()

    cleo = table.open("chat-tui", link, "--plain", home="cleo", size=(120, 36))
    cleo.wait_for("Name")
    cleo.enter("cleo")
    cleo.wait_for("kitchen>")
    cleo.enter("/go general")
    cleo.wait_for("You're not in general")
    ada.enter("/kick guest-cleo")
    ada.wait_for("/invitations revokes it.")
    cleo.wait_for("You are no longer in the room that you were a guest in.")
    assert cleo.wait_for_end() == 1

    os.kill(gateway.server.pid, signal.SIGKILL)
    gateway.start_again()
    send(mia, "Still here!")  # the client has resumed
    _keep(mia)
    mia.wait_for("general")
    mia.enter("/go general")
    mia.wait_for("Message general")
    back = gateway.ssh("guest-mia")
    back.wait_for_cursor_under("Password")
    back.enter(PASSWORD)
    back.wait_for("Message general")
