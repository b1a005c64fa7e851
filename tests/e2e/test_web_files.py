"""People with nothing but a browser send files."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import WebSocketRoute

from support.browser import PHONE, Tab, WebDesk, web_desk
from support.people import PASSWORD, send
from support.proxy import Way

# What a paste of files is, for a page.
_PASTE: Final = """([files, text]) => {
    const transfer = new DataTransfer();
    for (const [name, size] of Object.entries(files)) {
      transfer.items.add(new File([new Uint8Array(size)], name, { type: "image/png" }));
    }
    if (text) transfer.setData("text/plain", text);
    document.activeElement.dispatchEvent(
      new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true }));
}"""


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


def made(folder: Path, name: str, size: int = 300_000) -> Path:
    path = folder / name
    path.write_bytes(os.urandom(size))
    return path


def test_a_file_is_picked_where_the_client_asks_for_it(
    web: WebDesk, ada: Tab, tmp_path: Path
) -> None:
    path = made(tmp_path, "grüße.bin")
    ada.register("ada")

    with ada.page.expect_file_chooser() as chooser:
        ada.enter("/upload -- Our numbers")
    chooser.value.set_files(path)
    ada.wait_for("Send grüße.bin, 300 kB?")
    ada.wait_for("Our numbers")
    ada.page.keyboard.press("Enter")

    web.ben.wait_for("Our numbers")
    web.ben.wait_for("grüße.bin  300 kB")
    ada.page.keyboard.press("Control+l")
    ada.wait_for("s save")
    with ada.page.expect_download() as saved:
        ada.page.keyboard.press("s")
    assert saved.value.path().read_bytes() == path.read_bytes()


def test_files_are_picked_by_a_button_also_by_touch(web: WebDesk, tmp_path: Path) -> None:
    eva = web.tab(**PHONE)
    eva.page.goto(eva.address)
    eva.wait_for("Password")
    eva.send_line("eva")
    eva.page.get_by_role("button", name="Hide what I type").click()
    eva.send_line(PASSWORD)
    eva.wait_for("Repeat the password")
    eva.send_line(PASSWORD)
    eva.wait_for("Message general")

    with eva.page.expect_file_chooser() as chooser:
        eva.page.get_by_role("button", name="Send files").tap()
    chooser.value.set_files([made(tmp_path, "one.jpg"), made(tmp_path, "two.jpg")])
    eva.wait_for("two.jpg")
    eva.page.locator("#phone button[type=submit]").tap()

    web.ben.wait_for("one.jpg")
    web.ben.wait_for("two.jpg")
    assert eva.violations == []
    assert eva.problems == []
    eva.close()


def drop(tab: Tab, *paths: Path) -> None:
    """Drop files on the page, as if from a window of the desktop."""
    devtools = tab.context.new_cdp_session(tab.page)
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    for kind in "dragEnter", "dragOver", "drop":
        event = {"type": kind, "x": 400, "y": 300, "data": data}
        devtools.send("Input.dispatchDragEvent", event)


def test_files_are_dropped_on_the_page_and_folders_are_not_sent(
    web: WebDesk, ada: Tab, tmp_path: Path
) -> None:
    ada.register("gus")

    drop(ada, tmp_path)
    ada.page.locator("#banner", has_text="A folder can't be sent").wait_for()
    ada.page.get_by_role("button", name="OK").click()
    drop(ada, made(tmp_path, "first.log", 10), made(tmp_path, "second.log", 50_000))
    ada.wait_for("Send first.log, 10 bytes; second.log, 50 kB?")
    ada.page.keyboard.press("Enter")

    web.ben.wait_for("second.log  50 kB")


def test_a_picture_is_pasted_and_a_text_stays_one(web: WebDesk, ada: Tab) -> None:
    ada.register("ina")

    ada.page.evaluate(_PASTE, [{"table.png": 10}, "the numbers"])
    ada.wait_for("the numbers")
    assert "Send" not in ada.screen.replace("Send files", "")
    ada.page.evaluate(_PASTE, [{"image.png": 1_234}, ""])
    ada.wait_for("Send image.png, 1.2 kB?")
    ada.page.keyboard.press("Enter")

    web.ben.wait_for("image.png  1.2 kB")


def test_without_the_terminal_files_are_sent_and_saved(web: WebDesk, tmp_path: Path) -> None:
    fay = web.tab("plain")
    fay.page.goto(fay.address)
    for prompt, text in ("Name", "fay"), ("Password", PASSWORD), ("repeat the password", PASSWORD):
        fay.wait_for_prompt(prompt)
        fay.send_line(text)
    fay.wait_for_prompt("general>")
    path = made(tmp_path, "notes.bin")

    with fay.page.expect_file_chooser() as chooser:
        fay.send_line("/upload -- My notes")
    chooser.value.set_files(path)
    web.ben.wait_for("My notes")
    fay.wait_for_log("My notes")
    number = re.findall(r"file (\d+): notes\.bin", fay.log)[-1]
    with fay.page.expect_download() as saved:
        fay.send_line(f"/save {number}")

    assert saved.value.path().read_bytes() == path.read_bytes()
    assert fay.violations == []
    assert fay.problems == []
    fay.close()


def stop_after(tab: Tab, answers: int) -> list[WebSocketRoute]:
    """Lose one answer about a file, and all after it; return where the connection is then."""
    stopped = list[WebSocketRoute]()
    left = [answers]

    def pass_on(route: WebSocketRoute) -> None:
        server = route.connect_to_server()

        def forward(message: str | bytes) -> None:
            if isinstance(message, bytes) and message[:1] == b"\xff":
                left[0] -= 1
                if left[0] == 0:
                    stopped.append(route)
            if route not in stopped:
                server.send(message)

        route.on_message(forward)

    tab.page.route_web_socket(re.compile("/socket$"), pass_on)
    return stopped


def test_after_a_cut_a_file_goes_on(web: WebDesk, tmp_path: Path) -> None:
    path = made(tmp_path, "long.bin", 2_000_000)
    with web.tab_on_cable() as (jan, between):
        jan.register("jan")
        with jan.page.expect_file_chooser() as chooser:
            jan.enter("/upload")
        chooser.value.set_files(path)
        jan.wait_for("Send long.bin")
        between.cut_after(Way.UP, 1_000_000)
        jan.page.keyboard.press("Enter")
        jan.page.locator("#banner", has_text="Connection lost").wait_for()
        assert between.cuts == 1

        web.ben.wait_for("long.bin  2.0 MB")  # which the server takes only with the right digest


def test_a_page_that_is_loaded_again_leaves_nothing_of_a_file(
    web: WebDesk, ada: Tab, tmp_path: Path
) -> None:
    stopped = stop_after(ada, 20)
    ada.register("kim")
    with ada.page.expect_file_chooser() as chooser:
        ada.enter("/upload -- Half of it")
    chooser.value.set_files(made(tmp_path, "half.bin", 2_000_000))
    ada.wait_for("Send half.bin")
    ada.page.keyboard.press("Enter")
    ada.wait_until(lambda: bool(stopped), "half of the file")
    ada.wait_for("% of 2.0 MB")

    ada.page.reload()

    ada.wait_for("can't read half.bin")
    ada.wait_until(lambda: "% of 2.0 MB" not in ada.screen, "end of the transfer")
    ada.page.keyboard.press("ArrowUp")
    ada.wait_for("choose them again")
    send(web.ben, "still here")
    ada.wait_for("still here")
    assert "half.bin" not in web.ben.screen
