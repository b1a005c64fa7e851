"""People with nothing but a browser use the chat."""

import json
import os
import re
import signal
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.browser import CHROMIUM, PHONE, READY, Tab, WebDesk, web_desk
from support.people import PASSWORD, send, start_server
from support.server_process import COMMAND
from support.terminal import Desk
from support.tls import client_context, own_credentials

_READY_WITHOUT_TLS = "listening on http://"


@pytest.fixture(scope="module")
def web() -> Iterator[WebDesk]:
    with web_desk() as web:
        yield web


@pytest.fixture
def ada(web: WebDesk) -> Iterator[Tab]:
    tab = web.tab(viewport={"width": 1000, "height": 600})
    yield tab
    assert tab.problems == []
    tab.close()


def test_a_program_posts_to_a_room_with_nothing_but_curl(web: WebDesk) -> None:
    web.ben.enter("/create builds")
    web.ben.wait_for("builds is ready")
    web.ben.press("escape")
    web.ben.wait_for_no("builds is ready")
    web.ben.enter("/hook ci")
    web.ben.wait_for("ci (hook) can post to builds")
    code = re.search(r"/hook/([\w-]+)", web.ben.screen)
    assert code is not None
    web.ben.press("escape")
    web.ben.wait_for_no("can post to builds")

    command = ["curl", "--silent", "--insecure", "--data", "Build 7 is green"]
    posted = subprocess.run(
        [*command, f"{web.address}hook/{code[1]}"], capture_output=True, text=True, check=True
    )

    assert posted.stdout == "Posted.\n"
    web.ben.wait_for("Build 7 is green")
    web.ben.wait_for("ci (hook)")
    web.ben.enter("/go general")
    web.ben.wait_for("Message general")


def test_someone_registers_talks_and_goes_on_after_a_reload(web: WebDesk, ada: Tab) -> None:
    ada.register("ada")
    send(web.ben, "hello ada, see https://example.org/soup")
    ada.wait_for("hello ada")
    ada.enter("hello from a browser")
    web.ben.wait_for("hello from a browser")

    assert ada.page.locator("h1").inner_text() == "Kitchen table"
    assert "general" in ada.page.title()
    assert ada.page.locator(".xterm-viewport").evaluate("it => getComputedStyle(it).overflow") == (
        "hidden"  # Firefox shows a scrollbar of its own otherwise
    )
    rows = len(ada.screen.splitlines())
    ada.page.set_viewport_size({"width": 800, "height": 400})
    ada.wait_until(lambda: len(ada.screen.splitlines()) < rows, "smaller screen")
    ada.wait_until(lambda: "F1 help" in ada.screen.splitlines()[-1], "last row at the bottom")

    ada.page.keyboard.type("half a sent")
    ada.wait_for("half a sent")
    ada.page.reload()
    ada.wait_for("half a sent")
    ada.wait_until(lambda: "general" in ada.page.title(), "title")
    ada.enter("ence")
    web.ben.wait_for("half a sentence")


def test_a_link_opens_in_a_new_tab_and_what_is_copied_is_in_the_clipboard(
    web: WebDesk, ada: Tab
) -> None:
    ada.register("cleo")
    send(web.ben, f"see {web.address}plain now")
    ada.wait_for("plain now")
    rows = ada.screen.splitlines()
    row = max(number for number, text in enumerate(rows) if "plain now" in text)
    box = ada.page.locator(".xterm-rows").bounding_box()
    assert box is not None
    x = box["x"] + (rows[row].index("https") + 3) * box["width"] / len(rows[row])
    y = box["y"] + (row + 0.5) * box["height"] / len(rows)

    with ada.context.expect_page() as opened:
        ada.page.mouse.move(x, y)
        ada.page.locator(".xterm-cursor-pointer").wait_for()
        ada.page.mouse.click(x, y)
    assert opened.value.url == f"{web.address}plain"
    assert opened.value.evaluate("opener") is None

    opened.value.close()
    ada.page.bring_to_front()
    ada.page.keyboard.press("Control+l")
    ada.wait_for("open link")
    ada.page.keyboard.press("o")
    ada.wait_for("Link copied")
    ada.wait_until(
        lambda: ada.page.evaluate("navigator.clipboard.readText()") == f"{web.address}plain",
        "link in the clipboard",
    )


