"""What programs may send to a hook, and what they are answered."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import aiohttp
import pytest
import pytest_asyncio

from chat_shared import messages as m
from chat_shared.errors import Code
from chat_shared.file_names import clean_file_name
from chat_shared.limits import MAX_FILES, MAX_TEXT
from chat_tui.gateway import server_link
from chat_tui.gateway.web import hook_posts, hook_spool, site
from support.fake_hook_server import CODE, OTHER_CODE, FakeHookServer, fake_hook_server
from support.web import Web, web_in

pytestmark = pytest.mark.asyncio


@dataclass
class Hook:
    """The address of a hook, and the server behind it."""

    web: Web
    server: FakeHookServer

    async def post(self, data: object = None, code: str = CODE, **more: object) -> tuple[int, str]:
        """Return the status and the sentence that a request is answered with."""
        url = self.web.at(f"/hook/{code}")
        async with self.web.browser.post(url, data=data, **more) as response:  # type: ignore[arg-type]
            return response.status, await response.text()

    @property
    def texts(self) -> list[str]:
        return [post.text for post in self.server.posts]


@pytest_asyncio.fixture
async def hook(tmp_path: Path) -> AsyncGenerator[Hook]:
    async with fake_hook_server(tmp_path / "proxy.sock") as server, web_in(tmp_path) as web:
        yield Hook(web, server)


def form(**fields: object) -> aiohttp.FormData:
    data = aiohttp.FormData(default_to_multipart=True, quote_fields=False)  # as curl does
    for name, value in fields.items():
        data.add_field(name, value)
    return data


FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}


def typed(content_type: str) -> dict[str, str]:
    return {"Content-Type": content_type}


@pytest.mark.parametrize(
    ("headers", "body", "text"),
    [
        (FORM, "done", "done"),  # as `curl -d done` sends it
        (FORM, "1 + 1 = 2 & more", "1 + 1 = 2 & more"),
        (FORM, "text=all+%E2%9C%93", "all ✓"),
        (FORM, "payload=%7B%22text%22%3A%22slack%22%7D", "slack"),
        (JSON, '{"text": "hello\\nworld", "username": "root"}', "hello\nworld"),
        (JSON, '{"content": "as discord"}', "as discord"),
        ({"Content-Type": "text/plain; charset=utf-8"}, "two\r\nlines\n", "two\nlines"),
        ({"Content-Type": "text/plain"}, "\x1b[31mred\x1b[0m", "␛[31mred␛[0m"),
        (typed("text/plain"), b"caf\xe9", "caf\ufffd"),
        (typed("text/plain; charset=iso-8859-1"), b"caf\xe9", "café"),
        (typed('text/plain; charset="UTF-16"'), "café".encode("utf-16"), "café"),
        (typed("application/json; charset=latin1"), b'{"text": "caf\xe9"}', "café"),
        (typed("application/json; charset=utf-16"), '{"text": "café"}'.encode("utf-16"), "café"),
        (JSON, '{"text": "café"}'.encode("utf-16-le"), "café"),
        (JSON, b'\xef\xbb\xbf{"text": "with a BOM"}', "with a BOM"),
        (typed("application/x-www-form-urlencoded; charset=latin1"), "text=caf%E9", "café"),
        (typed("application/x-www-form-urlencoded; charset=latin1"), b"caf\xe9", "café"),
    ],
)
async def test_what_is_text_is_posted(
    hook: Hook, headers: dict[str, str], body: str | bytes, text: str
) -> None:
    assert await hook.post(body, headers=headers) == (200, "Posted.\n")

    assert hook.texts == [text]
    assert hook.server.posts[0].room == "Kitchen"


async def test_a_form_has_text_and_files(hook: Hook) -> None:
    data = form(text="two pictures")
    large = bytes(range(256)) * 400
    data.add_field("a", b"small", filename="a.png", content_type="image/png")
    data.add_field("b", large[:99_999], filename="b ü.png")

    assert await hook.post(data) == (200, "Posted.\n")

    (post,) = hook.server.posts
    assert (post.text, post.files) == ("two pictures", (1, 2))
    assert [(up.name, up.size) for up in hook.server.uploads] == [("a.png", 5), ("b ü.png", 99_999)]
    assert hook.server.received == {1: b"small", 2: large[:99_999]}


async def test_a_file_needs_no_text_and_may_be_empty(hook: Hook) -> None:
    data = form()
    data.add_field("file", b"", filename="empty.txt")

    assert await hook.post(data) == (200, "Posted.\n")
    assert hook.server.posts[0].files == (1,)


@pytest.mark.parametrize(
    ("headers", "body", "status", "sentence"),
    [
        (JSON, "{}", 400, 'This JSON has no "text".'),
        (JSON, '{"text": 5}', 400, 'This JSON has no "text".'),
        (JSON, "[" * 50_000, 400, "This isn't JSON."),
        (JSON, b"\xff", 400, "This isn't JSON."),
        (FORM, " \n", 400, "There is nothing to post."),
        (typed("text/plain; charset=rot13"), "x", 415, "The charset rot13 isn't known here."),
        (typed("application/json; charset=no"), "{}", 415, "The charset no isn't known here."),
        (typed("application/json; charset=utf-16"), b'{"text": "x"}', 400, "This isn't JSON."),
        (typed("multipart/form-data; boundary=b"), "--b\r\n\r\n", 400, "This form can't be read."),
        (typed("multipart/form-data; boundary=b"), "--b--", 400, "There is nothing to post."),
        (typed(";;;"), "x", 415, "A hook takes no application/octet-stream."),
        ({"Content-Type": "image/png"}, b"png", 415, "A hook takes no image/png."),
        ({"Content-Type": "multipart/form-data"}, "x", 400, "This form can't be read."),
        ({"Content-Type": "multipart/form-data; boundary=b"}, "x", 400, "This form can't be read."),
        (
            {**JSON, "Content-Encoding": "gzip"},
            "{}",
            400,
            "What was sent is not in the encoding that it names.",
        ),
        ({**JSON, "Content-Encoding": "x"}, "{}", 415, "A hook takes gzip and deflate"),
        (FORM, "x" * (13 * MAX_TEXT), 413, "A message can have at most 8,000 characters."),
    ],
)
async def test_what_cannot_be_posted_gets_a_sentence(
    hook: Hook, headers: dict[str, str], body: str | bytes, status: int, sentence: str
) -> None:
    answered, text = await hook.post(body, headers=headers)

    assert (answered, text[: len(sentence)]) == (status, sentence)
    assert hook.server.posts == []


@pytest.mark.parametrize(
    ("name", "value"), [("text", b"caf\xe9"), ("payload", b'{"text": "caf\xe9"}')]
)
async def test_fields_of_a_form_may_be_in_other_charsets(
    hook: Hook, name: str, value: bytes
) -> None:
    head = f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n'
    kind = "Content-Type: text/plain; charset=iso-8859-1\r\n\r\n"
    other = 'Content-Disposition: form-data; name="_charset_"\r\n\r\nutf-8\r\n'
    body = f"--b\r\n{other}{head}{kind}".encode() + value + b"\r\n--b--"

    headers = typed("multipart/form-data; boundary=b")
    assert await hook.post(body, headers=headers) == (200, "Posted.\n")
    assert hook.texts == ["café"]


async def test_fields_have_few_bytes_together(hook: Hook) -> None:
    data = form(text="x")
    for _ in range(10):
        data.add_field("other", "x" * 10_000)

    assert await hook.post(data) == (413, "A message can have at most 8,000 characters.\n")


async def test_a_file_that_is_too_large_is_refused_before_it_is_uploaded(hook: Hook) -> None:
    data = form()
    data.add_field("file", bytes(100_001), filename="a")

    assert await hook.post(data) == (413, "A file can have at most 0.1 MB here.\n")
    assert hook.server.uploads == []


@pytest.mark.parametrize(
    "name", ["../../a\0b.txt", "\u202etxt.exe", "🍲" * 300, "\\", "\x1b[31m", "x" * 7_000]
)
async def test_names_of_files_are_cleaned_and_long_ones_cut(hook: Hook, name: str) -> None:
    head = f'--b\r\nContent-Disposition: form-data; name=f; filename="{name}"\r\n\r\nx\r\n--b--'
    headers = typed("multipart/form-data; boundary=b")

    assert await hook.post(head.encode(), headers=headers) == (200, "Posted.\n")
    assert [upload.name for upload in hook.server.uploads] == [clean_file_name(name)]


async def test_a_message_has_few_files(hook: Hook) -> None:
    data = form()
    for number in range(MAX_FILES + 1):
        data.add_field("file", b"x", filename=f"{number}")

    assert await hook.post(data) == (413, "A message can have at most 10 files.\n")


async def test_what_strangers_send_is_not_read(hook: Hook) -> None:
    async def endless() -> AsyncGenerator[bytes]:
        for _ in range(1_000):
            yield bytes(100_000)

    try:
        answered = await hook.post(endless(), code="wrong", headers=JSON)
    except aiohttp.ClientError:  # cut off while it was sending
        answered = (404, "There is no such hook.\n")

    assert answered == (404, "There is no such hook.\n")
    assert hook.server.posts == []


async def test_who_still_sends_is_told_what_is_wrong(hook: Hook) -> None:
    reader, writer = await hook.web.connection()
    writer.write(b"POST /hook/wrong HTTP/1.1\r\nHost: x\r\nContent-Length: 200\r\n\r\n")
    assert b"404" in await reader.readline()
    await reader.readuntil(b"There is no such hook.\n")

    for _ in range(2):  # a connection that has been closed is broken by the first
        writer.write(bytes(100))
        await asyncio.sleep(0)

    assert await reader.read() == b""
    assert writer.get_extra_info("socket").getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0


async def test_the_rest_of_what_is_refused_is_not_waited_for(
    hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site, "REST_WITHIN", 0.05)
    reader, writer = await hook.web.connection()
    writer.write(b"POST /hook/wrong HTTP/1.1\r\nHost: x\r\nContent-Length: 200\r\n\r\n")

    assert b"There is no such hook." in await reader.read()


@pytest.mark.parametrize("code", ["", "a/b", "a" * 65, "%0a"])
async def test_what_is_no_code_leads_nowhere(hook: Hook, code: str) -> None:
    assert (await hook.post("x", code=code))[0] in (404, 405)
    assert hook.server.addresses == []


async def test_a_browser_that_opens_the_address_is_told_what_it_is(hook: Hook) -> None:
    async with hook.web.browser.get(hook.web.at(f"/hook/{CODE}")) as response:
        assert response.status == 405
        assert response.headers["Allow"] == "POST"
        assert "This is for programs" in await response.text()
    assert hook.server.addresses == []


@pytest.mark.parametrize("passed_on", ["/chat", ""])
async def test_hooks_are_in_the_folder_of_the_pages(tmp_path: Path, passed_on: str) -> None:
    async with (
        fake_hook_server(tmp_path / "proxy.sock") as server,
        web_in(tmp_path, url="https://example.org/chat/") as web,
        web.browser.post(web.at(f"{passed_on}/hook/{CODE}"), data="x") as response,
    ):
        assert response.status == 200
    assert len(server.posts) == 1


@pytest.mark.parametrize(
    ("error", "status", "retry"),
    [
        (m.Error(Code.TOO_FAST, "Wait a moment.", None, 1.2), 429, "2"),
        (m.Error(Code.NOT_A_MEMBER, "You're not in this room."), 400, None),
        (m.Error(Code.TOO_LONG, "Too long."), 413, None),
        (m.Error(Code.INTERNAL, "Not stored.", None, 5.0), 503, "5"),
        (m.Error(Code.SHUTTING_DOWN, "The server is shutting down."), 503, None),
    ],
)
async def test_a_refusal_is_told_in_terms_of_http(
    hook: Hook, error: m.Error, status: int, retry: str | None
) -> None:
    hook.server.refusals = [error]

    async with hook.web.browser.post(hook.web.at(f"/hook/{CODE}"), data="x") as response:
        assert response.status == status
        assert response.headers.get("Retry-After") == retry
        assert await response.text() == f"{error.message}\n"


async def test_an_upload_waits_while_the_server_says_so(hook: Hook) -> None:
    hook.server.refusals = [m.Error(Code.TOO_FAST, "Wait.", None, 0.01)]
    data = form()
    data.add_field("file", b"late", filename="a")

    assert await hook.post(data) == (200, "Posted.\n")
    assert hook.server.received == {1: b"late"}


async def test_files_that_are_refused_with_their_message_are_not_kept(hook: Hook) -> None:
    hook.server.refusals = [m.Error(Code.TOO_FAST, "Wait a moment.", None, 1.2)]
    data = form()
    data.add_field("file", b"", filename="a")
    data.add_field("file", b"", filename="b")

    assert (await hook.post(data))[0] == 429

    assert len(hook.server.uploads) == 2
    assert hook.server.unsent == set()


async def test_the_same_file_again_is_sent_once(hook: Hook) -> None:
    data = form()
    data.add_field("a", b"picture", filename="a.png")
    data.add_field("b", b"picture", filename="a.png")

    assert await hook.post(data) == (200, "Posted.\n")
    assert hook.server.posts[0].files == (1,)


async def test_the_same_file_in_several_messages_at_once_is_in_each(hook: Hook) -> None:
    async def post() -> tuple[int, str]:
        data = form()
        data.add_field("file", bytes(99_999), filename="camera.jpg")
        return await hook.post(data)

    answers = await asyncio.gather(post(), post(), post())

    assert set(answers) == {(200, "Posted.\n")}
    assert sorted(post.files for post in hook.server.posts) == [(1,), (2,), (3,)]


async def test_files_of_a_request_that_is_repeated_are_not_kept(hook: Hook) -> None:
    for _ in range(2):
        data = form()
        data.add_field("file", b"once", filename="a")
        assert (await hook.post(data, headers={"Idempotency-Key": "picture-7"}))[0] == 200

    assert len(hook.server.uploads) == 2
    assert hook.server.unsent == set()


@pytest.mark.parametrize(("code", "line"), [(CODE, b"100 Continue"), ("wrong", b"404")])
async def test_a_program_that_asks_first_may_send_the_rest_if_its_code_is_good(
    hook: Hook, code: str, line: bytes
) -> None:
    reader, writer = await hook.web.connection()
    head = f"POST /hook/{code} HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n"
    writer.write(f"{head}Expect: 100-continue\r\n\r\n".encode())

    assert line in await reader.readline()
    if code == CODE:
        assert await reader.readline() == b"\r\n"
        writer.write(b"done")
        assert b"200 OK" in await reader.readline()
        assert hook.texts == ["done"]


async def test_a_request_that_is_repeated_is_one_message(hook: Hook) -> None:
    for key in ("build-7", "build-7", None, None):
        assert await hook.post("x", headers={"Idempotency-Key": key} if key else {}) == (
            200,
            "Posted.\n",
        )

    assert len({post.nonce for post in hook.server.posts}) == len(hook.server.posts) == 3


async def test_what_names_a_request_may_be_any_bytes(hook: Hook) -> None:
    head = f"POST /hook/{CODE} HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n".encode()
    for _ in range(2):
        reader, writer = await hook.web.connection()
        writer.write(head + b"Idempotency-Key: \xff\xfe\r\n\r\nx")
        assert b"200 OK" in await reader.readline()

    assert hook.texts == ["x"]


async def test_without_a_server_programs_are_told_to_try_again(tmp_path: Path) -> None:
    async with web_in(tmp_path) as web, web.browser.post(web.at("/hook/x"), data="x") as response:
        assert response.status == 503
        assert response.headers["Retry-After"] == "5"


async def begin(hook: Hook, code: str = CODE) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open a request that does not go on, once the server has been asked about its code."""
    asked = len(hook.server.addresses)
    reader, writer = await hook.web.connection()
    writer.write(f"POST /hook/{code} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n".encode())
    await hook.server.wait_asked(asked + 1)
    return reader, writer


