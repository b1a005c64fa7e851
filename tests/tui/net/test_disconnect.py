from chat_shared import messages as m
from chat_tui.net.disconnect import Ending


def test_only_a_session_that_is_gone_is_final() -> None:
    assert Ending("Gone.", m.Error("bad_token", "Gone.", 1)).is_final
    assert not Ending("Full.", m.Error("server_full", "Full.", 1)).is_final
    assert not Ending("The server closed the connection.").is_final


def test_the_servers_wish_to_wait_is_kept() -> None:
    assert Ending("Full.", m.Error("server_full", "Full.", 1, retry_after=2.5)).retry_after == 2.5
    assert Ending("Full.", m.Error("server_full", "Full.", 1)).retry_after == 0
    assert (Ending("Cut.").retry_after, Ending("Cut.").code) == (0, "")
