"""Logging in and out: stored sessions, changed fingerprints, messages left by a crash."""

import threading
from pathlib import Path

import pytest
from textual.widgets import Checkbox

from chat_shared import messages as m
from chat_tui.model.address import Address, Invitation, Place
from chat_tui.model.outbox import Outbox, Status
from chat_tui.net.disconnect import TrustMismatch
from chat_tui.net.events import LogInFailed, SessionEnded, TrustNeeded
from chat_tui.storage.paths import Paths
from chat_tui.storage.settings import Settings, load
from chat_tui.ui.login.screen import LoginScreen
from chat_tui.ui.messages import GoRequested
from chat_tui.ui.widgets.field import Field
from support.fake_server import FakeServer
from support.tui_chat import PASSWORD, Client, chatting, client, fake_with, posted_texts

pytestmark = pytest.mark.asyncio

KNOWN, SHOWN = f"SHA256:{'a' * 64}", f"SHA256:{'b' * 64}"
HOME = Address("test.example")


def kept(folder: Paths) -> bool:
    return folder.tokens.find(HOME.key, "ada") is not None


async def log_in(running: Client, *, keep: bool) -> None:
    running.app.screen.query_one("#keep", Checkbox).value = keep
    await running.enter(PASSWORD)
    await running.sees("Message general")


def resume(running: Client, folder: Paths) -> LoginScreen:
    """Give the form the session of ada, as if a keyring had answered now."""
    form, found = running.app.screen, folder.tokens.find(HOME.key, "")
    assert isinstance(form, LoginScreen)
    assert found is not None
    form.resume(found)
    return form


async def test_with_a_stored_session_no_password_is_asked_for(tmp_path: Path) -> None:
    fake, folder = fake_with(), Paths(tmp_path)
    async with client(fake, folder=folder) as running:
        await log_in(running, keep=True)
        await running.until(lambda: kept(folder))

    async with client(fake, folder=folder) as running:
        await running.sees("Message general")
        await running.enter("here again")
        await running.until(lambda: posted_texts(fake) == ["here again"])

    assert sum(isinstance(request, m.Login) for request in fake.requests) == 1
    assert PASSWORD not in (tmp_path / "sessions.json").read_text()


async def test_without_a_stored_session_the_password_is_asked_for(tmp_path: Path) -> None:
    fake, folder = fake_with(), Paths(tmp_path)
    async with client(fake, folder=folder) as running:
        await log_in(running, keep=True)
        await running.until(lambda: kept(folder))
        await running.enter("/logout")
        await running.sees("Password")
        await running.until(lambda: not kept(folder))
        await log_in(running, keep=False)

    async with client(fake, folder=folder) as running:
        await running.sees("Password")
        assert not kept(folder)


async def test_a_revoked_session_leads_to_the_form_with_the_reason(tmp_path: Path) -> None:
    fake, folder = fake_with(), Paths(tmp_path)
    folder.tokens.keep(HOME.key, "ada", "void")

    async with client(fake, folder=folder) as running:
        await running.sees("This session has ended. Log in again.")
        await running.until(lambda: not kept(folder))
        await running.until(
            lambda: running.app.screen.query_one("#password", Field).input.has_focus
        )
        await log_in(running, keep=True)


async def test_a_stored_session_outlasts_a_server_that_cannot_be_reached(tmp_path: Path) -> None:
    fake, folder = fake_with(), Paths(tmp_path)
    async with client(fake, folder=folder) as running:
        await log_in(running, keep=True)
        await running.until(lambda: kept(folder))

    async with client(fake, Settings("test.example", "")) as running:
        running.client.reachable = False
        resume(running, folder)
        await running.sees("test.example refuses connections.")
        running.client.reachable = True
        await running.press("enter")

        await running.sees("Message general")


