"""What a program sends to a hook: text, JSON as for Slack, or a form with files."""

from dataclasses import dataclass, field
from typing import Final

from aiohttp import web

from chat_shared.limits import MAX_FILES, MAX_TEXT
from chat_shared.text import clean
from chat_tui.gateway.web.form_data import UNREADABLE, BadForm, FormData, Part
from chat_tui.gateway.web.hook_refusal import HOW, HookRefusal
from chat_tui.gateway.web.hook_spool import Share, SpooledFile
from chat_tui.gateway.web.hook_texts import (
    JSON_FIELDS,
    TEXT_FIELDS,
    text_in_fields,
    text_in_json,
    text_of,
)

# Bytes of everything but files: the longest text with every character escaped.
MAX_FORM: Final = 12 * MAX_TEXT

_ENCODINGS: Final = ("", "identity", "gzip", "deflate")


@dataclass(slots=True)
class Content:
    """A text and files to post."""

    text: str = ""
    files: list[SpooledFile] = field(default_factory=list)


async def read_content(request: web.BaseRequest, max_file: int, share: Share) -> Content:
    """Return what `request` sends; its files, of at most `max_file` bytes, are in `share`.

    Raises HookRefusal.
    """
    try:
        content = await _read(request, max_file, share)
    except web.RequestPayloadError:
        sentence = "What was sent is not in the encoding that it names."
        raise HookRefusal(400, sentence) from None
    content.text = clean(content.text).strip()
    if not content.text and not content.files:
        raise HookRefusal(400, f"There is nothing to post. {HOW}")
    return content


async def _read(request: web.BaseRequest, max_file: int, share: Share) -> Content:
    if request.headers.get("Content-Encoding", "").lower() not in _ENCODINGS:
        raise HookRefusal(415, f"A hook takes gzip and deflate, and no other encoding. {HOW}")
    kind = request.content_type if "Content-Type" in request.headers else "text/plain"
    charset = request.charset or ""
    if kind == "multipart/form-data":
        return await _Form(max_file, share).read(request)
    if kind == "application/json":
        return Content(text_in_json(await _read_body(request), charset))
    if kind == "application/x-www-form-urlencoded":
        return Content(text_in_fields(await _read_body(request), charset))
    if kind.startswith("text/"):
        return Content(text_of(await _read_body(request), charset))
    raise HookRefusal(415, f"A hook takes no {kind}. {HOW}")


async def _read_body(request: web.BaseRequest) -> bytes:
    body = b""
    async for data in request.content.iter_any():
        body += data
        if len(body) > MAX_FORM:
            raise _too_long()
    return body


class _Form:
    """A form that is being read."""

    def __init__(self, max_file: int, share: Share) -> None:
        self._max_file = max_file
        self._share = share
        self._content = Content()
        self._part = Part("", "", "")
        self._value = bytearray()  # of the part, if it is no file
        self._left = MAX_FORM  # bytes of such parts that may still follow

    async def read(self, request: web.BaseRequest) -> Content:
        """Return the text and the files of the form. Raises HookRefusal."""
        try:
            form = FormData(request.headers["Content-Type"])
            await self._read(request, form)
        except BadForm as exc:
            raise HookRefusal(400, f"{exc} {HOW}") from None
        return self._content

    async def _read(self, request: web.BaseRequest, form: FormData) -> None:
        async for data in request.content.iter_any():
            form.receive(data)
            while (event := form.next_event()) is not None:
                if isinstance(event, Part):
                    await self._end_part()
                    self._begin_part(event)
                else:
                    await self._take(event)
            if form.is_whole:
                await self._end_part()
                return
        raise BadForm(UNREADABLE)

    def _begin_part(self, part: Part) -> None:
        self._part = part
        if part.file_name:
            if len(self._content.files) == MAX_FILES:
                raise HookRefusal(413, f"A message can have at most {MAX_FILES} files.")
            self._content.files.append(self._share.new_file(part.file_name, self._max_file))

    async def _take(self, data: bytes) -> None:
        if self._part.file_name:
            await self._content.files[-1].write(data)
            return
        self._value += data
        self._left -= len(data)
        if self._left < 0:
            raise _too_long()

    async def _end_part(self) -> None:
        part, value = self._part, bytes(self._value)
        self._value.clear()
        if part.file_name:
            await self._content.files[-1].flush()
        elif part.name in TEXT_FIELDS:
            self._content.text = text_of(value, part.charset)
        elif part.name in JSON_FIELDS:
            self._content.text = text_in_json(value, part.charset)


def _too_long() -> HookRefusal:
    return HookRefusal(413, f"A message can have at most {MAX_TEXT:,} characters.")
