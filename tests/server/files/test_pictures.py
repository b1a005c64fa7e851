"""A picture is known by its first bytes alone."""

import pytest

from chat_server.files.pictures import HEAD, picture_type


@pytest.mark.parametrize(
    ("head", "type"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "image/png"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg"),
        (b"GIF87a\x01\0\x01\0", "image/gif"),
        (b"GIF89a\x01\0\x01\0", "image/gif"),
        (b"RIFF\x24\0\0\0WEBPVP8 ", "image/webp"),
        (b"RIFF\x24\0\0\0WAVEfmt ", ""),
        (b"<svg xmlns='http://www.w3.org/2000/svg'>", ""),
        (b"BM\x36\0", ""),
        (b"\x89PNG", ""),
        (b"%PDF-1.7", ""),
        (b"", ""),
    ],
)
def test_only_four_types_are_pictures(head: bytes, type: str) -> None:
    assert picture_type(head) == type
    assert picture_type(head[:HEAD]) == type