async def test_a_token_is_sent_to_no_other_server(tmp_path: Path) -> None:
    fake, folder = fake_with(), Paths(tmp_path)
    folder.tokens.keep(HOME.key, "ada", "t0ken")

    async with client(fake, Settings("test.example", "")) as running:
        running.client.reachable = False
        form = resume(running, folder)
        await running.sees("test.example refuses connections.")
        running.client.reachable = True
        form.query_one("#server", Field).value = "elsewhere.example"
        await running.press("enter")

        await running.until(lambda: form.query_one("#password", Field).input.has_focus)
        assert fake.requests == []


@pytest.mark.parametrize(
    ("field", "text"),
    [("#server", "elsewhere.example"), ("#name", "linus"), ("#password", "half a passw")],
)
async def test_a_stored_session_that_is_found_late_is_not_used_for_what_was_typed_meanwhile(
    tmp_path: Path, field: str, text: str
) -> None:
    fake, folder = fake_with(), Paths(tmp_path)
    folder.tokens.keep(HOME.key, "ada", "t0ken")

    async with client(fake) as running:
        running.app.screen.query_one(field, Field).value = text
        await running.settle()
        form = resume(running, folder)
        await running.settle()

        assert not form.busy
        assert form.query_one(field, Field).value == text
        assert fake.requests == []


class _SlowRing:
    """A keyring that waits for its user before it tells a password."""

    def __init__(self) -> None:
        self.is_asked, self.may_answer = threading.Event(), threading.Event()

    def get_password(self, service_name: str, username: str) -> str | None:
        self.is_asked.set()
        self.may_answer.wait(5)
        return "t0ken"

    def set_password(self, service_name: str, username: str, password: str) -> None: ...
    def delete_password(self, service_name: str, username: str) -> None: ...


async def test_a_stored_session_that_is_found_late_is_not_used_in_the_form_of_another_server(
    tmp_path: Path,
) -> None:
    ring, fake = _SlowRing(), fake_with()
    Paths(tmp_path).tokens.keep(HOME.key, "ada", "")

    async with client(fake, folder=Paths(tmp_path, ring)) as running:
        await running.until(ring.is_asked.is_set)
        running.app.go(GoRequested(Invitation(Address("elsewhere.example"))))
        form = running.app.screen
        assert isinstance(form, LoginScreen)
        ring.may_answer.set()
        await running.app.workers.wait_for_complete()
        await running.settle()

        assert not form.busy
        assert fake.requests == []


async def test_a_local_server_is_not_remembered_as_the_last_used_one(tmp_path: Path) -> None:
    own = Invitation(Address(path="/tmp/own.sock"), local=True)
    path = tmp_path / "settings.json"
    async with client(fake_with(), invitation=own, path=path) as running:
        running.app.screen.query_one("#password", Field).take_focus()
        await running.enter(PASSWORD)
        await running.sees("Message general")
        running.client.deliver(SessionEnded("The server has ended."))
        await running.sees("The server has ended.")
        await running.sees("Your own server on this computer")

    assert load(path) == Settings("test.example", "ada")


async def ask_to_trust(running: Client) -> None:
    """Send the form to a server that has to be confirmed first."""
    running.client.unknown = SHOWN
    await running.enter(PASSWORD)
    await running.sees("First connection to test.example")


async def test_a_first_connection_asks_before_the_password_is_sent(tmp_path: Path) -> None:
    folder, fake = Paths(tmp_path), fake_with()
    async with client(fake, folder=folder) as running:
        await ask_to_trust(running)
        await running.sees(SHOWN)
        await running.sees("known-servers")
        assert not fake.requests

        running.client.unknown = ""
        await running.pilot.click("#connect")
        await running.sees("Message general")
        assert folder.known.find(HOME) == SHOWN


async def test_a_server_that_is_not_trusted_leads_back_to_the_form(tmp_path: Path) -> None:
    folder, fake = Paths(tmp_path), fake_with()
    async with client(fake, folder=folder) as running:
        await ask_to_trust(running)
        await running.press("escape")

        await running.sees("This is the first connection to test.example.")
        assert not fake.requests
        assert not folder.known.find(HOME)
        running.client.unknown = ""
        await running.press("enter")
        await running.sees("Message general")


