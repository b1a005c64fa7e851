"""Where the text of a message is in what programs send."""

import json
from typing import Any, Final
from urllib.parse import parse_qs

import msgspec

from chat_tui.gateway.web.charsets import UnknownCharset, codec_of, decode
from chat_tui.gateway.web.hook_refusal import HOW, HookRefusal

# Of several names for the same thing, those that other chats have made common.
TEXT_FIELDS: Final = ("text", "content")
JSON_FIELDS: Final = ("payload", "payload_json")


def text_of(body: bytes, charset: str) -> str:
    """Return a text that is sent as it is. Raises HookRefusal."""
    try:
        return decode(body, charset)
    except UnknownCharset:
        raise _unknown(charset) from None


def text_in_json(body: bytes, charset: str) -> str:
    """Return the text in JSON, of which a charset need not be named. Raises HookRefusal."""
    try:
        codec = codec_of(charset) if charset else json.detect_encoding(body)
        fields: Any = msgspec.json.decode(body.decode(codec).removeprefix("\ufeff"))
    except UnknownCharset:
        raise _unknown(charset) from None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise HookRefusal(400, f"This isn't JSON. {HOW}") from None
    texts = [fields.get(name) for name in TEXT_FIELDS] if isinstance(fields, dict) else []
    text = next((text for text in texts if isinstance(text, str)), None)
    if text is None:
        raise HookRefusal(400, f'This JSON has no "text". {HOW}')
    return text


def text_in_fields(body: bytes, charset: str) -> str:
    """Return the text of a form without files, which is what `curl -d` says it sends.

    Raises HookRefusal.
    """
    text = text_of(body, charset)
    fields = parse_qs(text, encoding=codec_of(charset)) if "=" in text else {}
    for name in JSON_FIELDS:
        if name in fields:
            return text_in_json(fields[name][-1].encode(), "")
    for name in TEXT_FIELDS:
        if name in fields:
            return fields[name][-1]
    return text


def _unknown(charset: str) -> HookRefusal:
    return HookRefusal(415, f"The charset {charset[:40]} isn't known here. Send UTF-8.")
