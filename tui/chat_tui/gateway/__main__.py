"""The command `python -m chat_tui.gateway`, which `chat-server` runs for its ssh:// addresses."""

from chat_tui.gateway.cli import main

main()
