"""What a program sends to a hook: text, JSON as for Slack, or a form with files."""

import hashlib
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import IO, Any, Final
from urllib.parse import parse_qs

import msgspec
from aiohttp import BodyPartReader, web

from chat_shared.limits import MAX_FILES, MAX_TEXT
from chat_shared.text import clean

# Bytes of everything but files: the longest text with every character escaped.
MAX_FORM: Final = 12 * MAX_TEXT

_MEMORY: Final = 256 * 1024  # bytes of a file that are not on the disk

_HOW: Final = (
    "Send text (curl -d 'done' URL), JSON with \"text\", or a form with files "
    "(curl -F file=@report.pdf URL).\n"
)
# Of several names for the same thing, those that other chats have made common.
_TEXT_FIELDS: Final = ("text", "content")
_JSON_FIELDS: Final = ("payload", "payload_json")


class BadContent(Exception):
    """The request cannot be posted; the message says why."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file of the request, kept until it is uploaded."""

    name: str
    size: int  # bytes
    sha256: str
    content: IO[bytes]


@dataclass(slots=True)
class Content:
    """A text and files to post."""

    text: str = ""
    files: list[SentFile] = field(default_factory=list)


async def read_content(request: web.BaseRequest, max_file: int, stack: ExitStack) -> Content:
    """Return what `request` sends; its files, of at most `max_file` bytes, are closed by `stack`.

    Raises BadContent.
    """
    try:
        content = await _read(request, max_file, stack)
    except web.RequestPayloadError:
        raise BadContent(400, "What was sent is not in the encoding that it names.\n") from None
    content.text = clean(content.text).strip()
    if not content.text and not content.files:
        raise BadContent(400, f"There is nothing to post. {_HOW}")
    return content


async def _read(request: web.BaseRequest, max_file: int, stack: ExitStack) -> Content:
    kind = request.content_type if "Content-Type" in request.headers else "text/plain"
    if kind == "multipart/form-data":
        return await _read_form(request, max_file, stack)
    if kind == "application/json":
        return Content(_text_in_json(await _read_body(request)))
    if kind == "application/x-www-form-urlencoded":
        return Content(_text_in_fields(_decoded(await _read_body(request))))
    if kind.startswith("text/"):
        return Content(_decoded(await _read_body(request)))
    raise BadContent(415, f"A hook takes no {kind}. {_HOW}")


async def _read_body(request: web.BaseRequest) -> bytes:
    body = b""
    async for data in request.content.iter_any():
        body += data
        if len(body) > MAX_FORM:
            raise _too_long()
    return body


async def _read_form(request: web.BaseRequest, max_file: int, stack: ExitStack) -> Content:
    content, left = Content(), MAX_FORM
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader):
                raise BadContent(400, f"A part of this form has parts. {_HOW}")
            if part.filename:
                if len(content.files) == MAX_FILES:
                    raise BadContent(413, f"A message can have at most {MAX_FILES} files.\n")
                content.files.append(await _read_file(part, part.filename, max_file, stack))
                continue
            value = await _read_part(part, left)
            left -= len(value)
            if part.name in _TEXT_FIELDS:
                content.text = _decoded(value)
            elif part.name in _JSON_FIELDS:
                content.text = _text_in_json(value)
    except (ValueError, EOFError):  # as the library says that it is no form
        raise BadContent(400, f"This form can't be read. {_HOW}") from None
    return content


async def _read_part(part: BodyPartReader, most: int) -> bytes:
    value = b""
    while data := await part.read_chunk():
        value += data
        if len(value) > most:
            raise _too_long()
    return value


async def _read_file(part: BodyPartReader, name: str, max_file: int, stack: ExitStack) -> SentFile:
    content = stack.enter_context(tempfile.SpooledTemporaryFile(_MEMORY))  # noqa: SIM115
    digest, size = hashlib.sha256(), 0
    while data := await part.read_chunk():
        size += len(data)
        if size > max_file:
            raise _too_large(max_file)
        digest.update(data)
        content.write(data)
    content.seek(0)
    return SentFile(name, size, digest.hexdigest(), content)


def _text_in_fields(body: str) -> str:
    """Return the text of a form without files, which is what `curl -d` says it sends."""
    fields = parse_qs(body) if "=" in body else {}
    for name in _JSON_FIELDS:
        if name in fields:
            return _text_in_json(fields[name][0].encode())
    for name in _TEXT_FIELDS:
        if name in fields:
            return fields[name][0]
    return body


def _text_in_json(body: bytes) -> str:
    try:
        fields: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise BadContent(400, f"This isn't JSON. {_HOW}") from None
    texts = [fields.get(name) for name in _TEXT_FIELDS] if isinstance(fields, dict) else []
    text = next((text for text in texts if isinstance(text, str)), None)
    if text is None:
        raise BadContent(400, f'This JSON has no "text". {_HOW}')
    return text


def _decoded(body: bytes) -> str:
    return body.decode(errors="replace")


def _too_long() -> BadContent:
    return BadContent(413, f"A message can have at most {MAX_TEXT:,} characters.\n")


def _too_large(max_file: int) -> BadContent:
    if not max_file:
        return BadContent(413, "This server takes no files.\n")
    return BadContent(413, f"A file can have at most {max_file / 1e6:g} MB here.\n")