async def test_one_hook_does_not_keep_the_others_busy(hook: Hook) -> None:
    waiting = [await begin(hook) for _ in range(hook_posts.MAX_BY_CODE)]

    assert (await hook.post("x"))[0] == 503
    assert (await hook.post("x", code=OTHER_CODE))[0] == 200

    for reader, writer in waiting:
        writer.write(b"done done")
        assert b"200" in await reader.readline()
    assert (await hook.post("x"))[0] == 200


async def test_all_hooks_together_have_few_requests_at_a_time(
    hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hook_posts, "MAX_AT_ONCE", 2)
    await begin(hook)
    await begin(hook, OTHER_CODE)

    assert (await hook.post("x"))[0] == 503


async def test_who_sends_too_much_at_once_costs_the_server_nothing(hook: Hook) -> None:
    for _ in range(hook_posts.MAX_BY_CODE):
        await begin(hook)

    assert (await hook.post("x"))[0] == 503
    assert len(hook.server.addresses) == hook_posts.MAX_BY_CODE


async def test_strangers_do_not_keep_hooks_busy(
    hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hook_posts, "MAX_AT_ONCE", 1)
    hook.server.stalls = "wrong"
    reader, _ = await begin(hook, "wrong")

    assert (await hook.post("x"))[0] == 200

    hook.server.goes_on.set()
    assert b"404" in await reader.readline()