def test_a_browser_that_copies_only_after_a_click_gets_one(web: WebDesk, ada: Tab) -> None:
    ada.register("hal")
    send(web.ben, "a recipe for soup")
    ada.wait_for("a recipe for soup")
    ada.context.clear_permissions()
    ada.context.grant_permissions(["notifications"])  # and no others
    ada.page.keyboard.press("Control+l")
    ada.wait_for("y copy")
    ada.page.keyboard.press("y")

    ada.page.locator("#banner", has_text="only after a click").wait_for()
    ada.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ada.page.get_by_role("button", name="Copy").click()
    ada.wait_until(
        lambda: ada.page.evaluate("navigator.clipboard.readText()") == "a recipe for soup",
        "text in the clipboard",
    )
    ada.page.locator("#banner").wait_for(state="hidden")
    ada.enter("Thank you")  # the terminal has the focus again
    web.ben.wait_for("Thank you")


def test_the_browser_saves_a_file(web: WebDesk, ada: Tab, tmp_path: Path) -> None:
    ada.register("gus")
    content = os.urandom(20_000)
    (tmp_path / "grüße.html").write_bytes(content)
    web.ben.enter(f"/upload {tmp_path}/grüße.html -- For gus")
    web.ben.wait_for("For gus")
    web.ben.wait_for_no("Sending")
    ada.wait_for("For gus")
    ada.wait_for("grüße.html")
    ada.page.keyboard.press("Control+l")
    ada.wait_for("s save")

    with ada.page.expect_download() as saved:
        ada.page.keyboard.press("s")

    assert saved.value.suggested_filename.startswith("grüße")
    assert saved.value.path().read_bytes() == content
    ada.wait_for("Your browser is saving")
    ada.enter("Thank you")  # the page is still connected
    web.ben.wait_for("Thank you")


def test_who_is_cut_off_is_connected_again_and_is_where_they_were(web: WebDesk) -> None:
    with web.tab_on_cable() as (dan, between):
        dan.register("dan")
        dan.page.keyboard.type("half a sent")
        dan.wait_for("half a sent")

        between.cut()
        dan.page.locator("#banner", has_text="Connection lost").wait_for()
        send(web.ben, "while dan was away")

        dan.page.locator("#banner").wait_for(state="hidden")
        dan.wait_for("while dan was away")
        dan.enter("ence")
        web.ben.wait_for("half a sentence")

        send(web.ben, "see you")
        dan.wait_for("see you")  # and so the answer to what was sent before: quitting asks nothing
        dan.wait_for("F12 quit")  # Firefox would take Ctrl+Q to itself
        dan.page.keyboard.press("F12")
        dan.page.locator("#banner", has_text="You have left the chat.").wait_for()
        assert dan.violations == []
        assert dan.page.get_by_role("link", name=re.compile("screen readers")).count() == 1
        assert dan.page.get_by_role("button", name="Connect again").is_visible()
        dan.page.keyboard.press("Enter")
        dan.wait_for("Password")
        assert dan.page.locator("#banner").is_hidden()


