"""Makes the README's picture of the client in a browser, with Chromium and the real gateway.

python tests/support/browser_screenshot.py tui/browser.png
"""

import base64
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from PIL import Image, ImageDraw
from playwright.sync_api import Browser, ViewportSize

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support.browser import PHONE, Tab, WebDesk, chromium
from support.people import PASSWORD, send
from support.terminal import desk

_LAPTOP: Final = {"width": 880, "height": 560}
_HANDY: Final = {**PHONE, "viewport": {"width": 360, "height": 640}, "device_scale_factor": 1}
_SIDE_BY_SIDE: Final[ViewportSize] = {"width": 1300, "height": 690}
_PAGE: Final = """<style>
  body {{ margin: 0; height: 100vh; display: flex; gap: 24px; align-items: center;
          justify-content: center; background: #2a303c; }}
  img {{ border-radius: 8px; }}
  img + img {{ border: 3px solid #0b0e14; border-radius: 14px; }}
</style>
<img src="data:image/png;base64,{}"><img src="data:image/png;base64,{}">"""


def make(path: Path) -> None:
    """Have people talk and send a picture, and save what two of them see."""
    with (
        chromium() as browser,
        TemporaryDirectory(prefix="desk-") as folder,
        desk(Path(folder)) as table,
    ):
        web = WebDesk(table, Path(folder) / "data", browser)
        ada, mia = web.tab(viewport=_LAPTOP), web.tab(**_HANDY)
        ada.register("ada")
        _register_on_the_phone(mia, "mia")
        send(web.ben, "Who cooks on Friday?")
        ada.enter("I can. Soup, with **bread** from the market.")
        web.ben.wait_for("from the market")
        picture = _soup(Path(folder) / "soup.png")
        web.ben.enter(f"/upload {picture} -- @ada like this one?")
        for tab in (ada, mia):
            tab.wait_for("▀" * 20)
        mia.send_line("Count me in, I bring a friend.")
        for tab in (ada, mia):
            tab.wait_for("I bring a friend.")
        _save(browser, path, ada.page.screenshot(), mia.page.screenshot())


def _register_on_the_phone(tab: Tab, name: str) -> None:
    tab.page.goto(tab.address)
    tab.wait_for("Password")
    tab.send_line(name)
    hide = tab.page.get_by_role("button", name="Hide what I type")
    hide.click()
    tab.send_line(PASSWORD)
    tab.wait_for("Repeat the password")
    tab.send_line(PASSWORD)
    tab.wait_for("Message general")
    hide.click()


def _soup(path: Path) -> Path:
    """Paint a bowl of soup on a wooden table."""
    picture = Image.new("RGB", (480, 320), "#7a4f2d")
    draw = ImageDraw.Draw(picture)
    for y in range(0, 320, 40):
        draw.rectangle((0, y, 480, y + 3), "#633e22")
    draw.ellipse((90, 20, 390, 300), "#f2efe6")
    draw.ellipse((125, 52, 355, 268), "#d9531e")
    draw.ellipse((210, 110, 300, 170), "#fff3d6")
    for x, y in ((170, 130), (190, 210), (260, 220), (310, 190), (320, 120), (225, 80)):
        draw.ellipse((x, y, x + 16, y + 12), "#3f8f3a")
    picture.save(path)
    return path


def _save(browser: Browser, path: Path, *screens: bytes) -> None:
    page = browser.new_page(viewport=_SIDE_BY_SIDE)
    page.set_content(_PAGE.format(*(base64.b64encode(screen).decode() for screen in screens)))
    page.screenshot(path=path)
    Image.open(path).quantize(128).save(path, optimize=True)


if __name__ == "__main__":
    make(Path(sys.argv[1]))
