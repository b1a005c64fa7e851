"""Lines of JSON: the room, then each message as `history` has it, changes to messages included."""

from typing import Any, Final

import msgspec

from chat_shared.export.room import ExportedRoom, path_of
from chat_shared.messages import Line

_encoder: Final = msgspec.json.Encoder()


class JsonLinesWriter:
    def __init__(self, room: ExportedRoom) -> None:
        self._room = room

    def begin(self) -> str:
        room = self._room
        return _json_line(
            {"room": room.name, "topic": room.topic, "owner": room.owner, "exported": room.at}
        )

    def message(self, line: Line) -> str:
        fields: dict[str, Any] = msgspec.to_builtins(line)
        if self._room.has_files:
            for file, described in zip(line.files, fields.get("files", ()), strict=True):
                described["path"] = path_of(line, file)
        return _json_line(fields)

    def end(self) -> str:
        return ""


def _json_line(fields: dict[str, Any]) -> str:
    return _encoder.encode(fields).decode() + "\n"
