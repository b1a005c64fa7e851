"""Pictures of every format, and files that are none, through the real decoder's process."""

import asyncio
import resource
import struct
import zlib
from io import BytesIO
from pathlib import Path
from random import Random

import pytest
from PIL import Image

from chat_tui.terminal.pictures import decoding
from chat_tui.terminal.pictures.agreed import MAX_PIXELS, MAX_SIXEL_PIXELS, Form, Wanted
from chat_tui.terminal.pictures.decoding import PictureDecoder, PictureError
from support.sixel import painted

pytestmark = pytest.mark.asyncio

RED, BLUE = (255, 0, 0), (0, 0, 255)


def picture(path: Path, size: tuple[int, int] = (40, 20), color: tuple[int, ...] = RED) -> Path:
    """Make a picture whose left half is blue."""
    image = Image.new("RGBA" if len(color) == 4 else "RGB", size, color)
    image.paste(BLUE, (0, 0, size[0] // 2, size[1]))
    image.save(path)
    return path


def png(width: int, height: int, body: bytes) -> bytes:
    """Return a PNG that says it has this size, whatever it has."""
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", body),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )


@pytest.mark.parametrize("suffix", ["png", "jpg", "gif", "webp"])
async def test_each_format_is_decoded_no_larger_than_asked_for(suffix: str, tmp_path: Path) -> None:
    path = picture(tmp_path / f"flag.{suffix}", (400, 200))

    found = await PictureDecoder().decode(path, Wanted("pixels", 40, 40))

    assert (found.width, found.height, len(found.data)) == (40, 20, 40 * 20 * 4)
    left, right = found.data[4 * 5 : 4 * 5 + 3], found.data[4 * 35 : 4 * 35 + 3]
    assert left[2] > 200 > 60 > left[0]
    assert right[0] > 200 > 60 > right[2]


async def test_a_small_picture_is_not_enlarged(tmp_path: Path) -> None:
    found = await PictureDecoder().decode(
        picture(tmp_path / "a.png", (6, 4)), Wanted("pixels", 400, 400)
    )

    assert (found.width, found.height) == (6, 4)


async def test_a_photo_stands_as_its_camera_was_held(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    Image.new("RGB", (40, 20)).save(tmp_path / "a.jpg", exif=exif)

    found = await PictureDecoder().decode(tmp_path / "a.jpg", Wanted("pixels", 100, 100))

    assert (found.width, found.height) == (20, 40)


async def test_the_name_does_not_matter(tmp_path: Path) -> None:
    path = picture(tmp_path / "a.png").rename(tmp_path / "-rf.txt")

    assert (await PictureDecoder().decode(path, Wanted("pixels", 9, 9))).width == 9


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "isn't a picture"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "isn't a picture"),
        (b"BM" + bytes(100), "isn't a picture"),
        (b"", "isn't a picture"),
        (png(40, 20, b"nothing"), "damaged"),
        (png(60_000, 60_000, zlib.compress(bytes(1000))), "too large"),
        (png(MAX_PIXELS, 2, zlib.compress(bytes(1000))), "too large"),
    ],
    ids=["svg", "postscript", "bmp", "empty", "damaged", "bomb", "one line of pixels"],
)
async def test_what_cannot_be_shown_gets_a_sentence(
    content: bytes, sentence: str, tmp_path: Path
) -> None:
    (tmp_path / "a.png").write_bytes(content)

    with pytest.raises(PictureError, match=sentence):
        await PictureDecoder().decode(tmp_path / "a.png", Wanted("pixels", 10, 10))


async def test_a_picture_cut_off_is_damaged(tmp_path: Path) -> None:
    path = picture(tmp_path / "a.jpg", (400, 400))
    path.write_bytes(path.read_bytes()[:-600])

    with pytest.raises(PictureError, match="damaged"):
        await PictureDecoder().decode(path, Wanted("pixels", 10, 10))


async def test_modules_in_the_current_folder_are_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "PIL.py").write_text("raise SystemExit(99)")
    monkeypatch.chdir(tmp_path)

    found = await PictureDecoder().decode(picture(tmp_path / "a.png"), Wanted("pixels", 9, 9))

    assert found.width == 9


async def test_a_decoder_that_is_cancelled_is_ended(tmp_path: Path) -> None:
    decoder, path = PictureDecoder(), picture(tmp_path / "a.png")
    decoding = asyncio.create_task(decoder.decode(path, Wanted("pixels", 9, 9)))
    await asyncio.sleep(0)

    decoding.cancel()
    with pytest.raises(asyncio.CancelledError):
        await decoding

    assert (await decoder.decode(path, Wanted("pixels", 9, 9))).width == 9


