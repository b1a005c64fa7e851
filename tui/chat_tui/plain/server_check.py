"""Finds out who a server is before anything is asked that is meant for it alone.

At the first connection to a server that no authority vouches for, a person compares its
fingerprint. A script cannot, and so must name it in the link.
"""

from chat_shared.links import JoinLink
from chat_shared.text import clean
from chat_tui.model.address import Address, Invitation
from chat_tui.net.connect import NotConnected, UnverifiedServer, connect
from chat_tui.plain.console import Console, Interrupted
from chat_tui.plain.gave_up import GaveUp
from chat_tui.storage.known_servers import KnownServers, UnusableFile


async def check_server(console: Console, known: KnownServers, to: Invitation) -> None:
    """Return once it is settled that the server may be trusted. Raises GaveUp."""
    if to.address.path:  # a socket on this computer; it may yet have to be started
        return
    try:
        transport = await connect(to.address, known, to.fingerprint, alts=to.alts)
    except UnverifiedServer as exc:
        await _ask(console, known, to.address, exc)
    except NotConnected as exc:
        raise GaveUp(clean(str(exc))) from None
    else:
        transport.writer.close()


async def _ask(
    console: Console, known: KnownServers, address: Address, server: UnverifiedServer
) -> None:
    """Let a person confirm a server that is not known yet."""
    mismatch = server.mismatch
    advice = mismatch.advice(address, known.path)
    if mismatch.known:
        raise GaveUp(clean(f"{server} {advice}"))
    if not console.has_person:
        raise GaveUp(clean(f"{server} {advice} {how_to_confirm(address, mismatch.shown)}"))
    console.write(clean(f"{mismatch.sentence(address)} {advice}"))
    if not await _confirms(console):
        raise GaveUp("Not connected. Nothing was sent.")
    try:
        known.remember(address, mismatch.shown)
    except UnusableFile as exc:  # what this run has seen holds all the same
        console.write(clean(str(exc)))


def how_to_confirm(address: Address, fingerprint: str) -> str:
    """Return how a script gets to a server that is not known on this computer."""
    link = JoinLink(address.host, address.port, "", fingerprint, "")
    return f"To trust it, connect once with chat-tui {address}, or use the link {link}"


async def _confirms(console: Console) -> bool:
    try:
        answer = await console.read("Connect? [y/N] ")
    except Interrupted:
        return False
    return (answer or "").strip().lower() in ("y", "yes")
