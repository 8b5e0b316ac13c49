"""Real servers on the loopback address for tests of what goes out: mail, HTTP, and one that never says a word.

Each is a context manager; its behaviour is an attribute that may be changed while it runs.
"""

import asyncio
import email
import email.policy
import json
import math
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

HOST = "127.0.0.1"


class SmtpServer:
    """Keeps the letters it accepted.

    `answers` holds replies by command (MAIL, RCPT, DATA) that differ from 250; at the command `hangs_at` it falls
    silent for good. Addresses in `refused` are refused for the time being. With `silent_after` letters taken it says
    no more: the sender of the last one does not hear that it was taken. `senders` counts the letters begun.
    """

    def __init__(self, login: tuple[str, str] | None) -> None:
        self.login = login
        self.port = 0
        self.answers: dict[str, str] = {}
        self.refused: set[str] = set()
        self.hangs_at = ""
        self.silent_after = math.inf
        self.senders = 0
        self.letters: list[Any] = []

    @property
    def settings(self) -> dict[str, Any]:
        """Django's settings that send mail here."""
        user, password = self.login or ("", "")
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_HOST": HOST,
            "EMAIL_PORT": self.port,
            "EMAIL_HOST_USER": user,
            "EMAIL_HOST_PASSWORD": password,
        }

    async def _reply(self, command: str, usual: str = "250 OK") -> str:
        if self.hangs_at == command:
            await asyncio.Event().wait()
        return self.answers.get(command, usual)

    async def handle_MAIL(  # noqa: N802  names and arguments are aiosmtpd's
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        self.senders += 1
        reply = await self._reply("MAIL")
        if reply.startswith("250"):
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return reply

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        reply = await self._reply("RCPT", "452 mailbox full" if address in self.refused else "250 OK")
        if reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        reply = await self._reply("DATA")
        if reply.startswith("250"):
            self.letters.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
            if len(self.letters) >= self.silent_after:
                await asyncio.Event().wait()
        return reply

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        user, password = self.login or ("", "")
        is_right = (data.login, data.password) == (user.encode(), password.encode())
        return AuthResult(success=is_right, handled=False)


class _Controller(Controller):
    """Listens on a socket that is bound already, so that no other process can take the port in between."""

    def __init__(self, listening: socket.socket, server: SmtpServer) -> None:
        options: dict[str, Any] = {}
        if server.login:
            options = {"authenticator": server.authenticate, "auth_require_tls": False}
        super().__init__(server, hostname=HOST, port=server.port, **options)
        self.listening = listening

    def _create_server(self) -> Any:
        return self.loop.create_server(self._factory_invoker, sock=self.listening)


@contextmanager
def smtp_server(*, login: tuple[str, str] | None = None) -> Iterator[SmtpServer]:
    """A mail server; with `login` (name, password) it knows that one account."""
    server = SmtpServer(login)
    with socket.create_server((HOST, 0)) as listening:
        # asyncio switches this off itself only for sockets that it made; each greeting would wait for 40 ms.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        server.port = listening.getsockname()[1]
        controller = _Controller(listening, server)
        controller.start()
        try:
            yield server
        finally:
            controller.stop()


@dataclass(frozen=True)
class Request:
    """What the HTTP server was asked."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Answer:
    """What the HTTP server answers.

    `hangs`: nothing at all; `trickles`: byte by byte for some four seconds; `endless`: the body again and again.
    """

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    hangs: bool = False
    trickles: bool = False
    endless: bool = False


def json_answer(**values: Any) -> Answer:
    """An answer with these values as JSON."""
    return Answer(body=json.dumps(values).encode(), headers={"Content-Type": "application/json"})


@dataclass
class HttpServer:
    """Keeps the requests; answers with `behaviour`, which is an `Answer` or a function of the request."""

    origin: str = ""
    port: int = 0
    behaviour: Answer | Callable[[Request], Answer] = field(default_factory=Answer)
    requests: list[Request] = field(default_factory=list)
    server_names: list[str | None] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    def answer(self, request: Request) -> Answer:
        self.requests.append(request)
        return self.behaviour(request) if callable(self.behaviour) else self.behaviour


def _handler_of(server: HttpServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            answer = server.answer(Request(self.command, parts.path, query, dict(self.headers), body))
            # The other side goes away when it has had enough.
            with suppress(OSError):
                self._write(answer)

        do_GET = do_POST  # noqa: N815

        def _write(self, answer: Answer) -> None:
            if answer.hangs:
                server.closing.wait()
                return
            if answer.trickles:
                self.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
                for _ in range(200):
                    server.closing.wait(0.02)
                    self.wfile.write(b"x")
                self.wfile.write(b"\r\n\r\n" + answer.body)
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if not answer.endless:
                self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)
            while answer.endless and not server.closing.is_set():
                self.wfile.write(answer.body)

        def log_message(self, *args: Any) -> None:
            """Says nothing."""

    return Handler


class _ThreadingServer(ThreadingHTTPServer):
    daemon_threads = False  # server_close() waits for them

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A handshake the client broke off is no error of the test."""


@contextmanager
def http_server(*, certificate: Path | None = None) -> Iterator[HttpServer]:
    """A web server; with `certificate` (a file with key and certificate) it speaks TLS."""
    server = HttpServer()
    library = _ThreadingServer((HOST, 0), _handler_of(server))
    server.port = library.server_port
    server.origin = f"{'https' if certificate else 'http'}://{HOST}:{server.port}"
    if certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
        context.sni_callback = lambda _socket, name, _context: server.server_names.append(name)
        # The handshake belongs to the connection's thread, where one that fails stops nobody else.
        library.socket = context.wrap_socket(library.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=library.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        library.shutdown()
        thread.join()
        library.server_close()


@contextmanager
def silent_server() -> Iterator[int]:
    """The port of a server that lets everybody in and never says a word."""
    with socket.create_server((HOST, 0)) as listening:
        yield listening.getsockname()[1]


@contextmanager
def closed_port() -> Iterator[int]:
    """A port where nobody listens, kept from others for the time."""
    with socket.socket() as bound:
        bound.bind((HOST, 0))
        yield bound.getsockname()[1]