async def test_a_password_typed_on_behind_the_form_trusts_no_server(tmp_path: Path) -> None:
    folder, fake = Paths(tmp_path), fake_with()
    async with client(fake, folder=folder) as running:
        await ask_to_trust(running)
        await running.press("c", "o", "enter")
        await running.sees("Tab and Enter choose")
        assert not folder.known.find(HOME)


async def test_a_fingerprint_that_cannot_be_saved_is_used_with_a_warning(tmp_path: Path) -> None:
    (tmp_path / "state").symlink_to(tmp_path / "nowhere")
    async with client(fake_with(), folder=Paths(tmp_path / "state")) as running:
        await ask_to_trust(running)
        running.client.unknown = ""
        await running.pilot.click("#connect")
        await running.sees("Message general")
        assert "Can't write" in next(iter(running.app._notifications)).message


async def test_a_changed_fingerprint_is_shown_with_the_old_one_and_enter_does_not_connect(
    tmp_path: Path,
) -> None:
    folder = Paths(tmp_path)
    folder.known.remember(HOME, KNOWN)
    async with client(fake_with(), folder=folder) as running:
        running.client.deliver(LogInFailed("", "test.example shows another fingerprint."))
        running.client.deliver(TrustNeeded(HOME, TrustMismatch(KNOWN, SHOWN)))
        for text in (KNOWN, SHOWN, "Nothing was sent.", "known-servers"):
            await running.sees(text)
        await running.press("enter")

        await running.sees_no(KNOWN)
        assert folder.known.find(HOME) == KNOWN


async def test_the_new_fingerprint_is_trusted_when_that_is_chosen(tmp_path: Path) -> None:
    folder = Paths(tmp_path)
    folder.known.remember(HOME, KNOWN)
    async with client(fake_with(), folder=folder) as running:
        running.client.reachable = False
        await running.enter(PASSWORD)
        await running.sees("test.example refuses connections.")
        running.client.reachable = True
        running.client.deliver(TrustNeeded(HOME, TrustMismatch(KNOWN, SHOWN)))
        await running.sees("Trust the new fingerprint")
        await running.press("tab", "enter")

        await running.sees("Message general")
        assert folder.known.find(HOME) == SHOWN


async def test_a_server_whose_fingerprint_changed_meanwhile_is_resumed_with_the_session(
    tmp_path: Path,
) -> None:
    fake = fake_with()
    async with chatting(fake, folder=Paths(tmp_path)) as running:
        running.client.cut()
        running.client.deliver(SessionEnded("Changed.", token_revoked=False))
        running.client.deliver(TrustNeeded(HOME, TrustMismatch(KNOWN, SHOWN)))
        await running.sees("Trust the new fingerprint")
        await running.press("tab", "enter")

        await running.sees("Message general")
        assert isinstance(fake.requests[-1], m.Request)
        assert sum(isinstance(request, m.Resume) for request in fake.requests) == 1


# --- unsent messages


def leave(folder: Paths, *messages: tuple[str, str], server: str = HOME.key) -> None:
    """Store the unsent messages that a killed client of ada would leave."""
    file, outbox = folder.outbox(server, "ada"), Outbox()
    assert file is not None
    outbox.keep_in(file, [])
    for room, text in messages:
        outbox.add(room, text)
    file.close()


async def test_messages_left_by_a_crash_are_sent_once_before_anything_else(tmp_path: Path) -> None:
    fake, folder = fake_with(), Paths(tmp_path)
    leave(folder, ("general", "one"), ("general", "two"))

    for _ in range(2):
        async with chatting(fake, folder=folder) as running:
            await running.sees("two")
            await running.until(lambda: posted_texts(fake)[:2] == ["one", "two"])
            await running.enter("three")
            await running.until(lambda: posted_texts(fake)[-1] == "three")

    assert posted_texts(fake) == ["one", "two", "three", "three"]


