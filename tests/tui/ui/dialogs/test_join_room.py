import pytest

from chat_tui.model.address import Address, Invitation
from chat_tui.ui.dialogs.join_room import JoinRoom, invitation_in
from chat_tui.ui.widgets.field import Field
from support.fake_server import FakeServer
from support.tui_chat import chatting, fake_with

pytestmark = pytest.mark.asyncio


def kitchen() -> FakeServer:
    fake = FakeServer()
    fake.room("kitchen", "k7qm-2vxh-9rtd")
    return fake


async def test_name_and_password_join_the_room() -> None:
    async with chatting(kitchen()) as running:
        await running.press("ctrl+g")
        await running.sees("Join a room")
        await running.enter("kitchen")
        await running.write("k7qm")
        await running.sees("••••")
        assert "k7qm" not in running.text().replace("such as k7qm-2vxh-9rtd", "")
        await running.enter("-2vxh-9rtd")

        await running.sees("Message kitchen")


async def test_a_pasted_link_with_an_invitation_joins_by_its_code() -> None:
    fake = fake_with("kitchen")
    del fake.rooms["kitchen"].members["ada"]
    fake.extras.invites.append(("x0vb-61tq-jj5e", "kitchen", "linus"))
    async with chatting(fake) as running:
        await running.press("ctrl+g")
        await running.sees("Join a room")
        running.paste("chat://test.example:7667/kitchen#join-x0vb-61tq-jj5e")
        await running.press("enter")

        await running.sees("Message kitchen")


async def test_a_wrong_password_is_reported_and_the_values_stay() -> None:
    async with chatting(kitchen()) as running:
        await running.press("ctrl+g")
        await running.sees("Join a room")
        await running.enter("kitchen")
        await running.enter("wrong")

        await running.sees("There is no such room, or not with this.")
        fields = running.app.screen.query(Field)
        assert [field.value for field in fields] == ["kitchen", "wrong"]


@pytest.mark.parametrize(
    "pasted",
    ["/join kitchen k7qm-2vxh-9rtd", "chat://test.example:7667/kitchen#k7qm-2vxh-9rtd"],
)
async def test_a_pasted_invitation_fills_both_fields(pasted: str) -> None:
    async with chatting(kitchen()) as running:
        await running.press("ctrl+g")
        await running.sees("Join a room")
        running.paste(pasted)
        await running.until(
            lambda: (
                [f.value for f in running.app.screen.query(Field)] == ["kitchen", "k7qm-2vxh-9rtd"]
            )
        )
        await running.press("enter")

        await running.sees("Message kitchen")


async def test_offline_the_dialog_says_so_and_stays() -> None:
    async with chatting(kitchen()) as running:
        await running.press("ctrl+g")
        await running.sees("Join a room")
        running.client.cut()
        running.paste("/join kitchen k7qm-2vxh-9rtd")
        await running.press("enter")

        await running.sees("You're offline.")
        assert isinstance(running.app.screen, JoinRoom)


async def test_a_member_needs_no_password() -> None:
    fake = kitchen()
    fake.account("ada")
    fake.rooms["kitchen"].members["ada"] = "ada"
    async with chatting(fake) as running:
        await running.press("ctrl+g")
        await running.sees("Join a room")
        await running.enter("kitchen")
        await running.press("enter")

        await running.sees("Message kitchen")


@pytest.mark.parametrize(
    ("text", "invitation"),
    [
        ("/join kitchen pw", Invitation(Address(), "kitchen", "pw")),
        ("chat://host/kitchen#pw", Invitation(Address("host"), "kitchen", "pw")),
        ("chat://host/kitchen", Invitation(Address("host"), "kitchen")),
        ("chat://host", None),
        ("chat://host:99999/x", None),
        ("kitchen", None),
        ("/join kitchen", None),
        ("", None),
    ],
)
async def test_an_invitation_is_found_in(text: str, invitation: Invitation | None) -> None:
    assert invitation_in(text) == invitation
