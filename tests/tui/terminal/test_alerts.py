import pytest

from chat_tui.terminal.alerts import Terminal, Way

HOSTILE = "a\x1b]52;c;eA==\x07\x9cb\nc\u202e"


def terminal(**environ: str) -> tuple[Terminal, list[str]]:
    written: list[str] = []
    return Terminal(written.append, environ), written


def test_the_title_is_written_once_and_the_old_one_is_restored() -> None:
    window, written = terminal()
    window.title("(@2) Trialogue")
    window.title("(@2) Trialogue")
    window.title("Trialogue")
    window.restore()
    window.restore()

    assert written == [
        "\x1b[22;2t",
        "\x1b]2;(@2) Trialogue\x1b\\",
        "\x1b]2;Trialogue\x1b\\",
        "\x1b[23;2t",
    ]


def test_another_window_gets_the_title_as_well() -> None:
    window, written = terminal()
    window.begin_again()
    window.title("Trialogue")
    window.begin_again()

    assert written == ["\x1b[22;2t", "\x1b]2;Trialogue\x1b\\"] * 2


def test_a_title_that_was_never_changed_is_left_alone() -> None:
    window, written = terminal()
    window.restore()

    assert written == []


@pytest.mark.parametrize(
    ("way", "sequence"),
    [
        ("bell", "\a"),
        ("osc9", "\x1b]9;Trialogue: 4;1\x1b\\"),
        ("osc777", "\x1b]777;notify;Trialogue;4,1\x1b\\"),
    ],
)
def test_a_notification_uses_the_chosen_sequence(way: Way, sequence: str) -> None:
    window, written = terminal()
    window.notify(way, "4;1")

    assert written == [sequence]


def test_notifications_can_be_off() -> None:
    window, written = terminal()
    window.notify("off", "hi")

    assert written == []


def test_tmux_passes_a_notification_on() -> None:
    window, written = terminal(TMUX="/tmp/tmux-1000/default,1,0")
    window.notify("osc9", "hi")
    window.notify("bell", "hi")

    assert written == ["\x1bPtmux;\x1b\x1b]9;Trialogue: hi\x1b\x1b\\\x1b\\", "\a"]


@pytest.mark.parametrize("way", ["osc9", "osc777", "title"])
def test_text_of_others_neither_ends_nor_begins_a_sequence(way: Way) -> None:
    window, written = terminal()
    if way == "title":  # type: ignore[comparison-overlap]
        window.title(HOSTILE)
    else:
        window.notify(way, HOSTILE)

    inside = written[-1].removeprefix("\x1b]").removesuffix("\x1b\\")
    assert inside.isprintable()
    assert "a␛]52" in inside
    assert "eA==␇" in inside


def test_a_long_message_is_cut() -> None:
    window, written = terminal()
    window.notify("osc9", "x" * 5_000)

    assert len(written[0]) < 250
