"""SSH keys as they are listed, and sentences about them. Pure."""

from collections.abc import Collection, Iterable, Iterator
from typing import Final

from chat_shared import messages as m
from chat_shared.errors import BadSshKey
from chat_shared.ssh_keys import SshKey, parse_key
from chat_shared.text import clean_line
from chat_tui.markup.times import moment

NONE: Final = "You have no SSH keys. With one, ssh logs you in without a password."


def name_of(key: m.SshKeyInfo) -> str:
    """Return the key's comment and type."""
    kind, comment = clean_line(key.kind), clean_line(key.comment)
    return f"{comment} ({kind})" if comment else kind


def last_use(key: m.SshKeyInfo) -> str:
    """Return when the key last logged in."""
    if key.current:
        return "used by this connection"
    return f"last used {moment(key.used)}" if key.used else "not used yet"


def not_held(offered: Iterable[str], held: Collection[m.SshKeyInfo]) -> Iterator[SshKey]:
    """Yield those of the `offered` keys that are not among those of the account."""
    fingerprints = {key.fingerprint for key in held}
    for text in offered:
        key = parse_key(text)
        if key.fingerprint not in fingerprints:
            yield key


def why_not(text: str) -> str:
    """Return why `text` is no key that can be added; empty if it is one.

    A private key must not be sent: this is asked before anything is.
    """
    try:
        parse_key(text)
    except BadSshKey as exc:
        return str(exc)
    return ""
