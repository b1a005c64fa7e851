"""What an invited person types or opens, as lines to copy. Pure.

Much of it comes from the server and is pasted into a shell, so nothing in it may be more than it
seems to be: what has not the form that it should have is left out.
"""

import shlex
from dataclasses import dataclass, replace
from typing import Final

from chat_shared import messages as m
from chat_shared.addresses import is_host, is_web_url
from chat_shared.limits import GENERAL
from chat_shared.links import GUEST, JOIN, JoinLink, invited_by, is_host_key
from chat_shared.text import clean_line
from chat_tui.model.address import Place

_MAX_PORT: Final = 65_535
_SSH_PORT: Final = 22  # that of `ssh` itself, which needs no mention


@dataclass(frozen=True, slots=True)
class InvitationLines:
    """Each is empty where there is no such way."""

    code: str
    join: str = ""  # typed by someone who has an account, in the chat
    ssh: str = ""  # typed by someone who has nothing but ssh
    ssh_key: str = ""  # the fingerprint that ssh shows them then
    ssh_link: str = ""  # the same as a link, which apps on phones open
    link: str = ""
    chat_tui: str = ""  # the link as an argument of the client
    web: str = ""  # opened by someone who has a browser

    @property
    def qr(self) -> str:
        """What a QR code says: phones have browsers and apps for ssh; none for our own links."""
        return self.web or self.ssh_link or self.link


def lines_of(invite: m.RoomInvite, place: Place) -> InvitationLines:
    """Return the lines for an invitation, created while connected to `place`."""
    code = invited_by(f"{JOIN}{invite.code}")
    if not code:
        return InvitationLines(clean_line(invite.code))
    kind = GUEST if invite.guests else JOIN
    key = invite.ssh_key if is_host_key(invite.ssh_key) else ""
    port = invite.ssh_port if 0 < invite.ssh_port <= _MAX_PORT else 0
    link = _link(invite, place, code, port, key)
    host = _host(invite, place) if port else ""
    flag = "" if port == _SSH_PORT else f"-p {port} "
    bracketed = f"[{host}]" if ":" in host else host
    return InvitationLines(
        code,
        join=_join(invite, code),
        ssh=f"ssh {flag}{kind}{code}@{host}" if host else "",
        ssh_key=key if host else "",
        ssh_link=f"ssh://{kind}{code}@{bracketed}:{port}" if host else "",
        link=link,
        chat_tui=f"chat-tui {shlex.quote(link)}" if link else "",
        web=f"{invite.web}#{kind}{code}" if is_web_url(invite.web) else "",
    )


def _join(invite: m.RoomInvite, code: str) -> str:
    """Return the line for those who have an account; empty where they are in, or are not meant."""
    if invite.guests or invite.room == GENERAL:
        return ""
    return f"/join {clean_line(invite.room)} {code}"


def _is_known_from_elsewhere(place: Place) -> bool:
    """Return whether other people reach the server as we do, and can verify it."""
    return place.encrypted and not place.address.is_loopback


def _host(invite: m.RoomInvite, place: Place) -> str:
    host = place.address.network_host if _is_known_from_elsewhere(place) else invite.host
    return host if is_host(host) else ""


def _link(invite: m.RoomInvite, place: Place, code: str, ssh_port: int, ssh_key: str) -> str:
    """Return the link to where we are connected, or to where the server says that it is."""
    if _is_known_from_elsewhere(place):
        host, port, fingerprint = place.address.host, place.address.port, place.fingerprint
    else:
        host, port, fingerprint = invite.host, invite.port, invite.fingerprint
        if not is_host(host) or not 0 < port <= _MAX_PORT:
            return ""
    room = "" if invite.room == GENERAL else invite.room
    ssh_port = ssh_port if ssh_key else 0
    ssh_key = ssh_key if ssh_port else ""
    link = JoinLink(host, port, room, fingerprint, "", code, ssh_port, ssh_key)
    return str(replace(link, alts=place.others_than(host, port), guest=invite.guests > 0))
