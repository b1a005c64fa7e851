"""Our server without its search index, for comparison."""

from pathlib import Path

import trio

from chat_server.cli import main
from chat_server.messages.search import Search


async def _do_nothing(_search: Search, _path: Path, _messages: Path) -> None:
    await trio.sleep_forever()


if __name__ == "__main__":
    setattr(Search, "run", _do_nothing)  # noqa: B010 - no method is assigned to otherwise
    main()