@pytest.mark.parametrize(("path", "view"), [("", "terminal"), ("plain", "plain")])
def test_a_page_whose_client_is_gone_says_so(web: WebDesk, path: str, view: str) -> None:
    ann = web.tab(path)
    ann.page.goto(ann.address)
    opened = f"sessionStorage.getItem('ticket of {view}')"
    ann.wait_until(lambda: bool(ann.page.evaluate(opened)), "ticket")
    first = ann.page.evaluate(opened)
    ann.page.reload()
    ann.wait_until(lambda: ann.page.evaluate(opened) != first, "another ticket")
    assert ann.page.locator("#banner").is_hidden()  # nobody had logged in

    if view == "plain":
        sign_up_in_plain(ann, "ann")
    else:
        ann.register("lea")
    ann.page.evaluate(f"sessionStorage.setItem('ticket of {view}', 'of a client that is gone')")
    ann.page.reload()
    ann.page.locator("#banner", has_text="Your last chat here has ended.").wait_for()
    ann.page.get_by_role("button", name="OK").click()
    ann.page.locator("#banner").wait_for(state="hidden")

    assert ann.problems == []
    ann.close()


def test_a_browser_that_blocks_cookies_shows_the_chat(web: WebDesk, tmp_path: Path) -> None:
    settings = {"profile": {"default_content_setting_values": {"cookies": 2}}}
    (tmp_path / "Default").mkdir()
    (tmp_path / "Default/Preferences").write_text(json.dumps(settings))
    context = web.browser.browser_type.launch_persistent_context(
        tmp_path, executable_path=CHROMIUM, args=["--no-sandbox"], ignore_https_errors=True
    )
    page = context.new_page()
    page.goto(web.address)
    page.locator(".xterm-rows", has_text="Password").wait_for()

    page.goto(f"{web.address}plain")
    page.locator("#prompt", has_text="Name").wait_for()
    context.close()


def test_on_a_phone_there_are_keys_and_a_line_of_text(web: WebDesk) -> None:
    eva = web.tab(**PHONE)
    eva.page.goto(eva.address)
    eva.wait_for("Password")
    eva.send_line("eva")
    eva.page.get_by_role("button", name="Hide what I type").click()
    eva.send_line(PASSWORD)
    eva.wait_for("Repeat the password")
    eva.send_line(PASSWORD)
    eva.wait_for("Message general")
    eva.page.get_by_role("button", name="Hide what I type").click()

    eva.send_line("hello from a phone")
    web.ben.wait_for("hello from a phone")
    eva.page.get_by_role("button", name="Ctrl").click()
    eva.page.locator("#line").press_sequentially("k")
    eva.wait_for("Go to")
    eva.page.get_by_role("button", name="Esc").click()
    eva.wait_until(lambda: "Go to" not in eva.screen, "end of the dialog")
    assert eva.violations == []
    eva.send_line("/select")
    eva.page.get_by_role("button", name="Next letter as a key").click()
    eva.page.locator("#line").press_sequentially("r")
    eva.wait_for("Esc: cancel reply")
    assert eva.page.locator("#line").input_value() == ""
    eva.page.get_by_role("button", name="Esc").click()
    eva.wait_until(lambda: "cancel reply" not in eva.screen, "end of the reply")
    eva.page.get_by_role("button", name="Up", exact=True).click()
    eva.wait_for("editing your message")

    assert eva.problems == []
    eva.close()


def test_without_the_terminal_the_chat_is_text_and_a_field(web: WebDesk) -> None:
    fay = web.tab("plain", **PHONE)
    fay.page.goto(fay.address)
    sign_up_in_plain(fay, "fay")
    assert fay.page.locator("#line").get_attribute("type") == "text"

    send(web.ben, "hello fay, see https://example.org/soup.")
    fay.wait_for_log("hello fay")
    assert fay.page.get_by_role("log").get_by_role("link").last.get_attribute("href") == (
        "https://example.org/soup"
    )
    fay.send_line("hello <b>ben</b>")
    web.ben.wait_for("hello <b>ben</b>")
    fay.page.reload()
    fay.wait_for_log("hello <b>ben</b>")
    assert fay.log.count("hello fay") == 1
    fay.send_line("still here")
    web.ben.wait_for("still here")

    assert PASSWORD not in fay.log
    assert fay.violations == []
    assert fay.problems == []
    fay.close()


