"""How servers are known since their first connection.

One line each, in a file that only its owner can read: `HOST:PORT SHA256:…`, or
`HOST:PORT authority` where certificate authorities vouch for the name. Behind that are
other addresses of the same server, as it said itself. A line `tcp://HOST:PORT unencrypted`
allows a connection that is less than what is known. The file is read each time, because
other clients of the same user write it too.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from chat_shared.limits import MAX_NODES
from chat_tui.model.address import AUTHORITY, Address, BadAddress, read_address
from chat_tui.storage import shared_file

_HEAD: Final = "# How servers are known: HOST:PORT, and SHA256:FINGERPRINT or authority.\n"
_PLAIN: Final = "tcp://"


class UnusableFile(Exception):
    """The file cannot be read or written; the message names it and says why.

    Taking every server for a new one then would make the file useless just when
    someone has tampered with it, so the client connects to none.
    """


@dataclass(frozen=True, slots=True)
class _Known:
    trust: str
    others: tuple[str, ...] = ()  # names of other addresses

    def is_same_as(self, other: "_Known", own_name: str, other_name: str) -> bool:
        """Return whether both lines are of one server, which nobody can claim of another's."""
        claims = (other_name in self.others) + (own_name in other.others)
        has_same_key = self.trust == other.trust != AUTHORITY
        return claims == 2 or (claims == 1 and has_same_key)


class KnownServers:
    """The known servers. Without a path they last as long as this object."""

    def __init__(self, path: Path | None = None) -> None:
        self.path: Final = path
        # What this run has seen holds even if the file cannot be written, or is deleted.
        self._seen: dict[str, _Known] = {}

    def find(self, address: Address) -> str:
        """Return how this server is known, or "". Raises UnusableFile.

        For an unencrypted address, that is whether it was allowed in spite of what is known.
        """
        found = self._find(_name(address))
        return found.trust if found is not None else ""

    def remember(self, address: Address, trust: str) -> None:
        """Note how this server is known, in place of what was known. Raises UnusableFile."""
        name = _name(address)
        found = self._find(name)
        if found is None or found.trust != trust:
            found = _Known(trust)  # what another server has said about itself does not count
        self._seen[name] = found
        if self.path is None or dict(self._read()).get(name) == found:
            return
        self._write(name, found)

    def others(self, address: Address) -> tuple[Address, ...]:
        """Return the other addresses of this server, at most MAX_NODES. Raises UnusableFile."""
        name = _name(address)
        found = self._find(name)
        others = found.others if found is not None else ()
        names = dict.fromkeys([*others, *self.names(name)])
        names.pop(name, None)
        return tuple(map(read_address, names))[:MAX_NODES]

    def learn(self, address: Address, others: Sequence[Address]) -> None:
        """Note the other addresses of a known server, in place of others. Raises UnusableFile."""
        name = _name(address)
        found = self._find(name)
        names = dict.fromkeys(_name(other) for other in others if _name(other) != name)
        if found is None or found.others == (new := tuple(names)[:MAX_NODES]):
            return
        self._seen[name] = replace(found, others=new)
        if self.path is not None and name in dict(self._read()):  # unless someone deleted it
            self._write(name, self._seen[name])

    def home(self, address: Address) -> Address:
        """Return the address by which the server at `address` was known first.

        That is an earlier line of which the server says that it is its own, and the other way
        round; one of them is enough where both have the same key. Raises UnusableFile.
        """
        first = next(iter(self.names(_name(address))), "")
        return address if first in ("", _name(address)) else read_address(first)

    def names(self, name: str) -> list[str]:
        """Return the keys of the lines of one server, in their order; none if it is not known.

        Raises UnusableFile.
        """
        known = self._all()
        if (own := known.get(name)) is None:
            return []
        return [
            each for each, line in known.items() if each == name or own.is_same_as(line, name, each)
        ]

    def _find(self, name: str) -> _Known | None:
        if (found := self._all().get(name)) is not None:
            self._seen[name] = found
        return found

    def _all(self) -> dict[str, _Known]:
        """Return what the file says, and what this run has seen besides, in the order of lines."""
        known = dict(self._read())
        return known | {name: seen for name, seen in self._seen.items() if name not in known}

    def _read(self) -> Iterator[tuple[str, _Known]]:
        if self.path is None:
            return iter(())
        try:
            data = shared_file.read(self.path)
        except OSError as exc:
            raise UnusableFile(f"Can't read {self.path}: {exc.strerror}.") from None
        return self._parsed(self._lines(data))

    def _write(self, name: str, known: _Known) -> None:
        assert self.path is not None
        try:
            shared_file.update(self.path, lambda data: self._with(data, name, known))
        except OSError as exc:
            raise UnusableFile(f"Can't write {self.path}: {exc.strerror}.") from None

    def _with(self, data: bytes | None, name: str, known: _Known) -> bytes:
        """Return the file with this line, in its place if there is one, and all others."""
        lines = [_HEAD.rstrip("\n")] if data is None else self._lines(data)
        new = " ".join((name, known.trust, *known.others))
        places = [n for n, line in enumerate(lines) if name in dict(self._parsed([line]))]
        for place in reversed(places[1:]):
            del lines[place]
        lines[slice(places[0], places[0] + 1) if places else slice(len(lines), None)] = [new]
        return "".join(f"{line}\n" for line in lines).encode()

    def _lines(self, data: bytes | None) -> list[str]:
        try:
            return (data or b"").decode().splitlines()
        except UnicodeDecodeError:
            raise UnusableFile(f"{self.path} isn't a UTF-8 text file.") from None

    def _parsed(self, lines: list[str]) -> Iterator[tuple[str, _Known]]:
        for number, line in enumerate(lines, start=1):
            words = line.split()
            if not words or words[0].startswith("#"):
                continue
            try:
                server, trust, *others = words
                yield _name(read_address(server)), _Known(trust, _others(trust, others))
            except (BadAddress, ValueError):
                raise UnusableFile(
                    f'{self.path}, line {number} isn\'t "HOST:PORT SHA256:…". Correct or delete it.'
                ) from None


def _others(trust: str, words: list[str]) -> tuple[str, ...]:
    """Return the names of other addresses. Raises BadAddress."""
    others = [read_address(word) for word in words]
    is_encrypted = trust == AUTHORITY or trust.startswith("SHA256:")
    if others and (not is_encrypted or any(each.plain or each.path for each in others)):
        raise BadAddress("Only an encrypted server has other addresses.")
    return tuple(map(_name, others))


def _name(address: Address) -> str:
    """Return the name of a server in the file, whatever spelling of it was typed there."""
    return f"{_PLAIN}{address.key}" if address.plain else address.key
