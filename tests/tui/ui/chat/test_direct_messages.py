"""/msg: direct messages."""

import pytest

from support.tui_chat import chatting, fake_with, open_room, posted_texts

pytestmark = pytest.mark.asyncio


async def test_msg_opens_the_conversation_and_sends_the_text_there() -> None:
    fake = fake_with()
    async with chatting(fake) as running:
        await running.enter("/msg @Linus are you there?")

        await running.sees("Message linus")
        await running.until(lambda: posted_texts(fake, "@ada-linus") == ["are you there?"])
        await running.enter("/msg linus again")
        await running.until(lambda: posted_texts(fake, "@ada-linus") == ["are you there?", "again"])


async def test_msg_with_a_name_alone_opens_the_conversation() -> None:
    async with chatting(fake_with()) as running:
        await running.enter("/msg linus")

        await running.sees("Message linus")


async def test_a_direct_message_to_an_unknown_name_stays_in_the_composer() -> None:
    async with chatting(fake_with()) as running:
        await running.enter("/msg zoe are you there?")
        await running.sees("Nobody here has this name.")

        await running.until(lambda: running.typed == "/msg zoe are you there?")


async def test_an_existing_conversation_takes_direct_messages_while_offline() -> None:
    fake = fake_with()
    fake.room("@ada-linus", "", "ada", "linus")
    async with chatting(fake) as running:
        running.client.cut()
        await running.enter("/msg linus are you there?")
        await running.sees("Message linus")
        await running.sees("are you there?")
        running.client.reconnect()

        await running.until(lambda: posted_texts(fake, "@ada-linus") == ["are you there?"])


async def test_block_and_unblock_are_confirmed() -> None:
    async with chatting(fake_with()) as running:
        await running.enter("/block @linus")
        await running.sees("Blocked linus.")
        await running.enter("/block")
        await running.sees("You have blocked 1 person: linus.")
        await running.enter("/unblock linus")

        await running.sees("Unblocked linus.")


async def test_tab_completes_people_in_other_rooms_and_conversations_by_name() -> None:
    fake = fake_with("attic")
    fake.room("@1-2", "", "ada", "linus")
    fake.rooms["attic"].members.pop("linus", None)
    async with chatting(fake) as running:
        await open_room(running, "attic")
        await running.write("/msg li")
        await running.press("tab")
        await running.until(lambda: running.typed == "/msg linus ")
        await running.press(*["backspace"] * 12)
        await running.write("/go l")
        await running.press("tab")

        await running.until(lambda: running.typed == "/go linus ")
