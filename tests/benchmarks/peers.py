"""The servers that ours is compared with: how each is found, configured, started and stopped.

Every configuration switches off what slows a load down on purpose (flood limits, name look-ups,
limits per address) and leaves everything else at its default.
"""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from benchmarks.connections import trusting_tls
from benchmarks.crowd import Address, Seating
from benchmarks.dialects import Irc
from benchmarks.machine import NotMeasured
from benchmarks.processes import free_port, run_to_end, running, wait_accepting

#: Where Debian puts servers; not on every user's PATH.
_SERVER_PATH = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))

#: ngIRCd's listener queues ten; when it is full, clients retry after one, three, seven seconds.
_NGIRCD_AT_ONCE = 8

#: InspIRCd accepts waiting connections once a second.
_INSPIRCD_AT_ONCE = 1000


@dataclass(frozen=True)
class Running:
    """A server that accepts connections."""

    pid: int
    address: Address


class Contender(Protocol):
    """A server that can be put under load."""

    @property
    def name(self) -> str:
        """The label in the tables."""

    def version(self) -> str:
        """Return its version. Raises NotMeasured if it is not installed."""

    def running(
        self, folder: Path, core: int, seating: Seating, *, tls: bool = False
    ) -> contextlib.AbstractContextManager[Running]:
        """Run it in the empty `folder` on `core`, ready for the clients of `seating`.

        Raises NotMeasured if it cannot run.
        """


def _found(program: str) -> str:
    path = shutil.which(program, path=_SERVER_PATH)
    if path is None:
        raise NotMeasured(f"{program} is not installed")
    return path


def first_line(*argv: str) -> str:
    """Return the first line that a command prints."""
    result = subprocess.run(argv, capture_output=True, text=True, timeout=10, check=False)
    return (result.stdout or result.stderr).splitlines()[0].strip()


@contextlib.contextmanager
def irc_server(
    argv: list[str],
    folder: Path,
    core: int,
    port: int,
    *,
    tls: bool,
    host: str,
    at_once: int = Address.at_once,
) -> Iterator[Running]:
    """Run an IRC server that listens on `port` of `host`, and wait until it does."""
    with running(argv, folder, core) as process:
        wait_accepting(process, (host, port), folder)
        context = trusting_tls() if tls else None
        yield Running(process.pid, Address(port, Irc(), context, at_once, host))


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """Write a self-signed certificate for localhost and its key. Raises NotMeasured."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    argv = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
        f" -subj /CN=localhost -keyout {key} -out {certificate}"
    ).split()
    run_to_end(argv, folder)
    return certificate, key


class NgIrcd:
    """ngIRCd, in C."""

    name = "ngIRCd"

    def version(self) -> str:
        """Return the version that the program prints."""
        return first_line(_found("ngircd"), "--version").removeprefix("ngIRCd ")

    @contextlib.contextmanager
    def running(
        self, folder: Path, core: int, seating: Seating, *, tls: bool = False
    ) -> Iterator[Running]:
        """Run it in the foreground, without logging to syslog."""
        host = seating.host
        port = free_port(host)
        config = folder / "ngircd.conf"
        config.write_text(self._config(folder, host, port, tls=tls))
        argv = [_found("ngircd"), "--nodaemon", "--config", str(config)]
        with irc_server(
            argv, folder, core, port, tls=tls, host=host, at_once=_NGIRCD_AT_ONCE
        ) as server:
            yield server

    def _config(self, folder: Path, host: str, port: int, *, tls: bool) -> str:
        tls_section = self._tls_section(folder, port) if tls else ""
        plain = free_port(host) if tls else port
        return _NGIRCD.format(host=host, port=plain, folder=folder) + tls_section

    def _tls_section(self, folder: Path, port: int) -> str:
        if "SSL" not in self.version():
            raise NotMeasured("this build has no TLS")
        certificate, key = make_certificate(folder)
        return f"[SSL]\nCertFile = {certificate}\nKeyFile = {key}\nPorts = {port}\n"


_NGIRCD = """\
[Global]
Name = ngircd.bench.test
Info = Load benchmark
Listen = {host}
Ports = {port}
MotdPhrase = ready
[Limits]
MaxConnections = 0
MaxConnectionsIP = 0
MaxJoins = 0
MaxNickLength = 16
MaxPenaltyTime = 0
PingTimeout = 3600
PongTimeout = 3600
[Options]
DNS = no
Ident = no
PAM = no
IncludeDir = {folder}/none
"""


class InspIrcd:
    """InspIRCd, in C++."""

    name = "InspIRCd"

    def version(self) -> str:
        """Return the version that the program prints."""
        return first_line(_found("inspircd"), "--version").removeprefix("InspIRCd-")

    @contextlib.contextmanager
    def running(
        self, folder: Path, core: int, seating: Seating, *, tls: bool = False
    ) -> Iterator[Running]:
        """Run it in the foreground."""
        if tls:
            raise NotMeasured("not part of the comparison over TLS")
        host = seating.host
        port = free_port(host)
        config = folder / "inspircd.conf"
        config.write_text(_INSPIRCD.format(host=host, port=port, folder=folder))
        argv = [_found("inspircd"), "--nofork", "--nopid", f"--config={config}"]
        if os.geteuid() == 0:
            argv.append("--runasroot")
        with irc_server(
            argv, folder, core, port, tls=False, host=host, at_once=_INSPIRCD_AT_ONCE
        ) as server:
            yield server


_INSPIRCD = """\
<server name="inspircd.bench.test" description="Load benchmark" network="bench" id="0BN">
<admin name="bench" nick="bench" email="bench@bench.test">
<path datadir="{folder}" logdir="{folder}" runtimedir="{folder}">
<bind address="{host}" port="{port}" type="clients">
<connect name="load" allow="*" timeout="60" pingfreq="3600" limit="100000" localmax="100000"
 globalmax="100000" maxchans="1000" fakelag="no" threshold="1000000000" commandrate="1000000000"
 recvq="1048576" softsendq="268435456" hardsendq="268435456" useident="no" resolvehostnames="no"
 maxconnwarn="no" useconnflood="no">
<performance netbuffersize="65534" somaxconn="4096" softlimit="100000" clonesonconnect="no">
<log method="file" type="* -USERINPUT -USEROUTPUT" level="default" target="{folder}/inspircd.log">
"""