async def test_without_processes_there_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", str(tmp_path / "none"))

    with pytest.raises(PictureError, match="can't be decoded here: No such file"):
        await PictureDecoder().decode(picture(tmp_path / "red.png"), Wanted("pixels", 10, 10))


async def test_a_dot_that_is_wide_stands_for_more_of_the_width(tmp_path: Path) -> None:
    path = picture(tmp_path / "a.png", (400, 400))

    found = await PictureDecoder().decode(path, Wanted("pixels", 40, 24, dot_width=5, dot_height=4))

    assert (found.width, found.height) == (19, 24)


@pytest.mark.parametrize("form", ["png", "sixel"])
async def test_what_takes_too_many_bytes_gets_fewer_pixels(form: Form, tmp_path: Path) -> None:
    noise = Random(1).randbytes(300 * 300 * 3)
    Image.frombytes("RGB", (300, 300), noise).save(tmp_path / "a.png")

    found = await PictureDecoder().decode(tmp_path / "a.png", Wanted(form, 900, 900, most=20_000))

    assert 10_000 < len(found.data) <= 20_000
    if form == "sixel":
        assert found.width < 300
    else:  # the terminal enlarges it
        assert found.width == 300
        assert Image.open(BytesIO(found.data)).width < 300


async def test_one_pixel_is_sent_however_few_bytes_there_may_be(tmp_path: Path) -> None:
    found = await PictureDecoder().decode(
        picture(tmp_path / "a.png"), Wanted("sixel", 40, 20, most=1)
    )

    assert painted(found.data).size == (1, 1)


async def test_a_picture_by_sixel_has_a_bounded_number_of_pixels(tmp_path: Path) -> None:
    path = picture(tmp_path / "a.png", (3_000, 3_000))

    found = await PictureDecoder().decode(path, Wanted("sixel", 3_000, 3_000))

    assert found.width == found.height == 1_414
    assert found.width * found.height <= MAX_SIXEL_PIXELS


async def test_a_picture_by_sixel_is_the_picture(tmp_path: Path) -> None:
    found = await PictureDecoder().decode(
        picture(tmp_path / "a.png"), Wanted("sixel", 40, 20, cell_width=8, cell_height=8)
    )

    canvas = painted(found.data)
    assert canvas.size == (40, 24)
    assert canvas.color(5, 5) == (0, 0, 100)
    assert canvas.color(35, 19) == (100, 0, 0)
    assert canvas.color(35, 20) == (0, 0, 0)  # the background, in the rest of the cell


def slow_jpeg(path: Path) -> Path:
    """Make a small file of a picture that is drawn over again and again."""
    output = BytesIO()
    Image.new("RGB", (3_000, 3_000), RED).save(output, "JPEG", progressive=True, quality=5)
    whole = output.getvalue()
    last = whole[whole.rindex(b"\xff\xda") : -2]
    path.write_bytes(whole[:-2] + last * (900_000 // len(last)) + whole[-2:])
    return path


async def test_a_picture_that_takes_too_long_is_given_up_and_not_tried_again(
    tmp_path: Path,
) -> None:
    decoder, wanted = PictureDecoder(), Wanted("pixels", 10, 10, seconds=1)
    path, copy = slow_jpeg(tmp_path / "a.jpg"), slow_jpeg(tmp_path / "b.jpg")

    # A busy machine counts up to a quarter less than the limit.
    assert 0.5 < await seconds_in_vain(decoder, path, wanted) < 2
    assert await seconds_in_vain(decoder, copy, wanted) == 0
    assert await seconds_in_vain(decoder, copy, wanted._replace(seconds=2)) > 1.2  # who asks for it


async def seconds_in_vain(decoder: PictureDecoder, path: Path, wanted: Wanted) -> float:
    """Return the seconds of processor time that a picture takes that is too large."""
    before = children_seconds()
    with pytest.raises(PictureError, match="too large to be shown"):
        await decoder.decode(path, wanted)
    return children_seconds() - before


def children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


async def test_few_pictures_that_take_too_long_are_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoding, "MAX_REMEMBERED", 2)
    decoder, wanted = PictureDecoder(), Wanted("pixels", 10, 10)
    for number in range(4):
        path = tmp_path / f"{number}.png"
        path.write_bytes(png(60_000, 60_000 + number, zlib.compress(b"")))
        with pytest.raises(PictureError, match="too large"):
            await decoder.decode(path, wanted)

    assert len(decoder._too_large) == 2
