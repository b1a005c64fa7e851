from chat_shared import messages as m
from chat_tui.net.disconnect import Disconnect


def test_only_a_session_that_is_gone_is_final() -> None:
    assert Disconnect("Gone.", m.Error("bad_token", "Gone.", 1)).is_final
    assert not Disconnect("Full.", m.Error("server_full", "Full.", 1)).is_final
    assert not Disconnect("The server closed the connection.").is_final


def test_the_servers_wish_to_wait_is_kept() -> None:
    assert (
        Disconnect("Full.", m.Error("server_full", "Full.", 1, retry_after=2.5)).retry_after == 2.5
    )
    assert Disconnect("Full.", m.Error("server_full", "Full.", 1)).retry_after == 0
    assert (Disconnect("Cut.").retry_after, Disconnect("Cut.").code) == (0, "")
