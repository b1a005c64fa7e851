from chat_shared import messages as m
from chat_tui.commands.devices import device_name
from support.fake_server import AT


def info(client: str, address: str) -> m.SessionInfo:
    return m.SessionInfo("1f0a77c3b2", AT, AT, current=False, client=client, address=address)


def test_a_device_is_named_by_what_it_calls_itself_and_where_it_was() -> None:
    assert device_name(info("chat-tui 1 on Linux", "192.0.2.7")) == "chat-tui 1 on Linux, 192.0.2.7"
    assert device_name(info("chat-tui 1 on Linux", "")) == "chat-tui 1 on Linux"
    assert device_name(info(" ", "192.0.2.7")) == "Device 1f0a77c3b2, 192.0.2.7"
    assert device_name(info("\x1b[2J", "\u202e")) == "␛[2J, \ufffd"