def sign_up_in_plain(tab: Tab, name: str) -> None:
    tab.wait_for_prompt("Name")
    tab.send_line(name)
    tab.wait_for_prompt("Password")
    assert tab.page.locator("#line").get_attribute("type") == "password"
    tab.send_line(PASSWORD)
    tab.wait_for_prompt("repeat the password")
    tab.send_line(PASSWORD)
    tab.wait_for_prompt("general>")


def test_a_renewed_certificate_is_presented_after_sighup(table: Desk, tmp_path: Path) -> None:
    first, second = own_credentials(tmp_path / "1"), own_credentials(tmp_path / "2")
    flags = ("--tls-cert", str(first.certificate), "--tls-key", str(first.key))
    server, _ = start_server(
        table, tmp_path / "data", "--listen", "https://127.0.0.1:0", *flags, "--log-format", "json"
    )
    server.wait_for("gateway ready")
    port = int(server.row_with(READY).rpartition(":")[2])
    assert presented(port) == ssl.PEM_cert_to_DER_cert(first.certificate.read_text())

    checked = subprocess.run(
        [COMMAND, "check", "--data", str(tmp_path / "data"), "--listen", f"https://127.0.0.1:{port}"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert f"answers on https://127.0.0.1:{port}" in checked.stdout

    first.certificate.write_bytes(second.certificate.read_bytes())
    first.key.write_bytes(second.key.read_bytes())
    os.kill(server.pid, signal.SIGHUP)

    server.wait_for("certificate reloaded")
    server.wait_until(
        lambda: presented(port) == ssl.PEM_cert_to_DER_cert(second.certificate.read_text()),
        "the new certificate",
    )


def presented(port: int) -> bytes | None:
    with (
        socket.create_connection(("127.0.0.1", port)) as connection,
        client_context().wrap_socket(connection) as over,
    ):
        return over.getpeercert(binary_form=True)


def test_a_web_server_on_this_machine_forwards_people(table: Desk, tmp_path: Path) -> None:
    path = tmp_path / "web.sock"
    server, _ = start_server(
        table, tmp_path / "data", "--listen", f"http://unix:{path}",
        "--web-url", "https://chat.example.org/",
    )  # fmt: skip
    server.wait_for("gateway ready")

    assert server.row_with("listening on http").endswith(f"http://unix:{path}")
    assert path.stat().st_mode & 0o777 == 0o660
    assert " 400 " in _upgraded(path)
    assert " 403 " in _upgraded(path, "X-Forwarded-For: 192.0.2.1", "Origin: https://evil.example")
    origin = "Origin: https://chat.example.org"
    assert " 400 " in _upgraded(path, origin)  # whom does it forward?
    assert " 101 " in _upgraded(path, origin, "X-Forwarded-For: 192.0.2.1")

    server.press("ctrl+c")
    assert server.wait_for_end() == 0
    assert not path.exists()


def test_a_page_at_a_wrong_address_names_the_right_one(
    web: WebDesk, table: Desk, tmp_path: Path
) -> None:
    server, _ = start_server(
        table, tmp_path / "data", "--listen", "http://127.0.0.1:0",
        "--web-url", "https://chat.example.org/",
    )  # fmt: skip
    server.wait_for("gateway ready")
    there = f"{server.row_with(_READY_WITHOUT_TLS).removeprefix('listening on ')}/"
    for path in "", "plain":
        tab = Tab(web.browser, there + path)
        tab.page.goto(tab.address)
        tab.page.locator("#banner", has_text="Its own is https://chat.example.org/").wait_for()
        assert tab.problems == []
        tab.close()


def _upgraded(path: Path, *headers: str) -> str:
    """Ask for a WebSocket; return the first line of the answer."""
    handshake = [
        "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
    ]  # fmt: skip
    lines = [
        "GET /socket HTTP/1.1",
        "Host: chat",
        *(handshake if headers else ()),
        *headers,
        "",
        "",
    ]
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(path))
        connection.sendall("\r\n".join(lines).encode())
        return connection.recv(1_000).decode().partition("\r\n")[0]
