"""Ergo, an IRC server in Go with accounts and history, from a binary given by the user."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.connections import in_url
from benchmarks.crowd import Seating
from benchmarks.machine import NotMeasured
from benchmarks.peers import Running, first_line, irc_server, make_certificate
from benchmarks.processes import free_port, run_to_end


@dataclass(frozen=True)
class Ergo:
    """Ergo, if `binary` was given."""

    binary: Path | None
    name: str = "Ergo"

    def version(self) -> str:
        """Return the version that the program prints."""
        return first_line(self._program(), "--version").removeprefix("ergo-")

    @contextlib.contextmanager
    def running(
        self, folder: Path, core: int, seating: Seating, *, tls: bool = False
    ) -> Iterator[Running]:
        """Run it with accounts, and with its history in memory, as by default."""
        host = seating.host
        port = free_port(host)
        config = folder / "ircd.yaml"
        config.write_text(
            _CONFIG.format(listener=self._listener(folder, f"{in_url(host)}:{port}", tls=tls))
        )
        run_to_end([self._program(), "initdb", "--conf", str(config), "--quiet"], folder)
        argv = [self._program(), "run", "--conf", str(config), "--quiet"]
        with irc_server(argv, folder, core, port, tls=tls, host=host) as server:
            yield server

    def _program(self) -> str:
        if self.binary is None:
            raise NotMeasured("no binary was given (--ergo PATH)")
        return str(self.binary.resolve())

    def _listener(self, folder: Path, where: str, *, tls: bool) -> str:
        if not tls:
            return f'"{where}": {{}}'
        certificate, key = make_certificate(folder)
        return f'"{where}": {{tls: {{cert: "{certificate}", key: "{key}"}}}}'


_CONFIG = """\
network:
    name: Bench
server:
    name: ergo.bench.test
    listeners:
        {listener}
    casemapping: "ascii"
    enforce-utf8: true
    lookup-hostnames: false
    check-ident: false
    coerce-ident: "~u"
    max-sendq: 256M
    ip-limits:
        count: false
        throttle: false
        cidr-len-ipv4: 32
        cidr-len-ipv6: 64
        exempted: ["localhost"]
    ip-cloaking:
        enabled: false
accounts:
    authentication-enabled: true
    registration:
        enabled: true
    login-throttling:
        enabled: false
    nick-reservation:
        enabled: true
        method: strict
    multiclient:
        enabled: true
        allowed-by-default: true
channels:
    default-modes: +n
    max-channels-per-client: 1000
    registration:
        enabled: true
datastore:
    path: ircd.db
    autoupgrade: true
limits:
    nicklen: 32
    identlen: 20
    realnamelen: 150
    channellen: 64
    awaylen: 390
    kicklen: 390
    topiclen: 390
    monitor-entries: 100
    whowas-entries: 100
    chan-list-modes: 100
    registration-messages: 1024
    multiline:
        max-bytes: 4096
        max-lines: 100
fakelag:
    enabled: false
logging:
    - method: stderr
      type: "* -userinput -useroutput"
      level: warn
history:
    enabled: true
    channel-length: 2048
    client-length: 256
    autoresize-window: 3d
    autoreplay-on-join: 0
    chathistory-maxmessages: 1000
    znc-maxmessages: 2048
    restrictions:
        expire-time: 1w
    retention:
        allow-individual-delete: false
        enable-account-indexing: false
"""
