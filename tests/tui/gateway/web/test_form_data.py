"""Forms with files, however their bytes arrive."""

import pytest

from chat_tui.gateway.web.form_data import MAX_HEAD, MAX_PARTS, BadForm, FormData, Part

TYPE = "multipart/form-data; boundary=b"
END = b"\r\n--b--\r\n"


def form(*parts: tuple[bytes, bytes]) -> bytes:
    """Return a form whose parts have these headers and contents."""
    bodies = [(headers and headers + b"\r\n", content) for headers, content in parts]
    return b"".join(b"--b\r\n%s\r\n%s\r\n" % body for body in bodies) + b"--b--\r\n"


def read(body: bytes, *, size: int = 1 << 16, kind: str = TYPE) -> list[tuple[Part, bytes]]:
    """Return the parts of a form that arrives in pieces of `size` bytes. Raises BadForm."""
    reader, parts = FormData(kind), list[tuple[Part, bytes]]()
    for at in range(0, len(body), size):
        reader.receive(body[at : at + size])
        while (event := reader.next_event()) is not None:
            if isinstance(event, Part):
                parts.append((event, b""))
            else:
                parts[-1] = parts[-1][0], parts[-1][1] + event
    assert reader.is_whole
    return parts


FILE = b"""\
content-disposition: form-data; name=file; filename=a.txt
Content-Type: text/plain; charset=UTF-16
Content-Transfer-Encoding: binary""".replace(b"\n", b"\r\n")
BODY = form(
    (b'Content-Disposition: form-data; name="text"', b"two\r\n--lines\r\n-"),
    (b"", b"of nobody"),
    (FILE, b""),
    (b'Content-Disposition: form-data; name="a;b"; filename="\xf0\x9f\x8d\xb2 \\"x\\".png"', b"\0"),
)
PARTS = [
    (Part("text", "", ""), b"two\r\n--lines\r\n-"),
    (Part("", "", ""), b"of nobody"),
    (Part("file", "a.txt", "UTF-16"), b""),
    (Part("a;b", '🍲 "x".png', ""), b"\0"),
]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 11, 64, 1 << 16])
@pytest.mark.parametrize("before", [b"", b"\r\n", b"This is a form.\r\n"])
def test_a_form_is_the_same_however_it_is_cut(size: int, before: bytes) -> None:
    assert read(before + BODY + b"more, of no part", size=size) == PARTS


def test_what_has_arrived_is_not_kept() -> None:
    reader = FormData(TYPE)
    reader.receive(b"--b\r\nX: y\r\n\r\n")
    assert reader.next_event() == Part("", "", "")
    for _ in range(10):
        reader.receive(bytes(100_000))
        content = reader.next_event()
        assert isinstance(content, bytes)
        assert len(content) > 99_000
        assert reader.next_event() is None
        assert len(reader._buffer) < 10


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        (b"form-data; name=file;filename=bare.txt", "bare.txt"),
        (b'form-data; name=file; filename=""', ""),
        (b"form-data; name=file; filename*=UTF-8''na%C3%AFve%20%F0.txt", "naïve \ufffd.txt"),
        (b"form-data; name=file; filename*=bogus", "bogus"),
        (b'form-data; name=file;\r\n\t filename="folded.txt"', "folded.txt"),
        (b'form-data; name=file; filename="\xff\0.txt"', "\ufffd\0.txt"),
        (b'form-data; name=file; filename="never', '"never'),
        (b"", ""),
    ],
)
def test_names_of_files_are_read_as_programs_send_them(disposition: bytes, name: str) -> None:
    ((part, _),) = read(form((b"Content-Disposition: " + disposition, b"x")))
    assert part.file_name == name


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"--b\r\nno colon\r\n\r\nx" + END, "can't be read"),
        (b"--bb\r\n\r\nx" + END, "can't be read"),
        (b"--b\r\n" + b"X: y\r\n" * MAX_HEAD + b"\r\nx" + END, "can't be read"),
        (b"--b\r\nX: " + b"y" * MAX_HEAD + b"\r\n\r\nx" + END, "can't be read"),
        (b"x" * 3 * MAX_HEAD + b"\r\n--b\r\n\r\nx" + END, "can't be read"),
        (form((b"Content-Type: multipart/mixed; boundary=c", b"x")), "has parts"),
        (form((b"Content-Transfer-Encoding: base64", b"eA==")), "is in base64"),
        (form(*[(b"", b"")] * (MAX_PARTS + 1)), "at most 100 parts"),
    ],
)
def test_what_is_no_such_form_is_refused(body: bytes, sentence: str) -> None:
    for size in (100, 1 << 20):
        with pytest.raises(BadForm, match=sentence):
            read(body, size=size)


@pytest.mark.parametrize("boundary", ["", "; boundary=", "; boundary=" + "b" * 71, "; boundary=ä"])
def test_a_form_needs_a_boundary(boundary: str) -> None:
    with pytest.raises(BadForm, match="can't be read"):
        FormData(f"multipart/form-data{boundary}")
    FormData(f'multipart/form-data; charset=utf-8; Boundary="{"b" * 70}"')