async def test_a_message_for_a_room_that_was_left_is_reported_and_not_sent(tmp_path: Path) -> None:
    fake, folder = fake_with(), Paths(tmp_path)
    leave(folder, ("attic", "anybody?"), ("@1-2", "psst"))

    async with chatting(fake, folder=folder) as running:
        await running.sees("you're no longer in attic")
        await running.sees("this conversation is closed")
        assert "@1-2" not in running.text()

    assert fake.posts() == []
    async with chatting(fake, folder=folder) as running:
        await running.pilot.pause()
        assert "attic" not in running.text()


async def test_messages_for_another_server_or_account_stay_stored(tmp_path: Path) -> None:
    fake, folder = fake_with(), Paths(tmp_path)
    leave(folder, ("general", "elsewhere"), server="other.example:7667")

    async with chatting(fake, folder=folder) as running:
        await running.enter("here")
        await running.until(lambda: posted_texts(fake) == ["here"])


async def test_messages_unsent_at_the_end_are_sent_at_the_next_start(tmp_path: Path) -> None:
    fake, folder = fake_with(), Paths(tmp_path)
    async with chatting(fake, folder=folder) as running:
        running.client.cut()
        await running.enter("later")
        await running.press("ctrl+q")
        await running.sees("1 message has not been sent. It will be sent")
        await running.press("y")

    async with chatting(fake, folder=folder) as running:
        await running.until(lambda: posted_texts(fake) == ["later"])


async def test_another_server_with_an_account_of_the_same_name_receives_nothing(
    tmp_path: Path,
) -> None:
    fake, folder = fake_with(), Paths(tmp_path)
    async with chatting(fake, folder=folder) as running:
        running.client.cut()
        await running.enter("a secret of test.example")
        await running.sees("queued")
        running.client.deliver(SessionEnded("Ended.", token_revoked=False))
        await running.sees("Password")
        running.app.screen.query_one("#server", Field).value = "other.example"
        await running.enter(PASSWORD)
        await running.sees("Message general")
        await running.enter("hello")
        await running.until(lambda: posted_texts(fake) == ["hello"])
        assert "a secret" not in running.text()
        assert running.app.state.outbox.count(Status.QUEUED) == 0

    left = folder.outbox(HOME.key, "ada")
    assert left is not None
    assert [unsent.text for unsent in left.take_over()] == ["a secret of test.example"]
    left.close()


async def test_a_disk_that_cannot_store_messages_is_reported_once(tmp_path: Path) -> None:
    (tmp_path / "unsent").write_text("")
    fake = fake_with()
    async with chatting(fake, folder=Paths(tmp_path)) as running:
        await running.enter("all the same")

        await running.sees("Unsent messages can't be stored")
        await running.until(lambda: posted_texts(fake) == ["all the same"])


# --- an invitation to another server


async def test_a_link_to_another_server_disconnects_here_and_connects_there() -> None:
    fake = FakeServer()
    fake.account("ada")
    fake.room("cellar", "pw")
    async with chatting(fake) as running:
        await running.press("ctrl+g")
        await running.sees("Join a room")
        running.paste("chat://pasta.example:1/cellar#pw")
        await running.sees("This room is on pasta.example:1.")
        await running.press("enter")
        await running.sees("pasta.example:1")
        await running.enter(PASSWORD)

        await running.sees("Message cellar")
        assert running.client._address == Address("pasta.example", 1)


async def test_a_link_to_the_same_server_by_another_name_keeps_the_connection() -> None:
    fake = FakeServer()
    fake.account("ada")
    fake.room("cellar", "pw")
    async with client(fake) as running:
        running.client.place = Place(HOME, encrypted=True, fingerprint=SHOWN)
        await running.enter(PASSWORD)
        await running.sees("Message general")
        await running.press("ctrl+g")
        await running.sees("Join a room")
        running.paste(f"chat://192.0.2.7/cellar?fp={SHOWN}#pw")
        await running.press("enter")

        await running.sees("Message cellar")
