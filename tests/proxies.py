"""A real nginx with the site's own example, deploy/nginx.conf, in front of a process that a test started."""

import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from tests.processes import HOST, SOCKETS, eventually, owned_directory, running

EXAMPLE = settings.BASE_DIR / "deploy" / "nginx.conf"
NAME = "weige.example.gov.cn"
# What a machine's own nginx.conf says around the example; everything is written below one directory, by no root.
MACHINE = """
worker_processes 1;
pid {here}/pid;
error_log {here}/error.log warn;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {here}/body;
    proxy_temp_path {here}/proxy;
    fastcgi_temp_path {here}/fastcgi;
    uwsgi_temp_path {here}/uwsgi;
    scgi_temp_path {here}/scgi;
    include {here}/weige.conf;
}}
"""


class Proxy(NamedTuple):
    """A running nginx. `certificate` is the one it shows, made for the name of the example."""

    port: int
    certificate: Path
    directory: Path

    @property
    def address(self) -> str:
        return f"https://{HOST}:{self.port}"


@contextmanager
def nginx(upstream: str, *, changes: dict[str, str] | None = None) -> Iterator[Proxy]:
    """The example in front of `upstream` (host:port). `changes` replaces text of the example before it is used."""
    with owned_directory("nginx-", SOCKETS) as here:
        _make_certificate(here)
        plain, port = _free_port(), _free_port()
        text = EXAMPLE.read_text()
        for old, new in {
            "server 127.0.0.1:8000": f"server {upstream}",
            "listen 80;": f"listen {plain};",
            "listen 443 ssl http2;": f"listen {port} ssl http2;",
            f"/etc/ssl/certs/{NAME}.pem": f"{here}/certificate",
            f"/etc/ssl/private/{NAME}.pem": f"{here}/key",
            **(changes or {}),
        }.items():
            assert old in text, old
            text = text.replace(old, new)
        # Listens on the loopback address alone.
        text = re.sub(r"^\s*listen \[::\].*\n", "", text, flags=re.MULTILINE)
        text = text.replace("listen ", f"listen {HOST}:")
        (here / "weige.conf").write_text(text)
        (here / "nginx.conf").write_text(MACHINE.format(here=here))
        owner = here.stat()
        for file in here.iterdir():
            shutil.chown(file, owner.st_uid, owner.st_gid)
        # A plain user's PATH may lack the directory of servers.
        program = shutil.which("nginx") or "/usr/sbin/nginx"
        command = [program, "-e", here / "error.log", "-c", here / "nginx.conf", "-g", "daemon off;"]
        with running(command, user=owner.st_uid, cwd=here) as process:
            eventually(lambda: not process.is_running or _listens(port))
            assert process.is_running, (here / "error.log").read_text()
            yield Proxy(port, here / "certificate", here)


def _make_certificate(here: Path) -> None:
    """A certificate of the example's name, signed by itself."""
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
               "-days", "2", "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME},IP:{HOST}",
               "-keyout", here / "key", "-out", here / "certificate"]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)


def _free_port() -> int:
    with socket.socket() as bound:
        bound.bind((HOST, 0))
        return int(bound.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as asked:
        return asked.connect_ex((HOST, port)) == 0