async def test_a_request_that_does_not_go_on_ends(
    hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, _ = await begin(hook)

    later = hook_posts.POST_WITHIN
    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: monotonic() + later)

    assert b"408" in await reader.readline()


async def test_a_hook_is_opened_once_for_a_message(hook: Hook) -> None:
    assert (await hook.post("x"))[0] == 200
    assert len(hook.server.addresses) == 1


async def test_the_server_waits_for_a_program_that_is_slow(
    hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_link, "PING_INTERVAL", 0.01)
    reader, writer = await begin(hook)
    await hook.server.wait_pinged(3)

    writer.write(b"done done")

    assert b"200" in await reader.readline()


async def test_a_program_is_not_listened_to_once_the_server_is_gone(
    hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_link, "PING_INTERVAL", 0.01)
    reader, _ = await begin(hook)
    await hook.server.wait_pinged(1)

    hook.server.disconnect_all()

    assert b"503" in await reader.readline()


async def test_too_large_files_together_are_told(
    hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hook_spool, "MAX_SPOOLED_BY_CODE", 100_000)
    data = form()
    for name in "abc":
        data.add_field("file", bytes(40_000), filename=name)

    assert await hook.post(data) == (413, "Files can have at most 0.1 MB together here.\n")


async def test_the_server_hears_where_a_program_is(tmp_path: Path) -> None:
    async with (
        fake_hook_server(tmp_path / "proxy.sock") as server,
        web_in(tmp_path, trusted=["127.0.0.1"]) as web,
    ):
        headers = {"X-Forwarded-For": "203.0.113.7"}
        async with web.browser.post(web.at(f"/hook/{CODE}"), data="x", headers=headers) as response:
            assert response.status == 200
    assert set(server.addresses) == {"203.0.113.7"}
